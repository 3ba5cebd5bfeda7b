/**
 * Reading a pack through: every byte once, in order, each frame decoded once, each object hashed. Damage in one frame does
 * not hide the others: reading goes on where the index says that the next one begins, or, without an index, at the next
 * bytes that open as a frame. Between them the digests cover every byte of a pack (pack-format.ts says how).
 */
import { equalBytes, toHex } from '../../core/bytes.ts';
import { type FrameHead, packAccount } from '../../core/pack-format.ts';
import type { PackSurvey, SurveyedEntries } from '../../ports/pack-surveyor.ts';
import type { StoreContext } from '../context.ts';
import { packName } from '../objects/object-names.ts';
import { atIndex, enterPack, frameAt, isDamage, readIndex } from './pack-frames.ts';
import { PackStream } from './pack-stream.ts';

type SurveyContext = Pick<StoreContext, 'backend' | 'codec'>;

const firstCapacity = 1024;

/** Columns that grow. */
class Entries {
  count = 0;
  #frames = new Float64Array(firstCapacity);
  #offsets = new Uint32Array(firstCapacity);
  #sizes = new Uint32Array(firstCapacity);
  #kinds = new Uint8Array(firstCapacity);
  #digests = new Uint8Array(32 * firstCapacity);

  #grow(): void {
    const capacity = 2 * this.#kinds.length;
    const larger = <Column extends Float64Array | Uint32Array | Uint8Array>(into: Column, from: Column): Column => {
      into.set(from);
      return into;
    };
    this.#frames = larger(new Float64Array(capacity), this.#frames);
    this.#offsets = larger(new Uint32Array(capacity), this.#offsets);
    this.#sizes = larger(new Uint32Array(capacity), this.#sizes);
    this.#kinds = larger(new Uint8Array(capacity), this.#kinds);
    this.#digests = larger(new Uint8Array(32 * capacity), this.#digests);
  }

  add(frame: number, entry: FrameHead['entries'][number], digest: Uint8Array): void {
    if (this.count === this.#kinds.length) this.#grow();
    this.#frames[this.count] = frame;
    this.#offsets[this.count] = entry.offset;
    this.#sizes[this.count] = entry.size;
    this.#kinds[this.count] = entry.kind;
    this.#digests.set(digest, 32 * this.count);
    this.count++;
  }

  columns(): SurveyedEntries {
    const { count } = this;
    return {
      frames: this.#frames.slice(0, count),
      offsets: this.#offsets.slice(0, count),
      sizes: this.#sizes.slice(0, count),
      kinds: this.#kinds.slice(0, count),
      digests: this.#digests.slice(0, 32 * count),
    };
  }
}

export function damageText(error: unknown): string {
  return (error as Error).message.replace(/^not a frame of a pack: /, '');
}

/** Begins of frames by the index; empty when it cannot be read. */
async function indexedFrames(context: SurveyContext, pack: string, size: number): Promise<readonly number[]> {
  try {
    return (await readIndex(context, pack, size)).frames.map((frame) => frame.offset);
  } catch (error) {
    if (isDamage(error)) return [];
    throw error;
  }
}

/** Moves the stream to the next frame behind a broken one. False when there is none. */
async function moveOn(context: SurveyContext, stream: PackStream, indexed: readonly number[]): Promise<boolean> {
  const next = indexed.find((offset) => offset > stream.position);
  if (next !== undefined) {
    await stream.seek(next);
    return true;
  }
  if (indexed.length > 0) return false;
  stream.skip(Math.min(1, (await stream.ahead(1)).length));
  for (;;) {
    const bytes = await stream.ahead(64 * 1024);
    if (bytes.length < 4) return false;
    const at = findFrameMagic(bytes);
    stream.skip(at ?? bytes.length - 3);
    if (at === undefined) continue;
    try {
      await frameAt(stream, context.codec);
      return true;
    } catch (error) {
      if (!isDamage(error)) throw error;
      stream.skip(1);
    }
  }
}

/** Index of the next "CFRM". */
function findFrameMagic(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(0x43); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0x43, at + 1)) {
    if (bytes[at + 1] === 0x46 && bytes[at + 2] === 0x52 && bytes[at + 3] === 0x4d) return at;
  }
  return undefined;
}

/** Throws only what is no statement about the bytes, and when the pack is not there. */
export async function surveyPack(context: SurveyContext, pack: string): Promise<PackSurvey> {
  const { codec } = context;
  const { size } = await context.backend.stat(packName(pack));
  const entries = new Entries();
  const broken: { frame: number; why: string }[] = [];
  const structure: string[] = [];
  const account = packAccount(codec.hasher());
  const stream = new PackStream(context.backend, packName(pack));
  let whole = true;
  let indexed: readonly number[] | undefined;
  try {
    if (!(await enterPack(stream))) {
      structure.push('its header is damaged');
      whole = false;
    }
    while (!(await atIndex(stream))) {
      const frame = stream.position;
      try {
        const { head, bytes, content } = await frameAt(stream, codec);
        if (whole) account.frame(bytes, head.headSize);
        for (const entry of head.entries) {
          const digest = codec.sha256(content.subarray(entry.offset, entry.offset + entry.size));
          entries.add(frame, entry, digest);
          if (equalBytes(digest.subarray(0, entry.name.length), entry.name)) continue;
          structure.push(`object ${toHex(entry.name)}…, in the frame at ${frame}, does not match its name`);
        }
        stream.skip(bytes.length);
      } catch (error) {
        if (!isDamage(error)) throw error;
        whole = false;
        broken.push({ frame, why: damageText(error) });
        indexed ??= await indexedFrames(context, pack, size);
        if (!(await moveOn(context, stream, indexed))) break;
      }
    }
    if (whole) {
      const { bytes, id } = account.end();
      const tail = await stream.ahead(bytes.length + 1);
      if (!equalBytes(tail, bytes)) structure.push('its index or trailer is damaged');
      else if (toHex(id) !== pack) structure.push('it is not the pack that its name says');
    }
    return { size, bytesRead: stream.bytesRead, entries: entries.columns(), broken, structure };
  } finally {
    await stream.close();
  }
}
