/** Randomness of the operating system. node:crypto is loaded on the first use: it costs milliseconds at start-up. */
import type { Random } from '../../ports/system.ts';

export function systemRandom(): Random {
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      process.getBuiltinModule('node:crypto').randomFillSync(bytes);
      return bytes;
    },
  };
}
