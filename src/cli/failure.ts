/** How a failure is told: to people on standard error, to programs as one document, to the shell as a status. */
import { type CodedError, isCodedError } from '../core/errors.ts';
import { systemError, systemErrorCode } from '../core/system-error.ts';
import { Declined } from './confirm.ts';
import { exitInternal, exitNo, exitReaderGone } from './exit-status.ts';
import { type Io, ReaderGone } from './io.ts';
import { inLines } from './text.ts';

/** An error of the system that no adapter put into words is told as such; anything else without a code is a bug. */
function coded(error: unknown): CodedError | undefined {
  if (isCodedError(error)) return error;
  return systemErrorCode(error) === undefined ? undefined : systemError('the system refused', error);
}

function write(io: Io, text: string): void {
  try {
    io.stderr.write(text);
  } catch {
    // Nobody can be told that nobody can be told.
  }
}

function document(code: string, message: string, hint: string | undefined, data: unknown): string {
  return `${JSON.stringify({ schema: 'cairn.cli.error/1', error: { code, message, hint: hint ?? null, data } })}\n`;
}

/** Reports a failure; returns the exit status. */
export function reportFailure(io: Io, error: unknown, json: boolean): number {
  if (error instanceof ReaderGone) return exitReaderGone;
  if (error instanceof Declined) {
    write(io, 'cairn: nothing was changed\n');
    return exitNo;
  }
  const known = coded(error);
  const debug = (io.env['CAIRN_DEBUG'] ?? '') !== '';
  const message = known?.message ?? `bug in cairn: ${error instanceof Error ? error.message : String(error)}`;
  const hint = known === undefined ? 'Please report it, with what CAIRN_DEBUG=1 shows.' : known.hint;
  const stack = debug && error instanceof Error ? `${error.stack ?? ''}\n${causes(error)}` : '';
  write(io, `cairn: ${inLines(message)}\n${hint === undefined ? '' : `hint: ${inLines(hint)}\n`}${stack}`);
  if (json) {
    try {
      io.stdout.write(document(known?.code ?? 'INTERNAL', message, hint, known?.data ?? {}));
    } catch {
      // The reader has gone; the status still says what happened.
    }
  }
  return known?.exitStatus ?? exitInternal;
}

function causes(error: Error): string {
  return error.cause instanceof Error
    ? `caused by ${error.cause.stack ?? error.cause.message}\n${causes(error.cause)}`
    : '';
}
