/**
 * The first and the last bytes of a stream, in bounded memory: the head fills first, then a ring holds the newest bytes.
 * Nothing is lost while the stream is no longer than both together.
 */
import type { CapturedStream } from '../../ports/process.ts';

export class OutputCapture {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Uint8Array[] = [];
  #headLength = 0;
  /** Made when the head is full: most commands say little. */
  #ring: Uint8Array | undefined;
  /** Bytes that went into the ring; the next one goes to this modulo its length. */
  #ringed = 0;
  readerGone = false;

  constructor(keep: { readonly head: number; readonly tail: number }) {
    this.#headLimit = keep.head;
    this.#tailLimit = keep.tail;
  }

  add(chunk: Uint8Array): void {
    const room = Math.min(chunk.length, this.#headLimit - this.#headLength);
    if (room > 0) {
      this.#head.push(chunk.slice(0, room));
      this.#headLength += room;
    }
    if (room < chunk.length) this.#addToRing(chunk.subarray(room));
  }

  #addToRing(bytes: Uint8Array): void {
    const limit = this.#tailLimit;
    if (limit === 0) {
      this.#ringed += bytes.length;
      return;
    }
    this.#ring ??= new Uint8Array(limit);
    const skipped = Math.max(0, bytes.length - limit);
    this.#ringed += skipped;
    const kept = bytes.subarray(skipped);
    const at = this.#ringed % limit;
    const first = kept.subarray(0, limit - at);
    this.#ring.set(first, at);
    this.#ring.set(kept.subarray(first.length), 0);
    this.#ringed += kept.length;
  }

  result(): CapturedStream {
    const head = new Uint8Array(this.#headLength);
    let at = 0;
    for (const part of this.#head) {
      head.set(part, at);
      at += part.length;
    }
    return { head, tail: this.#tail(), total: this.#headLength + this.#ringed, readerGone: this.readerGone };
  }

  #tail(): Uint8Array {
    if (this.#ring === undefined) return new Uint8Array(0);
    if (this.#ringed <= this.#tailLimit) return this.#ring.slice(0, this.#ringed);
    const start = this.#ringed % this.#tailLimit;
    const tail = new Uint8Array(this.#tailLimit);
    tail.set(this.#ring.subarray(start), 0);
    tail.set(this.#ring.subarray(0, start), this.#tailLimit - start);
    return tail;
  }
}
