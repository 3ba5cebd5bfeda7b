/**
 * What the manifest says lies in packs, by pack and frame, in columns: a million rows take about 120 MB.
 */
import type { ObjectId } from '../../core/ids.ts';
import type { Namespace, StoredObject } from '../../ports/manifest.ts';

/** Rows of one pack by the byte offset of their frame; each list in the order of offset, then size, in the content. */
export type FrameRows = ReadonlyMap<number, readonly number[]>;

const none: FrameRows = new Map();

export class PackedRows {
  readonly #ids: ObjectId[] = [];
  readonly #sizes: number[] = [];
  readonly #offsets: number[] = [];
  readonly #kinds: (0 | 1)[] = [];
  readonly #packs = new Map<string, Map<number, number[]>>();
  /** Rows of one pack come together. */
  #lastPack = '';
  #lastFrames = new Map<number, number[]>();

  get count(): number {
    return this.#ids.length;
  }

  add(object: StoredObject): void {
    const { location } = object;
    if (location.kind !== 'packed') return;
    const row = this.#ids.length;
    this.#ids.push(object.id);
    this.#sizes.push(object.size);
    this.#offsets.push(location.offset);
    this.#kinds.push(object.namespace === 'blob' ? 0 : 1);
    if (location.pack !== this.#lastPack) {
      this.#lastPack = location.pack;
      let frames = this.#packs.get(location.pack);
      if (frames === undefined) {
        frames = new Map();
        this.#packs.set(location.pack, frames);
      }
      this.#lastFrames = frames;
    }
    const rows = this.#lastFrames.get(location.frame);
    if (rows === undefined) this.#lastFrames.set(location.frame, [row]);
    else this.#insert(rows, row);
  }

  /** Rows arrive nearly in order, so this looks from the end. */
  #insert(rows: number[], row: number): void {
    let at = rows.length;
    while (at > 0 && this.#precedes(row, rows[at - 1] as number)) at--;
    if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
  }

  #precedes(left: number, right: number): boolean {
    return (
      this.offset(left) - this.offset(right) < 0 ||
      (this.offset(left) === this.offset(right) && this.size(left) < this.size(right))
    );
  }

  packs(): IterableIterator<string> {
    return this.#packs.keys();
  }
  frames(pack: string): FrameRows {
    return this.#packs.get(pack) ?? none;
  }
  id(row: number): ObjectId {
    return this.#ids[row] as ObjectId;
  }
  size(row: number): number {
    return this.#sizes[row] as number;
  }
  /** Offset in the frame's content. */
  offset(row: number): number {
    return this.#offsets[row] as number;
  }
  /** As a pack writes it: 0 blob, 1 record. */
  kind(row: number): 0 | 1 {
    return this.#kinds[row] as 0 | 1;
  }
  namespace(row: number): Namespace {
    return this.kind(row) === 0 ? 'blob' : 'record';
  }
}
