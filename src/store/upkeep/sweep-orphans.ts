/**
 * Files that the manifest does not point at: what a killed command had made durable and never named, second copies, and
 * what a killed gc had not yet removed. They go when they are older than the grace period; bytes that were erased go at
 * once. A second copy goes only after the first has been read: it may be the only good one.
 */
import { CodedError } from '../../core/errors.ts';
import type { ObjectEntry } from '../../ports/manifest.ts';
import type { BackendEntry } from '../../ports/object-backend.ts';
import type { StoreContext } from '../context.ts';
import { parseStoredName, storedName } from '../objects/object-names.ts';
import { verifyStored } from '../objects/object-reader.ts';
import { isDamage } from './pack-frames.ts';

export interface Orphans {
  readonly files: readonly BackendEntry[];
  /** Files that were left because they may be needed. */
  readonly spared: readonly string[];
}

const batchSize = 500;

type ParsedLoose = Extract<ReturnType<typeof parseStoredName>, { kind: 'loose' }>;

async function isErased(context: StoreContext, row: ObjectEntry): Promise<boolean> {
  if (row.namespace !== 'blob' || row.location.kind !== 'absent') return false;
  const { rows } = await context.manifest.listArtifacts({ blob: row.id as never }, { limit: 0 });
  return rows.length > 0 && rows.every((artifact) => artifact.status === 'tombstoned');
}

async function isReadable(context: StoreContext, row: ObjectEntry): Promise<boolean> {
  try {
    await verifyStored(context, row);
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw new CodedError('GC_INCOMPLETE', `object ${row.id} cannot be read`, {
      data: { object: row.id },
      cause: error,
    });
  }
}

/** Finds them; removes nothing. The caller holds the store exclusively. */
export async function findOrphans(context: StoreContext, olderThanMs: number): Promise<Orphans> {
  const { backend, manifest } = context;
  const files: BackendEntry[] = [];
  const spared: string[] = [];

  async function decide(entry: BackendEntry, row: ObjectEntry | undefined): Promise<void> {
    if (row !== undefined && storedName(row.namespace, row.id, row.location) === entry.name) return;
    if (entry.modifiedMs >= olderThanMs) {
      if (row !== undefined && (await isErased(context, row))) files.push(entry);
      return;
    }
    const isOnlyCopy =
      row !== undefined &&
      (row.location.kind === 'absent' ? row.location.lost === true : !(await isReadable(context, row)));
    if (isOnlyCopy) spared.push(entry.name);
    else files.push(entry);
  }

  for (const prefix of ['objects/', 'records/']) {
    let batch: { entry: BackendEntry; parsed: ParsedLoose }[] = [];
    const flush = async (): Promise<void> => {
      const namespace = prefix === 'objects/' ? 'blob' : 'record';
      const rows = await manifest.objects(
        namespace,
        batch.map(({ parsed }) => parsed.id),
      );
      for (let index = 0; index < batch.length; index++)
        await decide((batch[index] as { entry: BackendEntry }).entry, rows[index]);
      batch = [];
    };
    for await (const entry of backend.list(prefix)) {
      const parsed = parseStoredName(entry.name);
      // A name that is not ours is not ours to remove.
      if (parsed?.kind === 'loose') batch.push({ entry, parsed });
      if (batch.length === batchSize) await flush();
    }
    await flush();
  }
  const packs = new Set((await manifest.packs()).map((pack) => pack.name));
  for await (const entry of backend.list('packs/')) {
    const parsed = parseStoredName(entry.name);
    if (parsed?.kind === 'pack' && !packs.has(parsed.pack) && entry.modifiedMs < olderThanMs) files.push(entry);
  }
  return { files, spared };
}
