/** Finding the `.cairn` directory of a place, and the store behind it. */
import { dirname, join, resolve } from 'node:path';
import { CodedError } from '../core/errors.ts';
import { type Config, readConfig } from './config.ts';

export const cairnFolder = '.cairn';

export interface Located {
  /** The `.cairn` directory of the workspace. */
  readonly directory: string;
  readonly config: Config;
  /** Where objects and manifest are; the same directory unless the store lies elsewhere. */
  readonly storeDirectory: string;
  readonly storeConfig: Config;
}

export function locateIn(directory: string): Located | undefined {
  const config = readConfig(directory);
  if (config === undefined) return undefined;
  if (config.store === undefined) return { directory, config, storeDirectory: directory, storeConfig: config };
  const storeConfig = readConfig(config.store);
  if (storeConfig === undefined) {
    throw new CodedError('NO_STORE', `the store of this workspace is gone: ${config.store}`, {
      hint: `Mount or restore it, or correct "store" in ${join(directory, 'config.json')}.`,
      data: { store: config.store },
    });
  }
  return { directory, config, storeDirectory: config.store, storeConfig };
}

/** Searches upwards from `cwd`, unless a directory is given. Throws NO_STORE. */
export function locate(cwd: string, given: string | undefined): Located {
  if (given !== undefined) {
    const found = locateIn(resolve(cwd, given)) ?? locateIn(join(resolve(cwd, given), cairnFolder));
    if (found !== undefined) return found;
    throw new CodedError('NO_STORE', `CAIRN_DIR is no cairn directory: ${given}`, {
      hint: 'Make one with `cairn init`.',
      data: { directory: given },
    });
  }
  for (let at = resolve(cwd); ; at = dirname(at)) {
    const found = locateIn(join(at, cairnFolder));
    if (found !== undefined) return found;
    if (dirname(at) === at) break;
  }
  throw new CodedError('NO_STORE', `no cairn store in ${cwd} or in any directory above it`, {
    hint: 'Make one with `cairn init`.',
    data: { cwd },
  });
}
