/**
 * Checking one pack against its own digests, its name, and what the manifest says lies in it.
 *
 * `readPack` reads every byte once, in order, and decodes each frame once; `inspectPack` reads header, heads, index and
 * trailer only. Damage in one frame does not hide the others: the check goes on at the next place where the index or the
 * manifest says that a frame begins. Between them every byte of a pack is covered (pack-format.ts says by what).
 */
import { equalBytes, toHex } from '../../core/bytes.ts';
import { type FrameHead, packAccount, packHeaderSize, packMagic } from '../../core/pack-format.ts';
import type { StoreContext } from '../context.ts';
import { packName } from '../objects/object-names.ts';
import { atIndex, enterPack, frameAt, isDamage, readHead, readIndex } from './pack-frames.ts';
import { PackStream } from './pack-stream.ts';
import type { FrameRows, PackedRows } from './packed-rows.ts';

type VerifyContext = Pick<StoreContext, 'backend' | 'codec'>;

export interface DamagedRow {
  readonly row: number;
  readonly why: string;
}

export interface PackVerdict {
  /** Rows whose objects cannot be read. */
  readonly damaged: readonly DamagedRow[];
  /** What is wrong with the pack apart from its objects: header, index, trailer, name, entries nobody needs. */
  readonly structure: readonly string[];
  readonly bytesRead: number;
}

class Verdict implements PackVerdict {
  readonly damaged: DamagedRow[] = [];
  readonly structure: string[] = [];
  bytesRead = 0;
  readonly #rows: PackedRows;
  readonly #frames: FrameRows;
  readonly #seen = new Set<number>();

  constructor(rows: PackedRows, frames: FrameRows) {
    this.#rows = rows;
    this.#frames = frames;
  }

  /** Compares a frame with its rows. `content` is there when the bytes are to be checked. */
  frame(
    offset: number,
    head: FrameHead,
    content: Uint8Array | undefined,
    sha256Hex: (bytes: Uint8Array) => string,
  ): void {
    this.#seen.add(offset);
    const rows = this.#rows;
    const members = this.#frames.get(offset) ?? [];
    let at = 0;
    for (const entry of head.entries) {
      const hash = content && sha256Hex(content.subarray(entry.offset, entry.offset + entry.size));
      for (; at < members.length; at++) {
        const row = members[at] as number;
        const place = rows.offset(row) - entry.offset || rows.size(row) - entry.size;
        if (place >= 0) break;
        this.damaged.push({ row, why: 'its frame has no entry at its place' });
      }
      let matched = false;
      for (; at < members.length; at++) {
        const row = members[at] as number;
        if (rows.offset(row) !== entry.offset || rows.size(row) !== entry.size) break;
        matched = true;
        if (rows.kind(row) !== entry.kind)
          this.damaged.push({ row, why: 'its frame says that it is of the other namespace' });
        else if (hash !== undefined && hash !== rows.id(row))
          this.damaged.push({ row, why: 'its bytes do not match its name' });
        else if (hash === undefined && !rows.id(row).startsWith(toHex(entry.name))) {
          this.damaged.push({ row, why: 'its frame names another object at its place' });
        }
      }
      if (!matched && hash !== undefined && !hash.startsWith(toHex(entry.name))) {
        this.structure.push(`an entry that nothing uses, in the frame at ${offset}, does not match its name`);
      }
    }
    for (; at < members.length; at++)
      this.damaged.push({ row: members[at] as number, why: 'its frame has no entry at its place' });
  }

  /** A frame that cannot be opened takes all its objects with it. */
  broken(offset: number, why: string): void {
    this.structure.push(`the frame at ${offset} is damaged (${why})`);
    this.#seen.add(offset);
    for (const row of this.#frames.get(offset) ?? []) this.damaged.push({ row, why: `its frame is damaged (${why})` });
  }

  /** Rows whose frame was nowhere. */
  finish(): void {
    for (const [offset, rows] of this.#frames) {
      if (this.#seen.has(offset)) continue;
      for (const row of rows) this.damaged.push({ row, why: 'its pack has no frame at its place' });
    }
  }
}

function reason(error: unknown): string {
  return (error as Error).message.replace(/^not a frame of a pack: /, '');
}

/** Where frames begin, by the index if it can be read, and by the manifest. */
async function landmarks(context: VerifyContext, pack: string, size: number, frames: FrameRows): Promise<number[]> {
  const known = new Set(frames.keys());
  try {
    for (const frame of (await readIndex(context, pack, size)).frames) known.add(frame.offset);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return [...known].sort((left, right) => left - right);
}

/** Reads and checks every byte. Throws only what is no statement about the bytes, and when the pack is not there. */
export async function readPack(
  context: VerifyContext,
  pack: string,
  size: number,
  rows: PackedRows,
): Promise<PackVerdict> {
  const { codec } = context;
  const verdict = new Verdict(rows, rows.frames(pack));
  const stream = new PackStream(context.backend, packName(pack));
  const account = packAccount(codec.hasher());
  let whole = true;
  try {
    if (!(await enterPack(stream))) {
      verdict.structure.push('its header is damaged');
      whole = false;
    }
    while (!(await atIndex(stream))) {
      try {
        const { head, bytes, content } = await frameAt(stream, codec);
        if (whole) account.frame(bytes, head.headSize);
        verdict.frame(stream.position, head, content, codec.sha256Hex);
        stream.skip(bytes.length);
      } catch (error) {
        if (!isDamage(error)) throw error;
        whole = false;
        verdict.broken(stream.position, reason(error));
        const next = (await landmarks(context, pack, size, rows.frames(pack))).find(
          (offset) => offset > stream.position,
        );
        if (next === undefined) break;
        await stream.seek(next);
      }
    }
    if (whole) {
      const { bytes, id } = account.end();
      const tail = await stream.ahead(bytes.length + 1);
      if (!equalBytes(tail, bytes)) verdict.structure.push('its index or trailer is damaged');
      else if (toHex(id) !== pack) verdict.structure.push('it is not the pack that its name says');
    }
    verdict.finish();
    verdict.bytesRead = stream.bytesRead;
    return verdict;
  } finally {
    await stream.close();
  }
}

/** Checks everything but payloads. Throws as `readPack` does. */
export async function inspectPack(
  context: VerifyContext,
  pack: string,
  size: number,
  rows: PackedRows,
): Promise<PackVerdict> {
  const { backend, codec } = context;
  const verdict = new Verdict(rows, rows.frames(pack));
  const hasher = codec.hasher();
  const start = await backend.read(packName(pack), { start: 0, end: packHeaderSize });
  if (!equalBytes(start, packMagic)) verdict.structure.push('its header is damaged');
  hasher.update(start);
  verdict.bytesRead += start.length;
  let index: Awaited<ReturnType<typeof readIndex>>;
  try {
    index = await readIndex(context, pack, size);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Without an index only reading the pack tells which objects are there.
    const { structure, damaged, bytesRead } = await readPack(context, pack, size, rows);
    return {
      damaged,
      structure: structure.length > 0 ? structure : [reason(error)],
      bytesRead: verdict.bytesRead + bytesRead,
    };
  }
  let whole = true;
  for (const frame of index.frames) {
    try {
      const { head, bytes } = await readHead(context, pack, frame);
      hasher.update(bytes);
      verdict.bytesRead += bytes.length;
      verdict.frame(frame.offset, head, undefined, codec.sha256Hex);
    } catch (error) {
      if (!isDamage(error)) throw error;
      whole = false;
      verdict.broken(frame.offset, reason(error));
    }
  }
  hasher.update(index.bytes);
  const id = hasher.digest();
  if (whole && !equalBytes(id, index.id)) verdict.structure.push('its digest does not match');
  else if (toHex(index.id) !== pack) verdict.structure.push('it is not the pack that its name says');
  verdict.finish();
  return verdict;
}
