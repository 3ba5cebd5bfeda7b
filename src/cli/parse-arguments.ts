/** The words behind a command's name, read by commander into what the command declares. */
import { Command as Commander, CommanderError } from 'commander';
import { CodedError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { declareCommon } from './common-options.ts';
import { configureHelp } from './help.ts';

export interface ParsedArguments {
  readonly args: readonly unknown[];
  readonly options: { readonly [name: string]: unknown };
  readonly rest: readonly string[];
}

/** A command as commander sees it. Also what completion looks at. */
export function buildCommander(name: string, command: Command): Commander {
  const commander = new Commander(`cairn ${name}`);
  commander.optionsGroup('Options:');
  command.declare?.(commander);
  declareCommon(commander);
  if (command.rest !== undefined) commander.usage(`${commander.usage()} [-- ${command.rest}]`);
  return commander;
}

/** Commander's refusal in our words: without its prefix, its suggestion as the hint. */
function usageError(name: string, error: CommanderError): CodedError {
  const [message, suggestion] = error.message.replace(/^error: /, '').split('\n(', 2) as [string, string?];
  const hint = suggestion?.replace(/\)$/, '') ?? `\`cairn ${name} --help\` shows what it takes.`;
  return new CodedError('BAD_ARGUMENT', `${name}: ${message}`, {
    hint,
    data: { command: name, reason: error.code.replace('commander.', '') },
  });
}

/** Parses; the answer is a text when help was asked for. */
export function parseArguments(
  name: string,
  command: Command,
  argv: readonly string[],
  columns: number | undefined,
): ParsedArguments | string {
  const commander = buildCommander(name, command);
  let help = '';
  commander.exitOverride().configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => undefined,
  });
  if (argv.some((word) => word === '-h' || word === '--help')) configureHelp(commander, command, columns);
  const end = command.rest === undefined ? -1 : argv.indexOf('--');
  commander.action(() => undefined);
  try {
    commander.parse(end < 0 ? argv : argv.slice(0, end), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return help;
    throw usageError(name, error);
  }
  return { args: commander.processedArgs, options: commander.opts(), rest: end < 0 ? [] : argv.slice(end + 1) };
}
