/**
 * What can still be had of a damaged pack. A frame that fails its check may hold objects that are whole, so every way to
 * read its content is tried, and each object is taken only when its bytes hash to its name: nothing else is evidence.
 *
 * Ways to read a frame: as it says; as its head says, whatever its check says; and, where the head itself is damaged, as
 * the manifest says its objects lie, raw at the frame's end or in the zstd frame that begins somewhere in it.
 */
import { isCodedError } from '../../core/errors.ts';
import { frameContentLimit, frameHeadLimit, parseFrameHead } from '../../core/pack-format.ts';
import type { StoreContext } from '../context.ts';
import { packName } from '../objects/object-names.ts';
import { isDamage, readIndex } from './pack-frames.ts';
import type { PackedRows } from './packed-rows.ts';

type SalvageContext = Pick<StoreContext, 'backend' | 'codec'>;

const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (isDamage(error) || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `bytes` begins with the frame and ends with it, or behind it where its end is not known. */
function* readings(bytes: Uint8Array, contentSize: number, codec: SalvageContext['codec']): Generator<Uint8Array> {
  const head = attempt(() => parseFrameHead(bytes));
  if (head !== undefined) {
    const payload = bytes.subarray(head.headSize, head.headSize + head.storedSize);
    const content = head.encoding === 0 ? payload : attempt(() => codec.decompress(payload, head.contentSize));
    if (content !== undefined) yield content;
  }
  if (contentSize <= bytes.length) yield bytes.subarray(bytes.length - contentSize);
  for (let at = 0; at + 4 < Math.min(bytes.length, frameHeadLimit); at++) {
    if (!zstdMagic.every((byte, index) => bytes[at + index] === byte)) continue;
    const content = attempt(() => codec.decompress(bytes.subarray(at), contentSize));
    if (content !== undefined) yield content;
  }
}

async function frameEnds(
  context: SalvageContext,
  pack: string,
  size: number,
  offsets: readonly number[],
): Promise<Map<number, number>> {
  const starts = new Set(offsets);
  let end = size;
  try {
    const index = await readIndex(context, pack, size);
    for (const frame of index.frames) starts.add(frame.offset);
    const last = index.frames.at(-1);
    if (last !== undefined) end = last.offset + last.size;
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
  const sorted = [...starts].sort((left, right) => left - right);
  return new Map(sorted.map((start, position) => [start, sorted[position + 1] ?? end]));
}

/** Gives every object of the pack that can still be read to `found`; the rows of the others are returned. */
export async function salvagePack(
  context: SalvageContext,
  pack: string,
  size: number,
  rows: PackedRows,
  found: (row: number, bytes: Uint8Array) => Promise<void>,
): Promise<number[]> {
  const lost: number[] = [];
  const frames = rows.frames(pack);
  const ends = await frameEnds(context, pack, size, [...frames.keys()]);
  for (const [offset, members] of frames) {
    const end = Math.min(ends.get(offset) ?? size, offset + frameHeadLimit + frameContentLimit);
    const bytes = await context.backend.read(packName(pack), { start: offset, end });
    const contentSize = members.reduce((most, row) => Math.max(most, rows.offset(row) + rows.size(row)), 0);
    const wanted = new Set(members);
    for (const content of readings(bytes, contentSize, context.codec)) {
      for (const row of wanted) {
        const slice = content.subarray(rows.offset(row), rows.offset(row) + rows.size(row));
        if (slice.length !== rows.size(row) || context.codec.sha256Hex(slice) !== rows.id(row)) continue;
        wanted.delete(row);
        await found(row, slice);
      }
      if (wanted.size === 0) break;
    }
    lost.push(...wanted);
  }
  return lost;
}
