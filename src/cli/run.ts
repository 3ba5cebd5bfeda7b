/**
 * One command line from its words to its exit status. Everything of the process comes in as `io`, so that this can be
 * called by whoever has a command line.
 */

import type { OpenOptions, OpenStore, OpenWorkspace } from '../app/open-store.ts';
import { programVersion } from '../app/version.ts';
import { CodedError } from '../core/errors.ts';
import type { Command, CommandContext, CommandEntry } from './command.ts';
import { commandNames, commandTable, findCommand } from './command-table.ts';
import { type CommonOptions, mergeCommon, parseLeading, wantsJson, workingDirectory } from './common-options.ts';
import { confirm } from './confirm.ts';
import { exitDone } from './exit-status.ts';
import { reportFailure } from './failure.ts';
import type { Io } from './io.ts';
import { Output } from './output.ts';
import { page, pagerCommand } from './pager.ts';
import { type ProgressLine, progressLine } from './progress.ts';
import { closest } from './suggest.ts';

interface Chosen {
  /** `add`, `config get` */
  readonly name: string;
  readonly entry: CommandEntry;
  readonly argv: readonly string[];
}

function unknownCommand(name: string, names: readonly string[], prefix = ''): CodedError {
  const near = closest(name, names);
  return new CodedError('BAD_ARGUMENT', `there is no command ${JSON.stringify(prefix + name)}`, {
    hint:
      near === undefined ? `\`cairn ${prefix}--help\` lists the commands.` : `Did you mean \`cairn ${prefix}${near}\`?`,
    data: { argument: 'command', value: name },
  });
}

/** The command of a command line, or the help text to print instead. */
async function choose(words: readonly string[], help: boolean): Promise<Chosen | string> {
  const [first, ...rest] = words;
  if (first === 'help') return rest.length === 0 ? choose([], true) : choose(rest, true);
  if (first === undefined) {
    if (help) return (await import('./help.ts')).programHelp(commandTable);
    throw new CodedError('BAD_ARGUMENT', 'no command was given', {
      hint: '`cairn --help` lists the commands.',
      data: { argument: 'command' },
    });
  }
  const found = findCommand(first);
  if (found === undefined) throw unknownCommand(first, commandNames());
  if ('load' in found) return { name: first, entry: found, argv: help ? ['--help'] : rest };
  const verbs = Object.keys(found.verbs);
  const at = rest.findIndex((word) => !word.startsWith('-'));
  const verb = at < 0 ? undefined : rest[at];
  if (verb === undefined) {
    if (help || rest.includes('-h') || rest.includes('--help'))
      return (await import('./help.ts')).groupHelp(first, found);
    throw new CodedError('BAD_ARGUMENT', `\`cairn ${first}\` needs one of: ${verbs.join(', ')}`, {
      data: { argument: 'command' },
    });
  }
  const entry = Object.hasOwn(found.verbs, verb) ? found.verbs[verb] : undefined;
  if (entry === undefined) throw unknownCommand(verb, verbs, `${first} `);
  return { name: `${first} ${verb}`, entry, argv: help ? ['--help'] : [...rest.slice(0, at), ...rest.slice(at + 1)] };
}

/** Stores opened by a command; closed when it ends, however it ends. */
class Opened {
  readonly #open: { close(): Promise<void> }[] = [];
  readonly #options: OpenOptions;

  constructor(options: OpenOptions) {
    this.#options = options;
  }
  async store(): Promise<OpenStore> {
    const { openStore } = await import('../app/open-store.ts');
    const store = await openStore(this.#options);
    this.#open.push(store);
    return store;
  }
  async workspace(): Promise<OpenWorkspace> {
    const { openWorkspace } = await import('../app/open-store.ts');
    const workspace = await openWorkspace(this.#options);
    this.#open.push(workspace);
    return workspace;
  }
  async close(): Promise<void> {
    for (const one of this.#open.splice(0)) await one.close();
  }
}

interface Invocation {
  readonly io: Io;
  readonly name: string;
  readonly command: Command;
  readonly args: readonly unknown[];
  readonly options: { readonly [name: string]: unknown };
  readonly rest: readonly string[];
  readonly common: CommonOptions;
}

async function invoke({ io, name, command, args, options, rest, common }: Invocation): Promise<number> {
  const paged = command.paged === true && !common.json && !common.noPager ? pagerCommand(io) : undefined;
  const progress: ProgressLine = progressLine(io.stderr, common.quiet);
  const document = command.document ?? name.replaceAll(' ', '.');
  const out = new Output(io, { ...common, document, hold: paged !== undefined });
  const cwd = workingDirectory(io.cwd, common.directories);
  const opened = new Opened({ cwd, env: io.env, progress, allowSecretLike: options['allowSecretLike'] === true });
  const context: CommandContext<readonly unknown[], unknown> = {
    args,
    options,
    rest,
    io,
    cwd,
    out,
    progress,
    table: commandTable,
    openStore: () => opened.store(),
    openWorkspace: () => opened.workspace(),
    confirm: async (question, unattended) => {
      progress.clear();
      await confirm(io, question, { yes: options['yes'] === true, unattended });
    },
  };
  let status: number;
  try {
    const answer = (await command.action(context)) ?? exitDone;
    status = typeof answer === 'object' ? answer.programStatus : answer;
  } finally {
    progress.clear();
    await opened.close();
  }
  if (paged !== undefined) await page(io, paged, out.takeHeld());
  return status;
}

/** Runs a command line; the answer is the exit status. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let failureStatus: Command['failureStatus'];
  try {
    const leading = parseLeading(argv);
    if (leading.version) {
      io.stdout.write(`cairn ${programVersion()}\n`);
      return exitDone;
    }
    const chosen = await choose(leading.rest, leading.help);
    if (typeof chosen === 'string') {
      io.stdout.write(chosen);
      return exitDone;
    }
    const [{ command }, { parseArguments }] = await Promise.all([chosen.entry.load(), import('./parse-arguments.ts')]);
    failureStatus = command.failureStatus;
    const parsed = parseArguments(chosen.name, command, chosen.argv, io.stdout.columns);
    if (typeof parsed === 'string') {
      io.stdout.write(parsed);
      return exitDone;
    }
    const common = mergeCommon(leading.common, parsed.options);
    return await invoke({ io, name: chosen.name, command, ...parsed, common });
  } catch (error) {
    const status = reportFailure(io, error, wantsJson(argv));
    return failureStatus?.(error) ?? status;
  }
}
