/** `--writer name@version`: the program that made a file. */
import { CodedError } from '../core/errors.ts';

export interface WriterText {
  readonly name: string;
  readonly version: string;
}

/** The version is what stands behind the last `@`: names of packages may start with one. */
export function writerOption(text: string): WriterText {
  const at = text.lastIndexOf('@');
  if (at > 0 && at < text.length - 1) return { name: text.slice(0, at), version: text.slice(at + 1) };
  throw new CodedError('BAD_ARGUMENT', `--writer: not of the form name@version: ${JSON.stringify(text.slice(0, 80))}`, {
    hint: 'For example: --writer loader@1.4.',
    data: { argument: '--writer', value: text.slice(0, 80) },
  });
}
