// @ts-check
/** A day's outputs: `add` and `commit` of many small files that do not compress, against everything that stores files. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeSmallFiles } from '../data.js';
import { time } from '../measure.js';
import { borg, cacache, cairn, casync, git, ifInstalled, initCairn, initGit, plain, restic } from '../peers.js';
import { storedBytes } from '../scratch.js';

/**
 * Contestants that store one tree, each round into a new store. Used for files that compress, too.
 * @param {import('../run.js').Bench} bench @param {string} tree @returns {import('../measure.js').Contestant[]}
 */
export function storingContestants({ scratch }, tree) {
  return [
    {
      name: 'cairn',
      attempt() {
        initCairn(tree);
        const after = () => {
          const bytes = storedBytes(join(tree, '.cairn'));
          scratch.setAside(tree);
          return { bytes };
        };
        return {
          commands: [cairn(tree, 'add', '--quiet', '.'), cairn(tree, 'commit', '--quiet', '-m', 'bench')],
          after,
        };
      },
    },
    {
      name: 'git',
      ...ifInstalled('git'),
      attempt() {
        const repository = scratch.path('git');
        initGit(repository, tree);
        const commands = [git(repository, tree, 'add', '.'), git(repository, tree, 'commit', '--quiet', '-m', 'bench')];
        return { commands, after: () => ({ bytes: storedBytes(repository) }) };
      },
    },
    {
      name: 'restic',
      ...ifInstalled('restic'),
      attempt() {
        const repository = scratch.path('restic');
        time(restic(repository, 'init'));
        return { commands: [restic(repository, 'backup', tree)], after: () => ({ bytes: storedBytes(repository) }) };
      },
    },
    {
      name: 'borg',
      ...ifInstalled('borg'),
      attempt() {
        const repository = scratch.path('borg');
        time(borg(repository, 'init', '--encryption=none', repository));
        const commands = [borg(repository, 'create', `${repository}::bench`, tree)];
        return { commands, after: () => ({ bytes: storedBytes(repository) }) };
      },
    },
    {
      name: 'casync',
      ...ifInstalled('casync'),
      attempt() {
        const place = scratch.directory('casync');
        const commands = [casync(join(place, 'chunks.castr'), join(place, 'tree.caidx'), tree)];
        return { commands, after: () => ({ bytes: storedBytes(place) }) };
      },
    },
    {
      name: 'cacache',
      attempt() {
        return { commands: [cacache(scratch.path('cacache'), tree)] };
      },
    },
  ];
}

/** @type {import('../run.js').Workload} */
export const smallFiles = {
  name: 'small-files',
  work: ({ count }) => `\`add\` + \`commit\` of ${count.toLocaleString('en')} files of 4 KiB`,
  prepare(bench) {
    const tree = join(bench.scratch.directory('small'), 'tree');
    mkdirSync(tree);
    writeSmallFiles(tree, bench.count);
    return [
      ...storingContestants(bench, tree),
      {
        name: 'cp -r; sync -f',
        attempt() {
          const copy = bench.scratch.path('copy');
          return { commands: [plain('cp', '-r', tree, copy), plain('sync', '-f', tree)] };
        },
      },
    ];
  },
  comparisons: [
    { subject: 'cairn', peer: 'git', bar: 0.4, reachable: 0.3, stretch: 0.18 },
    { subject: 'cairn', peer: 'restic', bar: 0.5, reachable: 0.4, stretch: 0.25 },
    { subject: 'cairn', peer: 'cp -r; sync -f', reachable: 1.2, stretch: 0.7 },
    { subject: 'cairn', peer: 'borg' },
    { subject: 'cairn', peer: 'casync' },
    { subject: 'cairn', peer: 'cacache' },
  ],
};
