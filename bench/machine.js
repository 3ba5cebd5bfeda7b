// @ts-check
/** What was measured on, without anything that tells whose machine it is. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

/** The first line that a program prints, or undefined when it is not there. @param {string} program @param {string[]} args */
export function firstLine(program, ...args) {
  const result = spawnSync(program, args, { encoding: 'utf8' });
  if (result.error || result.status !== 0) return undefined;
  return (result.stdout || result.stderr).split('\n')[0]?.trim();
}

/** File system type of a directory. @param {string} directory */
function fileSystem(directory) {
  return (
    firstLine('findmnt', '-no', 'FSTYPE', '-T', directory) ??
    firstLine('stat', '-f', '-c', '%T', directory) ??
    'unknown'
  );
}

function distribution() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {string} scratch */
export function describeMachine(scratch) {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    system: [distribution(), type(), release(), arch()].filter(Boolean).join(', '),
    processors: `${processors.length} × ${processors[0]?.model.trim()}`,
    shaInstructions: firstLine('grep', '-c', '-m1', 'sha_ni', '/proc/cpuinfo') === '1',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    fileSystem: fileSystem(scratch),
    loadAtStart: Number(loadavg()[0]?.toFixed(2)),
    node: process.version,
    programs: Object.fromEntries(
      [
        ['git', firstLine('git', '--version')],
        ['restic', firstLine('restic', 'version')],
        ['borg', firstLine('borg', '--version')],
        ['casync', firstLine('casync', '--version')],
        ['openssl', firstLine('openssl', 'version')],
      ].filter(([, version]) => version !== undefined),
    ),
  };
}
