/**
 * A few open descriptors, for reading many ranges of the same packs without opening them each time.
 *
 * Objects never change once they are visible, so the size is asked once. A pack that another process removes stays
 * readable here until its descriptor is dropped. The one used longest ago is closed when there are too many.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';

export interface OpenPack {
  readonly fd: number;
  readonly size: number;
}

export interface OpenPacks {
  /** Opens the file or finds it open; errors are the system's. The descriptor is valid until the next call. */
  get(path: string): OpenPack;
  drop(path: string): void;
  close(): void;
}

const limit = 16;

export function openPacks(): OpenPacks {
  /** In order of last use. */
  const open = new Map<string, OpenPack>();

  function drop(path: string): void {
    const pack = open.get(path);
    if (pack === undefined) return;
    open.delete(path);
    closeSync(pack.fd);
  }

  return {
    get(path) {
      const known = open.get(path);
      if (known !== undefined) {
        open.delete(path);
        open.set(path, known);
        return known;
      }
      const fd = openSync(path, 'r');
      let size: number;
      try {
        size = fstatSync(fd).size;
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      for (const oldest of open.keys()) {
        if (open.size < limit) break;
        drop(oldest);
      }
      const pack = { fd, size };
      open.set(path, pack);
      return pack;
    },
    drop,
    close: () => {
      for (const path of [...open.keys()]) drop(path);
    },
  };
}
