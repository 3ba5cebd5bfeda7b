// @ts-check
/** Research outputs as text: what a store of many small JSON and CSV files takes, manifest and all, and how long it took. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeResearchFiles } from '../data.js';
import { storingContestants } from './small-files.js';

/** @type {import('../run.js').Workload} */
export const storedSize = {
  name: 'stored-size',
  work: ({ count }) => `${count.toLocaleString('en')} JSON and CSV files of 0.5 to 6 KiB`,
  prepare(bench) {
    const tree = join(bench.scratch.directory('research'), 'tree');
    mkdirSync(tree);
    writeResearchFiles(tree, bench.count);
    return storingContestants(bench, tree).filter(({ name }) => ['cairn', 'git', 'restic', 'borg'].includes(name));
  },
  comparisons: [
    { subject: 'cairn', peer: 'restic', quantity: 'bytes', bar: 1, reachable: 0.8, stretch: 0.65 },
    { subject: 'cairn', peer: 'git', quantity: 'bytes' },
    { subject: 'cairn', peer: 'borg', quantity: 'bytes' },
    { subject: 'cairn', peer: 'git', reachable: 0.45, stretch: 0.3 },
    { subject: 'cairn', peer: 'restic' },
  ],
};
