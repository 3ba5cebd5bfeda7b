/**
 * Objects in a Map: the reference for the port, and what tests of the store run on.
 *
 * Invariants: bytes are copied in and out, so nobody can change what is stored; what is put is invisible until `settle`.
 */
import { concatBytes } from '../../core/bytes.ts';
import { assertInvariant, CodedError, isCodedError } from '../../core/errors.ts';
import type { ByteRange, ObjectBackend } from '../../ports/object-backend.ts';

const pieceSize = 256 * 1024;

interface Stored {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
}

export interface MemoryObjectBackendOptions {
  /** Milliseconds since the epoch; zero when left out. */
  readonly now?: () => number;
}

export function memoryObjectBackend(options: MemoryObjectBackendOptions = {}): ObjectBackend {
  const now = options.now ?? (() => 0);
  const visible = new Map<string, Stored>();
  const waiting = new Map<string, Stored>();
  let quarantined = 0;

  function find(name: string): Stored {
    const stored = visible.get(name);
    if (stored === undefined)
      throw new CodedError('OBJECT_NOT_FOUND', `${name} is not in the store`, { data: { name } });
    return stored;
  }

  function part(name: string, range: ByteRange | undefined): Uint8Array {
    const { bytes } = find(name);
    const { start, end = bytes.length } = range ?? { start: 0 };
    assertInvariant(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0, 'a range is whole numbers');
    return bytes.subarray(start, Math.max(start, end));
  }

  return {
    async put(name, source) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source) chunks.push(chunk.slice());
      const finalName = typeof name === 'string' ? name : name();
      const known = waiting.get(finalName) ?? visible.get(finalName);
      if (known !== undefined) return known.bytes.length;
      const bytes = concatBytes(...chunks);
      waiting.set(finalName, { bytes, modifiedMs: now() });
      return bytes.length;
    },
    async settle() {
      for (const [name, stored] of waiting) if (!visible.has(name)) visible.set(name, stored);
      waiting.clear();
    },
    async abandon() {
      waiting.clear();
    },

    async *get(name, range) {
      const bytes = part(name, range);
      for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.slice(at, at + pieceSize);
    },
    async read(name, range) {
      return part(name, range).slice();
    },
    async stat(name) {
      const { bytes, modifiedMs } = find(name);
      return { size: bytes.length, modifiedMs };
    },
    async *list(prefix) {
      // Names are ASCII, so the order of JavaScript is bytewise.
      for (const name of [...visible.keys()].sort()) {
        const stored = visible.get(name);
        if (stored === undefined || !name.startsWith(prefix)) continue;
        yield { name, size: stored.bytes.length, modifiedMs: stored.modifiedMs };
      }
    },
    async remove(name) {
      visible.delete(name);
    },
    async quarantine(name) {
      const stored = find(name);
      const aside = `quarantine/${name.replaceAll('/', '_')}.${quarantined++}`;
      visible.set(aside, stored);
      visible.delete(name);
      return aside;
    },
    // Whoever kills this process takes what was unsettled with it.
    sweepTemporary: async () => 0,
    localPath: () => undefined,
    isNotFound: (error) => isCodedError(error, 'OBJECT_NOT_FOUND'),
  };
}
