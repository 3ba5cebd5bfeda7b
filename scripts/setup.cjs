// @ts-check
'use strict';
/**
 * Makes a clone usable, and does nothing when it already is: installs the packages of package-lock.json when
 * node_modules holds others, then builds when dist/ is older than its sources. `npm start` and `npm test` run it first.
 *
 * It runs under whatever node the machine has (16 or newer), before the project's own node exists, so: CommonJS, no
 * dependencies, old syntax.
 */
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { builtFrom, fingerprint } = require('./build-inputs.cjs');

const root = path.join(__dirname, '..');
const modules = path.join(root, 'node_modules');
const projectNode = path.join(modules, '.bin', 'node');

/** @param {string} file @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | undefined} */
function lockedPackages(file) {
  if (!fs.existsSync(file)) return undefined;
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
}

/** npm writes what it installed into node_modules/.package-lock.json; optional packages of other platforms are not in it. */
function isInstalled() {
  const wanted = lockedPackages(path.join(root, 'package-lock.json'));
  const present = lockedPackages(path.join(modules, '.package-lock.json'));
  if (!wanted || !present || !fs.existsSync(projectNode)) return false;
  for (const name of Object.keys(present)) {
    if (!wanted[name]) return false;
  }
  return Object.entries(wanted).every(([name, locked]) => {
    if (name === '') return true;
    const found = present[name];
    if (!found) return locked.optional === true;
    return found.version === locked.version && found.integrity === locked.integrity;
  });
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env */
function run(command, args, env) {
  const result = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status || 1);
}

/** The search path without the project's own commands: npm must not run on the node that it is about to replace. */
function outerPath() {
  const own = path.join(modules, '.bin');
  return (process.env.PATH || '').split(path.delimiter).filter((entry) => path.resolve(entry) !== own);
}

function install() {
  process.stdout.write('setup: installing packages (npm ci)\n');
  const env = Object.assign({}, process.env, { PATH: outerPath().join(path.delimiter) });
  // Under npm itself, "node is too old" is only a warning: the project brings its own node.
  run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], env);
  if (!fs.existsSync(projectNode)) {
    process.stderr.write('setup: npm did not install the node of this project; is ignore-scripts set?\n');
    process.exit(1);
  }
}

function build() {
  process.stdout.write('setup: building\n');
  run(projectNode, [path.join(__dirname, 'build.js')], process.env);
}

if (!isInstalled()) install();
if (builtFrom() !== fingerprint()) build();
