// @ts-check
/**
 * The directory that everything happens in. Nothing in it is removed while something is measured: after many deletions
 * ext4 spends most of a file's creation on skipping the inodes that became free in the last five minutes. Old stores are
 * moved aside, and everything is removed at the end, with the time noted so that the next run can wait.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const settleMs = 300_000;
const lastRemoval = join(tmpdir(), 'cairn-bench-removed');

/** Waits until inodes that an earlier run freed may be used again. @param {(line: string) => void} log */
export async function waitForQuietFileSystem(log) {
  if (!existsSync(lastRemoval)) return;
  const wait = settleMs - (Date.now() - statSync(lastRemoval).mtimeMs);
  if (wait <= 0) return;
  log(`an earlier run removed many files: waiting ${Math.ceil(wait / 1000)} s (see bench/README.md)`);
  await setTimeout(wait);
}

/** @param {string | undefined} parent */
export function openScratch(parent) {
  const place = mkdtempSync(join(parent ?? tmpdir(), 'cairn-bench-'));
  let number = 0;
  return {
    place,

    /** A new directory. @param {string} name */
    directory(name) {
      const path = join(place, `${name}-${number++}`);
      mkdirSync(path);
      return path;
    },

    /** A path that nothing has used. @param {string} name */
    path(name) {
      return join(place, `${name}-${number++}`);
    },

    /** Moves a store out of the tree that it was made in. @param {string} tree */
    setAside(tree) {
      const aside = this.directory('aside');
      for (const name of ['.cairn', '.cairnignore']) {
        if (existsSync(join(tree, name))) renameSync(join(tree, name), join(aside, name));
      }
    },

    /** Moves a large store out and deletes it: few files, many bytes. @param {string} path */
    discard(path) {
      rmSync(path, { recursive: true, force: true });
    },

    /** @param {(line: string) => void} log */
    removeAll(log) {
      log('removing what was written');
      rmSync(place, { recursive: true });
      writeFileSync(lastRemoval, '');
      utimesSync(lastRemoval, new Date(), new Date());
    },
  };
}

/** Sum of the sizes of all files below a directory, in bytes. @param {string} directory */
export function storedBytes(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
