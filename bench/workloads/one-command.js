// @ts-check
/** Commands whose time is mostly starting: one durable publication, and reads with a million artifacts in the manifest. */

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLargeStore } from '../make-large-store.js';
import { cairn, initCairn, node, plain } from '../peers.js';

/** @type {import('../measure.js').Contestant} */
const emptyNode = { name: 'node -e 0', attempt: () => ({ commands: [plain(node, '-e', '0')] }) };

/** @type {import('../run.js').Workload} */
export const publish = {
  name: 'publish',
  work: () => '`publish` of one 4 KiB file, durable',
  fewestRounds: 21,
  prepare({ scratch }) {
    const tree = scratch.directory('publish');
    initCairn(tree);
    return [
      {
        name: 'cairn publish',
        attempt(round) {
          writeFileSync(join(tree, 'metrics.bin'), randomBytes(4096));
          const options = ['--type', 'bench.metrics', '--key', `bench/${round}`];
          return { commands: [cairn(tree, 'publish', 'metrics.bin', ...options)] };
        },
      },
      emptyNode,
    ];
  },
  comparisons: [{ subject: 'cairn publish', peer: 'node -e 0', bar: 2.5, reachable: 2, stretch: 1.5 }],
};

/** @type {import('../run.js').Workload} */
export const largeManifest = {
  name: 'large-manifest',
  work: ({ artifacts }) =>
    `\`show HEAD\`, \`log -n 20\` with ${artifacts.toLocaleString('en')} artifacts in the manifest`,
  fewestRounds: 21,
  prepare({ scratch, artifacts, largeStore, log }) {
    const tree = makeLargeStore(largeStore ?? scratch.path('million'), artifacts, log);
    return [
      { name: 'cairn show', attempt: () => ({ commands: [cairn(tree, 'show', 'HEAD')] }) },
      { name: 'cairn log', attempt: () => ({ commands: [cairn(tree, 'log', '-n', '20')] }) },
      emptyNode,
    ];
  },
  comparisons: [
    { subject: 'cairn show', peer: 'node -e 0', bar: 3, reachable: 1.7, stretch: 1.3 },
    { subject: 'cairn log', peer: 'node -e 0', bar: 3, reachable: 1.7, stretch: 1.3 },
  ],
};
