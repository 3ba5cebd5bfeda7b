/**
 * What the manifest says lies in packs, by pack and frame. Rows stay in the columns that the manifest gave: a million of
 * them take about 60 MB. A row's number is the number of its batch and its place in it.
 */
import { toHex } from '../../core/bytes.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { Namespace, ObjectColumns } from '../../ports/manifest.ts';

/** Rows of one pack by the byte offset of their frame; each list in the order of offset, then size, in the content. */
export type FrameRows = ReadonlyMap<number, readonly number[]>;

const none: FrameRows = new Map();
const batchBits = 16;
const placeMask = (1 << batchBits) - 1;
const digestLength = 32;

export class PackedRows {
  readonly #batches: ObjectColumns[] = [];
  readonly #packs = new Map<string, Map<number, number[]>>();
  count = 0;

  /** Takes the rows that lie in packs; the others are the caller's. */
  add(columns: ObjectColumns): void {
    const first = this.#batches.push(columns) - 1;
    /** Lists of this batch by the index of the frame. */
    const lists: number[][] = [];
    const { places, frames } = columns;
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as number;
      if (place < 0) continue;
      lists[place] ??= this.#list(frames[place] as ObjectColumns['frames'][number]);
      this.#insert(lists[place], first * (placeMask + 1) + index);
      this.count++;
    }
  }

  #list({ pack, frame }: ObjectColumns['frames'][number]): number[] {
    let frames = this.#packs.get(pack);
    if (frames === undefined) {
      frames = new Map();
      this.#packs.set(pack, frames);
    }
    let rows = frames.get(frame);
    if (rows === undefined) {
      rows = [];
      frames.set(frame, rows);
    }
    return rows;
  }

  /** Rows arrive nearly in order, so this looks from the end. */
  #insert(rows: number[], row: number): void {
    let at = rows.length;
    while (at > 0 && this.#precedes(row, rows[at - 1] as number)) at--;
    if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
  }

  #precedes(left: number, right: number): boolean {
    const order = this.offset(left) - this.offset(right);
    return order < 0 || (order === 0 && this.size(left) < this.size(right));
  }

  #columns(row: number): ObjectColumns {
    return this.#batches[Math.floor(row / (placeMask + 1))] as ObjectColumns;
  }

  packs(): IterableIterator<string> {
    return this.#packs.keys();
  }
  frames(pack: string): FrameRows {
    return this.#packs.get(pack) ?? none;
  }
  id(row: number): ObjectId {
    const start = (row & placeMask) * digestLength;
    return toHex(this.#columns(row).digests.subarray(start, start + digestLength)) as ObjectId;
  }
  /** True when the row's id is the digest at this place. */
  isDigest(row: number, digests: Uint8Array, start: number): boolean {
    const own = this.#columns(row).digests;
    const at = (row & placeMask) * digestLength;
    for (let index = 0; index < digestLength; index++) if (own[at + index] !== digests[start + index]) return false;
    return true;
  }
  size(row: number): number {
    return this.#columns(row).sizes[row & placeMask] as number;
  }
  /** Offset in the frame's content. */
  offset(row: number): number {
    return this.#columns(row).at[row & placeMask] as number;
  }
  /** As a pack writes it: 0 blob, 1 record. */
  kind(row: number): number {
    return this.#columns(row).kinds[row & placeMask] as number;
  }
  namespace(row: number): Namespace {
    return this.kind(row) === 0 ? 'blob' : 'record';
  }
}
