/** What SQLite says about the manifest, as `CodedError`s: a rule that refuses, a file that is no manifest. */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { databaseError, sqliteCode } from './open-database.ts';

/** A trigger said no. */
export function isRefusal(error: unknown): boolean {
  return sqliteCode(error) === 'SQLITE_CONSTRAINT_TRIGGER';
}

export function manifestError(path: string, error: unknown): CodedError {
  if (isCodedError(error)) return error;
  if (sqliteCode(error)?.startsWith('SQLITE_CONSTRAINT')) {
    const rule = error instanceof Error ? error.message : String(error);
    return new CodedError('MANIFEST_REFUSED', `the manifest refuses the change: ${rule}`, {
      data: { path, rule },
      cause: error,
    });
  }
  return databaseError('cannot use the manifest', path, error, (cause) => {
    const what = sqliteCode(cause) === 'SQLITE_NOTADB' ? 'is not a database' : 'is damaged';
    return new CodedError('MANIFEST_CORRUPT', `the manifest ${path} ${what}`, {
      hint: 'Rebuild it from the records and the log: `cairn reindex`.',
      data: { path, sqlite: sqliteCode(cause) },
      cause,
    });
  });
}
