/** How commands declare what many of them take, and how texts become values: every refusal names the argument. */
import { CodedError, isCodedError } from '../core/errors.ts';
import { parseTimestamp, type Timestamp } from '../core/time.ts';
import type { Commander } from './command.ts';

/** A parser of one option's text whose errors name the option. */
export function naming<Value>(flag: string, parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const data = { ...error.data, argument: flag };
      throw new CodedError(error.code, `${flag}: ${error.message}`, { hint: error.hint, data, cause: error });
    }
  };
}

/** For an option that may be given many times. */
export function collecting<Value>(
  flag: string,
  parse: (text: string) => Value,
): (text: string, before?: Value[]) => Value[] {
  const named = naming(flag, parse);
  return (text, before = []) => [...before, named(text)];
}

export const asText = (text: string): string => text;

/** A whole number from `least`, written in digits. */
export function wholeNumber(flag: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least) return value;
    throw new CodedError(
      'BAD_ARGUMENT',
      `${flag}: not a whole number from ${least}: ${JSON.stringify(text.slice(0, 40))}`,
      {
        data: { argument: flag, value: text.slice(0, 40) },
      },
    );
  };
}

/** One of a few words. */
export function oneOf<Word extends string>(flag: string, words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new CodedError(
      'BAD_ARGUMENT',
      `${flag}: ${JSON.stringify(text.slice(0, 40))} is none of ${words.join(', ')}`,
      {
        data: { argument: flag, value: text.slice(0, 40), allowed: [...words] },
      },
    );
  };
}

/** RFC 3339, or a day (`2026-01-31`), which stands for its beginning in UTC. */
export function timeOption(flag: string): (text: string) => Timestamp {
  return naming(flag, (text) => parseTimestamp(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text));
}

export interface PageOptions {
  readonly limit: number;
  readonly cursor?: string;
}

const defaultLimit = 100;

/** `--limit` and `--cursor` of every list. `short` is `-n` where the list has it. */
export function declarePage(command: Commander, short = ''): void {
  command
    .option(`${short}--limit <n>`, 'at most so many; 0 for all', wholeNumber('--limit', 0), defaultLimit)
    .option('--cursor <cursor>', 'go on where a list with a limit ended');
}

/** What a list says when there is more. */
export function moreLine(cursor: string | undefined): string[] {
  return cursor === undefined ? [] : [`… there is more: --cursor ${cursor}, or --limit 0 for all`];
}

/** Fields of a page in JSON. */
export function moreFields(cursor: string | undefined): { more: boolean; cursor: string | null } {
  return { more: cursor !== undefined, cursor: cursor ?? null };
}

export interface MessageOptions {
  readonly message?: string;
  readonly allowSecretLike?: boolean;
}

/** `-m`, recorded for ever, and the way past the screen for secrets. */
export function declareMessage(command: Commander, what: string, mandatory: 'needed' | 'optional'): void {
  const flags = '-m, --message <text>';
  if (mandatory === 'needed') command.requiredOption(flags, what);
  else command.option(flags, what);
  declareAllowSecretLike(command);
}

export function declareAllowSecretLike(command: Commander): void {
  command.option('--allow-secret-like', 'record a text although it looks like a secret');
}

export function declareYes(command: Commander): void {
  command.option('-y, --yes', 'answer questions in advance');
}
