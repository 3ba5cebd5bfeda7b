/**
 * What a command says. Results go to standard output, remarks to standard error; with --json there is exactly one
 * document on standard output and no other text there.
 *
 * `result` is what was asked for and is always printed; `report` tells about something done and is silent with --quiet.
 * Both take the fields of the JSON document and the lines for people; only one of the two is made.
 */
import { styleText } from 'node:util';
import type { Io } from './io.ts';

export type Style = Parameters<typeof styleText>[0];
export type Fields = { readonly [name: string]: unknown };

/** NO_COLOR and --no-color beat FORCE_COLOR, which beats the terminal. */
function wantsColour(io: Io, refused: boolean): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = io.env;
  if (refused || (no !== undefined && no !== '')) return false;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return io.stdout.isTerminal && terminal !== 'dumb';
}

export interface OutputOptions {
  /** Name of the document: `cairn.cli.<name>/1`. */
  readonly document: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColour: boolean;
  /** Holds text back until `finish`, for the pager. */
  readonly hold: boolean;
}

export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly colour: boolean;
  readonly #io: Io;
  readonly #document: string;
  #held: string[] | undefined;

  constructor(io: Io, options: OutputOptions) {
    this.#io = io;
    this.#document = options.document;
    this.json = options.json;
    this.quiet = options.quiet;
    this.colour = wantsColour(io, options.noColour);
    this.#held = options.hold ? [] : undefined;
  }

  /** Width of the terminal for results; undefined elsewhere, where nothing may be cut. */
  get columns(): number | undefined {
    return this.#io.stdout.columns;
  }

  style(format: Style, text: string): string {
    return this.colour ? styleText(format, text, { validateStream: false }) : text;
  }

  result(fields: () => Fields, lines: () => readonly string[]): void {
    if (this.json) this.#json(fields());
    else
      this.text(
        lines()
          .map((line) => `${line}\n`)
          .join(''),
      );
  }

  report(fields: () => Fields, lines: () => readonly string[]): void {
    if (this.json || !this.quiet) this.result(fields, lines);
  }

  /** A result that is text already. */
  text(text: string): void {
    if (this.#held !== undefined) this.#held.push(text);
    else if (text !== '') this.#io.stdout.write(text);
  }

  /** Bytes of an object, as they are. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#io.stdout.write(bytes);
  }

  /** A remark for people, silent with --quiet. */
  note(line: string): void {
    if (!this.quiet) this.#io.stderr.write(`${line}\n`);
  }

  /** What was held back for the pager. */
  takeHeld(): string {
    const text = (this.#held ?? []).join('');
    this.#held = undefined;
    return text;
  }

  #json(fields: Fields): void {
    this.#io.stdout.write(`${JSON.stringify({ schema: `cairn.cli.${this.#document}/1`, ...fields })}\n`);
  }
}
