// @ts-check
'use strict';
/**
 * When is dist/ out of date? When the list of files that go into it, with their sizes and times, is not the list that
 * the last build wrote down. Comparing for equality instead of "newer than" also notices deleted files and checkouts of
 * older ones. CommonJS that old nodes understand, because scripts/setup.cjs needs it before anything is installed.
 */
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');
const stamp = path.join(root, 'dist', '.built');
const inputs = ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.base.json'];

/** @param {string} relative @param {string[]} lines */
function describe(relative, lines) {
  const stat = fs.statSync(path.join(root, relative));
  if (stat.isDirectory()) {
    for (const name of fs.readdirSync(path.join(root, relative)).sort()) describe(`${relative}/${name}`, lines);
  } else {
    lines.push(`${relative} ${stat.size} ${stat.mtimeMs}`);
  }
}

/** One line an input file: path, size, modification time. */
function fingerprint() {
  /** @type {string[]} */
  const lines = [];
  for (const input of inputs) describe(input, lines);
  return `${lines.join('\n')}\n`;
}

/** What the last build was made of; empty when there is none. */
function builtFrom() {
  try {
    return fs.readFileSync(stamp, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return '';
    throw error;
  }
}

/** @param {string} lines */
function recordBuild(lines) {
  fs.writeFileSync(stamp, lines);
}

module.exports = { builtFrom, fingerprint, recordBuild };
