/**
 * Upkeep's notes as files in one directory. A note decides nothing, so appending is not synced; replacing goes through the
 * one durable write, so that a reader never sees half of it.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertInvariant } from '../../core/errors.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { Random } from '../../ports/system.ts';
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';
import { durableWrite } from './durable-write.ts';

export interface UpkeepNotesOptions {
  /** Directory of the notes; made when something is written. */
  readonly directory: string;
  /** For names of temporary files. The system's by default. */
  readonly random?: Random;
}

const systemBytes: Random = { bytes: (count) => process.getBuiltinModule('node:crypto').randomBytes(count) };

export function openUpkeepNotes({ directory, random = systemBytes }: UpkeepNotesOptions): UpkeepNotes {
  function pathOf(name: string): string {
    assertInvariant(/^[a-z][a-z-]{0,40}\.[a-z]{1,8}$/.test(name), `the name of a note: ${name}`);
    return join(directory, name);
  }
  function makeDirectory(): void {
    try {
      mkdirSync(directory, { recursive: true });
    } catch (error) {
      throw systemError('cannot make the directory', error, directory);
    }
  }
  return {
    async read(name) {
      const path = pathOf(name);
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if (systemErrorCode(error) === 'ENOENT') return undefined;
        throw systemError('cannot read', error, path);
      }
    },
    async write(name, text) {
      makeDirectory();
      await durableWrite(pathOf(name), text, { random });
    },
    async append(name, lines) {
      makeDirectory();
      const path = pathOf(name);
      try {
        appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
      } catch (error) {
        throw systemError('cannot write', error, path);
      }
    },
  };
}
