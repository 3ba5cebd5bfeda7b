/**
 * The shape of a command: what it takes, what help says about it, and the one function that does it.
 *
 * A command's module is loaded only when the command is used, and so is everything it imports: start-up is paid for by
 * those who need it. A command declares its arguments with commander, calls one use case and prints; it neither opens
 * nor closes a store, knows no exit status but these, and imports no other command.
 */
import type { Command as Commander } from 'commander';
import type { OpenOptions, OpenStore, OpenWorkspace } from '../app/open-store.ts';
import type { Confirmation } from './confirm.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';

export type { Commander };

export interface CommandContext<Args extends readonly unknown[], Options> {
  /** Arguments as declared: a variadic one is an array, an optional one may be undefined. */
  readonly args: Args;
  readonly options: Options;
  /** What stood behind `--`, where the command declares `rest`. */
  readonly rest: readonly string[];
  readonly io: Io;
  /** The directory the command works in: -C, or the current one. */
  readonly cwd: string;
  readonly out: Output;
  readonly progress: OpenOptions['progress'];
  /** Every command, for completion and help. */
  readonly table: CommandTable;
  /** The store of this directory; closed when the command ends. */
  openStore(): Promise<OpenStore>;
  /** The workspace of this directory and its store. */
  openWorkspace(): Promise<OpenWorkspace>;
  /** Asks before something ends; returns when the answer is yes. */
  confirm(question: string, unattended: Confirmation['unattended']): Promise<void>;
}

/** The status of a program that the command ran, which becomes cairn's own. */
export interface ProgramStatus {
  readonly programStatus: number;
}

interface CommandSpec<Args extends readonly unknown[], Options> {
  /** What it does, for `--help`: whole sentences. */
  readonly description: string;
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** What statuses mean for this command, where that says more than the common list. */
  readonly statuses?: { readonly [status: number]: string };
  /** What may stand behind `--`, for the usage line: `<path>...`. */
  readonly rest?: string;
  /** Its result goes through the pager on a terminal. */
  readonly paged?: boolean;
  /** Name of the `--json` document; the command's own name with dots when left out. */
  readonly document?: string;
  /** Declares arguments and options. */
  readonly declare?: (command: Commander) => void;
  /** Does it; 1 when the answer is no, 5 when the answer is that stored bytes are damaged (fsck). */
  readonly action: (context: CommandContext<Args, Options>) => Promise<1 | 5 | ProgramStatus | undefined>;
  /** The status of a failure, for a command whose other statuses are those of a program that it runs. */
  readonly failureStatus?: (error: unknown) => number;
}

/** A command whose types of arguments and options are its own business. */
export type Command = CommandSpec<readonly unknown[], unknown>;

/**
 * Ties a command's types to what it declares. Commander does not know types, so `Args` and `Options` are a promise of
 * the author, kept by the command's tests.
 */
export function defineCommand<Args extends readonly unknown[], Options = Record<never, never>>(
  spec: CommandSpec<Args, Options>,
): Command {
  return spec as unknown as Command;
}

export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}
/** Commands of one noun: `config get`, `hold add`. */
export interface CommandGroup {
  readonly summary: string;
  readonly verbs: { readonly [verb: string]: CommandEntry };
}
export interface CommandSection {
  readonly title: string;
  readonly commands: { readonly [name: string]: CommandEntry | CommandGroup };
}
export type CommandTable = readonly CommandSection[];
