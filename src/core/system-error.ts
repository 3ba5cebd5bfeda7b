/**
 * Errors of the operating system as `CodedError`s. Pure: it looks at the error's `code` only, so that every adapter (and
 * SQLite's, which reports the same conditions in its own words) says the same thing about the same trouble.
 *
 * Invariant: a `CodedError` passes through unchanged, and what carries no system code is reported as a bug, not as I/O.
 */
import { CodedError, type ErrorCode, isCodedError } from './errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint?: string;
}

const diskFull = 'Free some space or raise the quota, then run the command again: the store is as it was.';
const permission = 'Check the owner and the mode of the file and of the directories above it.';

const meanings: { readonly [code: string]: Meaning } = {
  ENOSPC: { code: 'DISK_FULL', reason: 'no space left on the device', hint: diskFull },
  EDQUOT: { code: 'DISK_FULL', reason: 'the disk quota is used up', hint: diskFull },
  EACCES: { code: 'NOT_PERMITTED', reason: 'permission denied', hint: permission },
  EPERM: { code: 'NOT_PERMITTED', reason: 'operation not permitted', hint: permission },
  EROFS: {
    code: 'READ_ONLY',
    reason: 'the file system is mounted read-only',
    hint: 'Reading works; to write, mount the file system writable or work on a copy of the store.',
  },
  EIO: {
    code: 'IO',
    reason: 'input or output error',
    hint: 'The disk may be failing: see the system log, and back up.',
  },
  EMFILE: { code: 'IO', reason: 'too many open files in this process', hint: 'Raise the limit with `ulimit -n`.' },
  ENFILE: { code: 'IO', reason: 'too many open files in the system', hint: 'Close other programs and try again.' },
  ENOENT: { code: 'IO', reason: 'no such file or directory' },
  ENOTDIR: { code: 'IO', reason: 'a part of the path is not a directory' },
  EISDIR: { code: 'IO', reason: 'it is a directory' },
  ELOOP: { code: 'IO', reason: 'too many symbolic links' },
  ENAMETOOLONG: { code: 'IO', reason: 'the name is too long' },
  EXDEV: { code: 'IO', reason: 'it is on another file system' },
  EFBIG: { code: 'IO', reason: 'the file is too large for the file system or the limit (`ulimit -f`)' },
  EMLINK: { code: 'IO', reason: 'too many links' },
};

function textField(error: unknown, field: 'code' | 'path'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : undefined;
}

/** The system's name of the error (`ENOENT`), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = textField(error, 'code');
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * `doing` says what failed, without the path: "cannot write". `path` is what a person would look at; the error's own
 * path is used when it is left out.
 */
export function systemError(doing: string, error: unknown, path = textField(error, 'path')): CodedError {
  if (isCodedError(error)) return error;
  const code = systemErrorCode(error);
  const where = path === undefined ? '' : ` ${path}`;
  if (code === undefined) return new CodedError('INTERNAL', `${doing}${where}: ${String(error)}`, { cause: error });
  const meaning = meanings[code] ?? { code: 'IO', reason: code };
  return new CodedError(meaning.code, `${doing}${where}: ${meaning.reason}`, {
    hint: meaning.hint,
    data: { errno: code, ...(path === undefined ? {} : { path }) },
    cause: error,
  });
}
