/**
 * Writes packs through the backend. Frames are pushed in; the backend pulls pieces of about 256 KiB, which is the size
 * that was measured to write fastest (docs/decisions).
 */
import { concatBytes, toHex } from '../../core/bytes.ts';
import { packAccount } from '../../core/pack-format.ts';
import type { PackEntry } from '../../ports/manifest.ts';
import type { ObjectBackend } from '../../ports/object-backend.ts';
import type { ByteCodec } from '../../ports/system.ts';
import { packName } from './object-names.ts';

const pieceSize = 256 * 1024;
/** Frames from this size on are handed over as they are; smaller ones are gathered first. */
const directSize = 64 * 1024;
/** A pack is closed when it has grown to this size, so that rewriting one stays cheap. */
const packSizeLimit = 512 * 1024 * 1024;
/** Pieces that may wait for the backend. */
const piecesWaiting = 4;

/** Hands pieces from a writer that pushes to a reader that pulls; the writer waits when the reader is behind. */
class Handoff {
  readonly #pieces: Uint8Array[] = [];
  #ended: { failure?: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  async push(piece: Uint8Array): Promise<void> {
    while (this.#pieces.length >= piecesWaiting && this.#ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
    this.#pieces.push(piece);
    this.#wakeReader?.();
  }

  end(failure?: unknown): void {
    this.#ended ??= failure === undefined ? {} : { failure };
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      this.#wakeWriter?.();
      if (piece !== undefined) {
        yield piece;
        continue;
      }
      if (this.#ended !== undefined) {
        if (this.#ended.failure !== undefined) throw this.#ended.failure;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }
}

/** Where a frame went: the name of its pack is known when the pack has ended. */
export interface FramePlace {
  /** Number of the pack in this writer, from 0. */
  readonly pack: number;
  /** Byte offset in the pack. */
  readonly frame: number;
}

class OpenPack {
  readonly account: ReturnType<typeof packAccount>;
  readonly handoff = new Handoff();
  #buffered: Uint8Array[];
  #bufferedSize: number;
  name = '';
  size = 0;
  readonly written: Promise<unknown>;

  constructor(backend: ObjectBackend, codec: ByteCodec) {
    this.account = packAccount(codec.hasher());
    this.#buffered = [this.account.start];
    this.#bufferedSize = this.account.start.length;
    this.written = backend.put(() => packName(this.name), this.handoff.pieces());
    // Awaited in `end`; until then a failure only stops the writer.
    this.written.catch((error: unknown) => this.handoff.end(error));
  }

  async push(bytes: Uint8Array): Promise<void> {
    if (bytes.length >= directSize) {
      await this.#flush();
      await this.#hand(bytes);
      return;
    }
    this.#buffered.push(bytes);
    this.#bufferedSize += bytes.length;
    if (this.#bufferedSize >= pieceSize) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#buffered.length === 0) return;
    const piece = concatBytes(...this.#buffered);
    this.#buffered = [];
    this.#bufferedSize = 0;
    await this.#hand(piece);
  }

  async #hand(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; at += pieceSize) await this.handoff.push(piece.subarray(at, at + pieceSize));
  }

  async end(): Promise<PackEntry> {
    const { bytes, id, size } = this.account.end();
    this.name = toHex(id);
    this.#buffered.push(bytes);
    await this.#flush();
    this.handoff.end();
    await this.written;
    return { name: this.name, bytes: size };
  }
}

export class PackWriter {
  readonly #backend: ObjectBackend;
  readonly #codec: ByteCodec;
  readonly #done: PackEntry[] = [];
  #open: OpenPack | undefined;
  #openSize = 0;

  constructor(backend: ObjectBackend, codec: ByteCodec) {
    this.#backend = backend;
    this.#codec = codec;
  }

  async frame(bytes: Uint8Array, headSize: number): Promise<FramePlace> {
    if (this.#open !== undefined && this.#openSize > packSizeLimit) await this.#close();
    this.#open ??= new OpenPack(this.#backend, this.#codec);
    const frame = this.#open.account.frame(bytes, headSize);
    const place = { pack: this.#done.length, frame };
    this.#openSize = frame + bytes.length;
    await this.#open.push(bytes);
    return place;
  }

  async #close(): Promise<void> {
    if (this.#open === undefined) return;
    this.#done.push(await this.#open.end());
    this.#open = undefined;
    this.#openSize = 0;
  }

  /** Ends the last pack; the packs by their numbers. */
  async end(): Promise<readonly PackEntry[]> {
    await this.#close();
    return this.#done;
  }

  /** Stops without a pack; the backend drops what it was given. */
  async abandon(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    open.handoff.end(new Error('the pack was abandoned'));
    await open.written.catch(() => undefined);
  }
}
