/** Every record that the log names, read and hashed; and every text of a record that the manifest keeps beside its columns. */
import { utf8 } from '../../core/bytes.ts';
import { type ObjectId, shortId } from '../../core/ids.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import { readStored, visitObjects } from '../objects/object-reader.ts';
import type { AuditContext } from './audit-context.ts';
import { type AuditCheck, Findings, verdict } from './audit-finding.ts';
import type { Rebuilt } from './audit-tables.ts';

type Records = Pick<Rebuilt, 'manifest'> & { readonly named: Pick<Rebuilt['named'], 'has'> };

const batchSize = 1000;

async function readAll(context: AuditContext, objects: readonly StoredObject[], findings: Findings): Promise<void> {
  const failed = (id: ObjectId, error: unknown): void => {
    findings.add(`record ${shortId(id)}`, error instanceof Error ? error.message : String(error));
  };
  const large = await visitObjects(
    context,
    objects,
    () => undefined,
    (index, error) => failed((objects[index] as StoredObject).id, error),
  );
  for (const index of large) {
    const object = objects[index] as StoredObject;
    try {
      await readStored(context, object);
    } catch (error) {
      failed(object.id, error);
    }
  }
}

/**
 * Where the log cannot be replayed, nobody says which records there should be: then every one that is stored is read, and the
 * check is not passed whatever comes of it.
 */
export async function auditStoredRecords(context: AuditContext): Promise<AuditCheck> {
  const check = await auditRecords(context, { manifest: context.manifest, named: { has: () => true } });
  if (check.count > 0) return check;
  throw new Error('the log cannot be replayed, so nobody says which records there should be');
}

/** Payloads and contexts may be erased: those that are not there are counted and no fault. */
export async function auditRecords(context: AuditContext, { manifest, named }: Records): Promise<AuditCheck> {
  const findings = new Findings();
  let [read, erased] = [0, 0];
  const batch: StoredObject[] = [];
  for await (const object of manifest.allObjects()) {
    if (object.namespace !== 'record' || !named.has('record', object.id)) continue;
    if (object.location.kind === 'absent') {
      erased++;
      continue;
    }
    read++;
    batch.push(object);
    if (batch.length === batchSize) await readAll(context, batch.splice(0), findings);
  }
  await readAll(context, batch, findings);
  const gone = erased === 0 ? '' : `; ${erased} texts were erased`;
  return verdict('records', findings, `the bytes of ${read} records match their ids${gone}`);
}

export async function auditTexts({ manifest, codec }: AuditContext): Promise<AuditCheck> {
  const findings = new Findings();
  let count = 0;
  for await (const { table, id, text } of manifest.governanceTexts()) {
    count++;
    if (codec.sha256Hex(utf8(text)) === id) continue;
    const subject = table === 'policy' || table === 'candidate' || table === 'report' ? { kind: table, id } : undefined;
    const { rows } = subject === undefined ? { rows: [] } : await manifest.events({ subject }, { limit: 1 });
    findings.add(
      `${table} ${shortId(id)}`,
      'the text of its record is not what its id is of',
      rows[0]?.event.record.timestamp,
    );
  }
  return verdict('record-texts', findings, `${count} texts in the manifest match their ids`);
}
