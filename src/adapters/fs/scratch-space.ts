/** Files and directories for programs (`ScratchSpace`): files in the workspace's own folder, directories in the system's. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemError } from '../../core/system-error.ts';
import type { ScratchSpace } from '../../ports/scratch-space.ts';

export function openScratchSpace(directory: string): ScratchSpace {
  const prepare = (): void => {
    mkdirSync(directory, { recursive: true });
  };
  return {
    prepare: async () => prepare(),
    async file(name, text) {
      const path = join(directory, `${randomBytes(6).toString('hex')}-${name}`);
      try {
        prepare();
        writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
      } catch (error) {
        throw systemError('cannot write', error, path);
      }
      return path;
    },
    async directory() {
      try {
        return realpathSync(mkdtempSync(join(tmpdir(), 'cairn-rerun-')));
      } catch (error) {
        throw systemError('cannot make a directory in', error, tmpdir());
      }
    },
    async copyFile(from, to) {
      try {
        const stat = lstatSync(from, { throwIfNoEntry: false });
        if (stat === undefined || !stat.isFile()) return false;
        mkdirSync(dirname(to), { recursive: true });
        copyFileSync(from, to);
        chmodSync(to, stat.mode & 0o777);
        return true;
      } catch (error) {
        throw systemError('cannot copy', error, from);
      }
    },
    async remove(path) {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch (error) {
        throw systemError('cannot remove', error, path);
      }
    },
  };
}
