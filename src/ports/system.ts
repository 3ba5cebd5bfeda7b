/** The world as parameters: time, randomness, native hashing and compression, progress. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** `fixed` when the time was given from outside for reproducible records; events then say so. */
  readonly kind: 'wall' | 'fixed';
}

export interface Random {
  /** Unpredictable bytes. */
  bytes(count: number): Uint8Array;
}

/** An incremental SHA-256. MUST give the digests of FIPS 180-4. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** 32 bytes; the hasher is spent. */
  digest(): Uint8Array;
}

/** Native work on bytes: bulk hashing and zstd (RFC 8878). */
export interface ByteCodec {
  hasher(): Hasher;
  /** SHA-256 of the bytes, as 64 hexadecimal digits. */
  sha256Hex(bytes: Uint8Array | string): string;
  sha256(bytes: Uint8Array): Uint8Array;
  /** One whole zstd frame with its content size in the frame header. The bytes are never hashed for identity. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * The content of the one zstd frame in `bytes`. MUST throw when the frame is damaged, when anything follows it, or
   * when the content is not exactly `size` bytes long; never allocates more than `size`.
   */
  decompress(bytes: Uint8Array, size: number): Uint8Array;
  /** Streaming compression into one frame whose content will be `size` bytes. */
  compressStream(source: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array>;
  /** Streaming decompression of one frame; throws as `decompress` does. */
  decompressStream(source: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array>;
}

/** Told about long work; whoever implements it decides whether anybody sees it. */
export interface Progress {
  /** Starts a phase; `total` in the phase's unit when known. */
  begin(phase: string, total?: number): void;
  /** Adds finished units to the phase. */
  advance(done: number): void;
  end(): void;
  /** One line for people about something noteworthy (waiting for a lock, a key that was dropped). */
  note(line: string): void;
}
