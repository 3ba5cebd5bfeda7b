// @ts-check
/** One large file that does not compress: stored, and then verified. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeLargeFile } from '../data.js';
import { time } from '../measure.js';
import { borg, cairn, ifInstalled, initCairn, plain, restic } from '../peers.js';

/**
 * Writes and deletes as much as the run will write, then reads the file: on a machine that gives free memory back to its
 * host, the first gigabytes of page cache cost seconds.
 * @param {import('../run.js').Bench} bench @param {string} file
 */
function warmUp({ scratch, largeBytes }, file) {
  const touched = scratch.path('pre-touch');
  writeLargeFile(touched, largeBytes);
  rmSync(touched);
  time(plain('cat', file));
}

/** @param {import('../run.js').Bench} bench */
function largeTree(bench) {
  const tree = join(bench.scratch.directory('large'), 'tree');
  mkdirSync(tree);
  writeLargeFile(join(tree, 'large.bin'), bench.largeBytes);
  return tree;
}

/** @param {import('../run.js').Bench} bench */
const size = ({ largeBytes }) => `${(largeBytes / 2 ** 30).toFixed(largeBytes < 2 ** 30 ? 2 : 0)} GiB`;

/** @type {import('../run.js').Workload} */
export const largeFile = {
  name: 'large-file',
  work: (bench) => `\`add\` + \`commit\` of one ${size(bench)} file that does not compress`,
  prepare(bench) {
    const { scratch } = bench;
    const tree = largeTree(bench);
    const file = join(tree, 'large.bin');
    const beforeEach = () => warmUp(bench, file);
    /** Few inodes, many bytes: removing them at once disturbs nothing and keeps the disk from filling. @param {string[]} paths */
    const discard = (...paths) => {
      for (const path of paths) scratch.discard(path);
      return { bytes: 0 };
    };
    return [
      {
        name: 'cairn',
        beforeEach,
        attempt() {
          initCairn(tree);
          const after = () => discard(join(tree, '.cairn'), join(tree, '.cairnignore'));
          return { commands: [cairn(tree, 'add', 'large.bin'), cairn(tree, 'commit', '-m', 'bench')], after };
        },
      },
      {
        name: 'openssl dgst',
        ...ifInstalled('openssl'),
        beforeEach,
        attempt: () => ({ commands: [plain('openssl', 'dgst', '-sha256', file)] }),
      },
      {
        name: 'borg',
        ...ifInstalled('borg'),
        beforeEach,
        attempt() {
          const repository = scratch.path('borg');
          time(borg(repository, 'init', '--encryption=none', repository));
          const commands = [borg(repository, 'create', `${repository}::bench`, tree)];
          return { commands, after: () => discard(repository, `${repository}.base`) };
        },
      },
      {
        name: 'restic',
        ...ifInstalled('restic'),
        beforeEach,
        attempt() {
          const repository = scratch.path('restic');
          time(restic(repository, 'init'));
          return {
            commands: [restic(repository, 'backup', tree)],
            after: () => discard(repository, `${repository}.cache`),
          };
        },
      },
      {
        name: 'cp; sync -f',
        beforeEach,
        attempt() {
          const copy = scratch.path('copy');
          return { commands: [plain('cp', file, copy), plain('sync', '-f', copy)], after: () => discard(copy) };
        },
      },
    ];
  },
  comparisons: [
    { subject: 'cairn', peer: 'openssl dgst', bar: 1.7, reachable: 1.7, stretch: 1.45 },
    { subject: 'cairn', peer: 'borg', bar: 0.4 },
    { subject: 'cairn', peer: 'restic' },
    { subject: 'cairn', peer: 'cp; sync -f', reachable: 1.8, stretch: 1.5 },
  ],
};

/** @type {import('../run.js').Workload} */
export const verifyLarge = {
  name: 'verify-large',
  work: (bench) => `\`fsck --read-data\` of one ${size(bench)} file`,
  prepare(bench) {
    const tree = largeTree(bench);
    initCairn(tree);
    time(cairn(tree, 'add', 'large.bin'));
    time(cairn(tree, 'commit', '-m', 'bench'));
    return [
      { name: 'cairn', attempt: () => ({ commands: [cairn(tree, 'fsck', '--read-data')] }) },
      {
        name: 'openssl dgst',
        ...ifInstalled('openssl'),
        attempt: () => ({ commands: [plain('openssl', 'dgst', '-sha256', join(tree, 'large.bin'))] }),
      },
    ];
  },
  comparisons: [{ subject: 'cairn', peer: 'openssl dgst', bar: 1.15, reachable: 1.1, stretch: 1.02 }],
};
