/**
 * A pack read from front to back through one buffer: pieces arrive from the backend while the caller works on what is
 * already there, and a frame is always given as one run of bytes. Seeking forward is possible; it starts a new read.
 */
import type { ObjectBackend } from '../../ports/object-backend.ts';

const capacity = 1024 * 1024;

export class PackStream {
  readonly #backend: ObjectBackend;
  readonly #name: string;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #buffer = new Uint8Array(capacity);
  #start = 0;
  #end = 0;
  #ended = false;
  /** Byte offset in the pack of what `ahead` gives next. */
  position = 0;
  /** Bytes taken from the backend. */
  bytesRead = 0;

  constructor(backend: ObjectBackend, name: string) {
    this.#backend = backend;
    this.#name = name;
  }

  /**
   * At least `count` bytes from the position on, fewer only where the pack ends; more when they are there. Valid until
   * the next call of anything here. Throws what the backend throws.
   */
  async ahead(count: number): Promise<Uint8Array> {
    while (this.#end - this.#start < count && !this.#ended) {
      this.#chunks ??= this.#backend.get(this.#name, { start: this.position })[Symbol.asyncIterator]();
      const next = await this.#chunks.next();
      if (next.done === true) this.#ended = true;
      else this.#take(next.value, count);
    }
    return this.#buffer.subarray(this.#start, this.#end);
  }

  #take(chunk: Uint8Array, count: number): void {
    const held = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const needed = Math.max(held + chunk.length, count);
      const target = needed > this.#buffer.length ? new Uint8Array(needed + capacity) : this.#buffer;
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
    this.bytesRead += chunk.length;
  }

  /** Moves on by bytes that `ahead` gave. */
  skip(count: number): void {
    this.#start += count;
    this.position += count;
  }

  /** Moves to a position further on. */
  async seek(position: number): Promise<void> {
    const distance = position - this.position;
    if (distance <= this.#end - this.#start) {
      this.skip(distance);
      return;
    }
    await this.close();
    this.position = position;
    this.#start = 0;
    this.#end = 0;
    this.#ended = false;
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    await chunks?.return?.();
  }
}
