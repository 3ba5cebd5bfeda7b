/**
 * Options that every command has, in front of the command's name or behind it: -C, --json, --quiet, --no-color,
 * --no-pager, -h.
 */
import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { CodedError } from '../core/errors.ts';
import type { Commander } from './command.ts';
import { closest } from './suggest.ts';

export interface CommonOptions {
  readonly directories: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColour: boolean;
  readonly noPager: boolean;
}

/** The command line, taken apart in front of the first word that is no option. */
export interface Leading {
  readonly common: CommonOptions;
  readonly help: boolean;
  readonly version: boolean;
  readonly rest: readonly string[];
}

const switches = ['--json', '--quiet', '--no-color', '--no-pager', '--help', '--version'];

export function parseLeading(argv: readonly string[]): Leading {
  const directories: string[] = [];
  const given = new Set<string>();
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] as string;
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    if (word === '-C') {
      at++;
      const directory = argv[at];
      if (directory === undefined) throw new CodedError('BAD_ARGUMENT', '-C: a directory must follow');
      directories.push(directory);
    } else if (word.startsWith('-C')) directories.push(word.slice(2));
    else if (word === '-q') given.add('--quiet');
    else if (word === '-h') given.add('--help');
    else if (word === '-V') given.add('--version');
    else if (switches.includes(word)) given.add(word);
    else {
      const near = closest(word, switches);
      throw new CodedError('BAD_ARGUMENT', `unknown option ${JSON.stringify(word)} before the command`, {
        hint:
          near === undefined
            ? 'Options of a command stand behind its name; see `cairn --help`.'
            : `Did you mean ${near}?`,
        data: { argument: word },
      });
    }
  }
  return {
    common: {
      directories,
      json: given.has('--json'),
      quiet: given.has('--quiet'),
      noColour: given.has('--no-color'),
      noPager: given.has('--no-pager'),
    },
    help: given.has('--help'),
    version: given.has('--version'),
    rest: argv.slice(at),
  };
}

/** Declares them on a command. */
export function declareCommon(command: Commander): void {
  command
    .optionsGroup('Common options:')
    .option('-C <dir>', 'work as if started in this directory', (directory: string, before: string[] = []) => [
      ...before,
      directory,
    ])
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'say only what was asked for')
    .option('--no-color', 'no colours')
    .option('--no-pager', 'do not page results on a terminal')
    .helpOption('-h, --help', 'show this help');
}

/** What stood in front of the command's name and behind it, together. */
export function mergeCommon(leading: CommonOptions, options: { readonly [name: string]: unknown }): CommonOptions {
  return {
    directories: [...leading.directories, ...((options['C'] as string[] | undefined) ?? [])],
    json: leading.json || options['json'] === true,
    quiet: leading.quiet || options['quiet'] === true,
    noColour: leading.noColour || options['color'] === false,
    noPager: leading.noPager || options['pager'] === false,
  };
}

/** Each -C is relative to the one before. Throws PATH_NOT_FOUND where no directory is. */
export function workingDirectory(cwd: string, directories: readonly string[]): string {
  if (directories.length === 0) return cwd;
  const chosen = directories.reduce((at, directory) => (isAbsolute(directory) ? directory : join(at, directory)), cwd);
  if (statSync(chosen, { throwIfNoEntry: false })?.isDirectory() === true) return chosen;
  throw new CodedError('PATH_NOT_FOUND', `-C: ${chosen} is no directory`, { data: { argument: '-C', path: chosen } });
}

/** True when a JSON document is wanted, even if the command line cannot be read otherwise. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}
