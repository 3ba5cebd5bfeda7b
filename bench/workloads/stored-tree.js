// @ts-check
/** What happens to a tree that is stored already: looking at it unchanged, checking it out, verifying it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeSmallFiles } from '../data.js';
import { time } from '../measure.js';
import { cairn, git, ifInstalled, initCairn, initGit, isInstalled, plain, restic, shell } from '../peers.js';

/** The same tree in cairn, git (loose objects) and restic. @param {import('../run.js').Bench} bench */
async function storedTree({ scratch, count }) {
  const place = scratch.directory('stored');
  const tree = join(place, 'tree');
  const repository = join(place, 'git');
  const backup = join(place, 'restic');
  mkdirSync(tree);
  writeSmallFiles(tree, count);
  // A file as young as the index that lists it would be read again by git and by cairn.
  await setTimeout(1500);
  initCairn(tree);
  time(cairn(tree, 'add', '--quiet', '.'));
  time(cairn(tree, 'commit', '--quiet', '-m', 'bench'));
  if (isInstalled('git')) {
    initGit(repository, tree);
    time(git(repository, tree, 'add', '.'));
    time(git(repository, tree, 'commit', '--quiet', '-m', 'bench'));
  }
  if (isInstalled('restic')) {
    time(restic(backup, 'init'));
    time(restic(backup, 'backup', tree));
  }
  return { tree, repository, backup };
}

/** @param {import('../run.js').Bench} bench */
const files = ({ count }) => `${count.toLocaleString('en')} files`;

/** @type {import('../run.js').Workload} */
export const unchanged = {
  name: 'unchanged',
  work: (bench) => `\`status\`, and \`add\` again, of ${files(bench)} unchanged`,
  fewestRounds: 11,
  async prepare(bench) {
    const { tree, repository } = await storedTree(bench);
    return [
      { name: 'cairn status', attempt: () => ({ commands: [cairn(tree, 'status')] }) },
      { name: 'cairn add', attempt: () => ({ commands: [cairn(tree, 'add', '--quiet', '.')] }) },
      { name: 'git status', ...ifInstalled('git'), attempt: () => ({ commands: [git(repository, tree, 'status')] }) },
      { name: 'git add', ...ifInstalled('git'), attempt: () => ({ commands: [git(repository, tree, 'add', '.')] }) },
    ];
  },
  comparisons: [
    { subject: 'cairn status', peer: 'git status', bar: 2, plusSeconds: 0.05, reachable: 4.5, stretch: 3 },
    { subject: 'cairn add', peer: 'git status', bar: 2, plusSeconds: 0.05 },
  ],
};

/** @type {import('../run.js').Workload} */
export const checkout = {
  name: 'checkout',
  work: (bench) => `\`checkout\` of ${files(bench)}, verified`,
  async prepare(bench) {
    const { tree, repository, backup } = await storedTree(bench);
    const { scratch } = bench;
    const source = scratch.directory('source');
    writeSmallFiles(source, bench.count);
    return [
      { name: 'cairn', attempt: () => ({ commands: [cairn(tree, 'checkout', 'HEAD', '--to', scratch.path('out'))] }) },
      { name: 'cp -r', attempt: () => ({ commands: [plain('cp', '-r', source, scratch.path('out'))] }) },
      {
        name: 'git checkout',
        ...ifInstalled('git'),
        attempt() {
          const out = scratch.directory('out');
          const command = git(repository, out, 'checkout', '--force', 'HEAD', '--', '.');
          return { commands: [{ ...command, env: { ...command.env, GIT_INDEX_FILE: scratch.path('index') } }] };
        },
      },
      {
        name: 'restic restore',
        ...ifInstalled('restic'),
        attempt: () => ({ commands: [restic(backup, 'restore', 'latest', '--target', scratch.path('out'))] }),
      },
    ];
  },
  comparisons: [
    { subject: 'cairn', peer: 'cp -r', bar: 1.3, reachable: 1.3, stretch: 0.95 },
    { subject: 'cairn', peer: 'git checkout', bar: 1 },
    { subject: 'cairn', peer: 'restic restore' },
  ],
};

/** @type {import('../run.js').Workload} */
export const verifySmall = {
  name: 'verify-small',
  work: (bench) => `\`fsck --read-data\` of ${files(bench)}`,
  async prepare(bench) {
    const { tree, repository, backup } = await storedTree(bench);
    const hashAll = `find '${tree}' -name '*.bin' -print0 | xargs -0 -P 2 -n 500 sha256sum > /dev/null`;
    return [
      { name: 'cairn', attempt: () => ({ commands: [cairn(tree, 'fsck', '--read-data')] }) },
      { name: 'sha256sum, 2 processes', attempt: () => ({ commands: [shell(hashAll)] }) },
      {
        name: 'git fsck',
        ...ifInstalled('git'),
        attempt: () => ({ commands: [git(repository, tree, 'fsck', '--full')] }),
      },
      {
        name: 'restic check',
        ...ifInstalled('restic'),
        attempt: () => ({ commands: [restic(backup, 'check', '--read-data')] }),
      },
    ];
  },
  comparisons: [
    { subject: 'cairn', peer: 'sha256sum, 2 processes', bar: 1.4, reachable: 1.4, stretch: 1 },
    { subject: 'cairn', peer: 'git fsck' },
    { subject: 'cairn', peer: 'restic check' },
  ],
};
