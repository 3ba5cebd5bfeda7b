/**
 * The wire form of SSH (RFC 4251, section 5), as keys, signatures and the agent use it: `uint32` is big endian, `string` is
 * its length as uint32 and then that many bytes. Reading is bounded by the bytes at hand and copies nothing.
 */
import { concatBytes, utf8, utf8Decode } from '../bytes.ts';
import { CodedError, type ErrorCode } from '../errors.ts';

export function wireUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function wireString(content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  return concatBytes(wireUint32(bytes.length), bytes);
}

/** Reads hostile bytes from front to back; what is cut short or left over throws `code`, naming what was being read. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #code: ErrorCode;
  #at = 0;

  constructor(bytes: Uint8Array, what: string, code: ErrorCode) {
    this.#bytes = bytes;
    this.#what = what;
    this.#code = code;
  }

  fault(why: string): CodedError {
    return new CodedError(this.#code, `${this.#what}: ${why}`, { data: { reason: 'malformed' } });
  }

  bytes(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw this.fault('it is cut short');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte(): number {
    return this.bytes(1)[0] as number;
  }

  uint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.bytes(4);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  string(): Uint8Array {
    return this.bytes(this.uint32());
  }

  /** A string that has to be UTF-8. */
  text(): string {
    const bytes = this.string();
    try {
      return utf8Decode(bytes);
    } catch {
      throw this.fault('a text is not UTF-8');
    }
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at);
  }

  /** Refuses bytes behind the last field. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.fault('bytes follow its end');
  }
}
