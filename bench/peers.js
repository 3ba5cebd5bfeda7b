// @ts-check
/**
 * How each program is called: cairn through its real entry point under the project's node, peers with nothing of the
 * user's own configuration. Every maker returns commands; nothing runs here but set-up.
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine } from './machine.js';
import { time } from './measure.js';

/** @typedef {import('./measure.js').Command} Command */

const root = join(import.meta.dirname, '..');
export const node = realpathSync(process.execPath);
const cairnProgram = join(root, 'bin', 'cairn');

/** The environment without anything that changes how a contestant works. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(CAIRN_|GIT_|BORG_|RESTIC_|NODE_|npm_|ARTIFACT)/i.test(name)),
);

const versions = {
  git: firstLine('git', '--version'),
  restic: firstLine('restic', 'version'),
  borg: firstLine('borg', '--version'),
  casync: firstLine('casync', '--version'),
  openssl: firstLine('openssl', 'version'),
};

/** @param {keyof typeof versions} name */
export function isInstalled(name) {
  return versions[name] !== undefined;
}

/** Spread into a contestant: why it is left out, when it is. @param {keyof typeof versions} name @returns {{ missing?: string }} */
export function ifInstalled(name) {
  return isInstalled(name) ? {} : { missing: `${name} is not installed` };
}

/** @param {string} cwd @param {string[]} args @returns {Command} */
export function cairn(cwd, ...args) {
  return { program: node, args: [cairnProgram, ...args], cwd, env: environment };
}

/** A workspace with a store, ready for `add`. @param {string} directory */
export function initCairn(directory) {
  time(cairn(directory, 'init', '--actor', 'Bench <bench@example.org>'));
}

/** @param {string} program @param {string[]} args @returns {Command} */
export function plain(program, ...args) {
  return { program, args, env: environment };
}

/** @param {string} script @returns {Command} */
export function shell(script) {
  return { program: 'sh', args: ['-c', script], env: environment };
}

/** git on a work tree, its repository elsewhere. @param {string} repository @param {string} tree @param {string[]} args @returns {Command} */
export function git(repository, tree, ...args) {
  return {
    program: 'git',
    args: [`--git-dir=${repository}`, `--work-tree=${tree}`, ...args],
    cwd: tree,
    env: {
      ...environment,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_AUTHOR_NAME: 'Bench',
      GIT_AUTHOR_EMAIL: 'bench@example.org',
      GIT_COMMITTER_NAME: 'Bench',
      GIT_COMMITTER_EMAIL: 'bench@example.org',
    },
  };
}

/** An empty repository that does not repack in the background. @param {string} repository @param {string} tree */
export function initGit(repository, tree) {
  mkdirSync(repository, { recursive: true });
  time(git(repository, tree, 'init', '--quiet'));
  time(git(repository, tree, 'config', 'gc.auto', '0'));
}

/** @param {string} repository @param {string[]} args @returns {Command} */
export function restic(repository, ...args) {
  const env = { ...environment, RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: `${repository}.cache` };
  return { program: 'restic', args: ['--repo', repository, '--quiet', ...args], env };
}

/** @param {string} repository @param {string[]} args @returns {Command} */
export function borg(repository, ...args) {
  const env = {
    ...environment,
    BORG_BASE_DIR: `${repository}.base`,
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
  };
  return { program: 'borg', args, env };
}

/** @param {string} store @param {string} index @param {string} tree @returns {Command} */
export function casync(store, index, tree) {
  return plain('casync', 'make', `--store=${store}`, index, tree);
}

/** npm's own content-addressed cache, one put a file. @param {string} cache @param {string} tree @returns {Command} */
export function cacache(cache, tree) {
  return { program: node, args: [join(import.meta.dirname, 'cacache-put.js'), cache, tree], env: environment };
}
