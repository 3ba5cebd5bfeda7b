/**
 * The native SQLite driver behind a type of our own, loaded when the first database is opened: it costs about 5 ms, and
 * many commands need none. No type or error of the driver leaves this folder.
 */
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { CodedError, type ErrorCode, isCodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';

export type SqlValue = string | number | bigint | Uint8Array | null;

export interface SqlStatement {
  run(...values: SqlValue[]): { readonly changes: number };
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  /** Rows as arrays in the order of the columns. */
  raw(): SqlStatement;
}

export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
  close(): unknown;
  readonly inTransaction: boolean;
}

export interface OpenDatabaseOptions {
  readonly readOnly?: boolean;
  /** Milliseconds that a statement may block the thread for a lock. */
  readonly busyMs: number;
}

type Driver = new (
  path: string,
  options: { readonly: boolean; fileMustExist: boolean; timeout: number },
) => SqlDatabase;

let driver: Driver | undefined;

/** Opens or makes a database file. Errors are the driver's: see `sqliteCode` and `databaseError`. */
export function openDatabase(path: string, options: OpenDatabaseOptions): SqlDatabase {
  driver ??= createRequire(import.meta.url)('better-sqlite3') as Driver;
  const readonly = options.readOnly ?? false;
  return new driver(path, { readonly, fileMustExist: readonly, timeout: options.busyMs });
}

/** SQLite's name of an error (`SQLITE_BUSY`), or undefined for anything else. */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined;
}

export function isBusy(error: unknown): boolean {
  return /^SQLITE_(?:BUSY|LOCKED)/.test(sqliteCode(error) ?? '');
}

/** Why a file cannot be opened for writing, in the system's words: SQLite only says that it cannot. */
function accessError(path: string): unknown {
  try {
    accessSync(dirname(path), constants.R_OK | constants.W_OK | constants.X_OK);
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return error;
  }
}

const meanings: readonly (readonly [RegExp, ErrorCode, string, string?])[] = [
  [
    /^SQLITE_FULL/,
    'DISK_FULL',
    'no space left',
    'Free some space, then run the command again: the store is as it was.',
  ],
  [/^SQLITE_READONLY/, 'READ_ONLY', 'it can only be read'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'BUSY', 'another process holds it', 'Wait for the other command and try again.'],
  [/^SQLITE_PERM/, 'NOT_PERMITTED', 'permission denied'],
];

/** What the driver's error means; `corrupt` is the error for a file that is no database or a damaged one. */
export function databaseError(
  doing: string,
  path: string,
  error: unknown,
  corrupt: (cause: unknown) => CodedError,
): CodedError {
  if (isCodedError(error)) return error;
  const code = sqliteCode(error);
  if (code !== undefined && /^SQLITE_(?:NOTADB|CORRUPT|FORMAT)/.test(code)) return corrupt(error);
  const found = meanings.find(([pattern]) => code !== undefined && pattern.test(code));
  if (found !== undefined) {
    const [, coded, reason, hint] = found;
    return new CodedError(coded, `${doing} ${path}: ${reason}`, { hint, data: { path, sqlite: code }, cause: error });
  }
  const access = code === undefined || code.startsWith('SQLITE_CANTOPEN') ? accessError(path) : undefined;
  if (access !== undefined) return systemError(doing, access, path);
  if (code === undefined) return systemError(doing, error, path);
  return new CodedError('IO', `${doing} ${path}: ${code}`, { data: { path, sqlite: code }, cause: error });
}
