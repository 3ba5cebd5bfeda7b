/**
 * What is physically there, registered in an empty manifest: the first half of reindex. Objects in packs get their full
 * names from hashing their bytes; a loose object has its name in its path, and fsck says whether it is true. The time of
 * the last use is the time of the file.
 *
 * Damage is noted and passed over: what is named and not found shows as lost afterwards.
 */
import { toHex } from '../../core/bytes.ts';
import type { ObjectId } from '../../core/ids.ts';
import { kindBlob } from '../../core/pack-format.ts';
import type { Manifest, StoredObject } from '../../ports/manifest.ts';
import type { BackendEntry } from '../../ports/object-backend.ts';
import type { StoreContext } from '../context.ts';
import { parseStoredName } from '../objects/object-names.ts';
import { atIndex, enterPack, frameAt, isDamage, readIndex } from './pack-frames.ts';
import { PackStream } from './pack-stream.ts';
import { zstdContentSize, zstdHeaderSize } from './zstd-header.ts';

type ScanContext = Pick<StoreContext, 'backend' | 'codec' | 'progress'>;

export interface ScannedStorage {
  readonly objects: number;
  readonly packs: number;
  readonly notes: readonly string[];
}

const batchSize = 20_000;

class Registration {
  readonly notes: string[] = [];
  objects = 0;
  packs = 0;
  readonly #context: ScanContext;
  readonly #manifest: Manifest;

  constructor(context: ScanContext, manifest: Manifest) {
    this.#context = context;
    this.#manifest = manifest;
  }

  async #apply(
    objects: readonly StoredObject[],
    nowMs: number,
    packs: readonly { name: string; bytes: number }[],
  ): Promise<void> {
    this.objects += objects.length;
    await this.#manifest.apply({ facts: [{ kind: 'objects', objects, packs }], nowMs, clock: 'wall' });
  }

  async pack(pack: string, { name, size, modifiedMs: time }: BackendEntry): Promise<void> {
    const { backend, codec } = this.#context;
    const stream = new PackStream(backend, name);
    const packs = [{ name: pack, bytes: size }];
    const modifiedMs = Math.floor(time);
    let objects: StoredObject[] = [];
    try {
      if (!(await enterPack(stream))) this.notes.push(`pack ${pack}: its header is damaged`);
      while (!(await atIndex(stream))) {
        try {
          const { head, bytes, content } = await frameAt(stream, codec);
          for (const entry of head.entries) {
            const id = codec.sha256Hex(content.subarray(entry.offset, entry.offset + entry.size)) as ObjectId;
            if (!id.startsWith(toHex(entry.name))) {
              this.notes.push(`pack ${pack}: an object in the frame at ${stream.position} does not match its name`);
              continue;
            }
            const location = { kind: 'packed', pack, frame: stream.position, offset: entry.offset } as const;
            objects.push({ namespace: entry.kind === kindBlob ? 'blob' : 'record', id, size: entry.size, location });
          }
          stream.skip(bytes.length);
        } catch (error) {
          if (!isDamage(error)) throw error;
          this.notes.push(`pack ${pack}: the frame at ${stream.position} is damaged`);
          const next = (await this.#frameOffsets(pack, size)).find((offset) => offset > stream.position);
          if (next === undefined) break;
          await stream.seek(next);
        }
        if (objects.length >= batchSize) {
          await this.#apply(objects, modifiedMs, packs);
          objects = [];
        }
      }
    } finally {
      await stream.close();
    }
    await this.#apply(objects, modifiedMs, packs);
    this.packs++;
  }

  async #frameOffsets(pack: string, size: number): Promise<number[]> {
    try {
      return (await readIndex(this.#context, pack, size)).frames.map((frame) => frame.offset);
    } catch (error) {
      if (isDamage(error)) return [];
      throw error;
    }
  }

  async loose(files: readonly BackendEntry[]): Promise<void> {
    const objects: StoredObject[] = [];
    // The newest of the batch, so that nothing counts as older than it is.
    let newest = 0;
    for (const { name, size, modifiedMs } of files) {
      const parsed = parseStoredName(name);
      if (parsed?.kind !== 'loose') continue;
      const { namespace, id } = parsed;
      newest = Math.max(newest, Math.floor(modifiedMs));
      if (!parsed.zstd) objects.push({ namespace, id, size, location: { kind: 'loose' } });
      else {
        const content = zstdContentSize(await this.#context.backend.read(name, { start: 0, end: zstdHeaderSize }));
        if (content === undefined) this.notes.push(`${name} is no compressed object`);
        else objects.push({ namespace, id, size: content, location: { kind: 'loose-zstd', storedSize: size } });
      }
    }
    if (objects.length > 0) await this.#apply(objects, newest, []);
  }
}

export async function scanStorage(context: ScanContext, manifest: Manifest): Promise<ScannedStorage> {
  const { backend, progress } = context;
  const registration = new Registration(context, manifest);
  const packs: BackendEntry[] = [];
  for await (const entry of backend.list('packs/')) packs.push(entry);
  progress.begin('reading packs', packs.length);
  for (const entry of packs) {
    const parsed = parseStoredName(entry.name);
    if (parsed?.kind === 'pack') await registration.pack(parsed.pack, entry);
    progress.advance(1);
  }
  progress.begin('listing objects');
  for (const prefix of ['objects/', 'records/']) {
    let files: BackendEntry[] = [];
    for await (const entry of backend.list(prefix)) {
      files.push(entry);
      if (files.length === 1000) await registration.loose(files.splice(0));
    }
    await registration.loose(files);
    files = [];
  }
  progress.end();
  return registration;
}
