/**
 * `workspace.sqlite`: the staging areas and the stat cache of one workspace, opened when it is first needed.
 *
 *     about       one row: the workspace's own random id
 *     staged      (stage, seq) → a block of entries (staged-block.ts); later blocks decide
 *     stat_cache  one row: the cache as one block
 *
 * A rollback journal with `synchronous=FULL`: a command opens the file, writes one transaction and ends, for which WAL
 * costs a checkpoint and two more files (measured: docs/decisions). Each call is one transaction that never waits for
 * anything but the disk, so other processes wait for it at most some hundredths of a second.
 */
import { existsSync } from 'node:fs';
import { CodedError } from '../../core/errors.ts';
import { databaseError, openDatabase, type SqlDatabase, sqliteCode } from './open-database.ts';

const schemaVersion = 1;
const applicationId = 0x6361_6977;
/** Longest wait for other processes on this workspace: a hundred jobs may write one after another. */
const busyMs = 300_000;
/** Free pages from which the file is made smaller: a large staging area leaves thousands behind. */
const spareFreePages = 32;

export interface WorkspaceDatabase {
  /** Runs `work` on the database, or gives undefined where there is none yet. */
  read<T>(work: (database: SqlDatabase) => T): T | undefined;
  /** Runs `work` in a transaction that has the write lock, making the database when there is none. */
  write<T>(work: (database: SqlDatabase) => T): T;
  close(): void;
  readonly corrupt: (cause: unknown) => CodedError;
}

export function workspaceDatabase(path: string, createId: () => string, readOnly: boolean): WorkspaceDatabase {
  let database: SqlDatabase | undefined;

  const corrupt = (cause: unknown): CodedError =>
    new CodedError('WORKSPACE_CORRUPT', `the workspace state ${path} cannot be read`, {
      hint: `Delete ${path}: what is staged and not yet committed must be added again; files and commits are not touched.`,
      data: { path },
      cause,
    });

  function pragma(opened: SqlDatabase, name: string): unknown {
    const row = opened.prepare(`PRAGMA ${name}`).raw().get();
    return Array.isArray(row) ? row[0] : undefined;
  }

  function create(opened: SqlDatabase): void {
    opened.exec('PRAGMA auto_vacuum = INCREMENTAL');
    opened.exec('BEGIN IMMEDIATE');
    // Another process may have made it while this one waited for the lock.
    if (pragma(opened, 'user_version') === 0) {
      opened.exec(`
        CREATE TABLE about (id TEXT NOT NULL) STRICT;
        CREATE TABLE staged (stage TEXT NOT NULL, seq INTEGER NOT NULL, block TEXT NOT NULL, PRIMARY KEY (stage, seq)) STRICT;
        CREATE TABLE stat_cache (only INTEGER PRIMARY KEY CHECK (only = 1), bytes BLOB NOT NULL) STRICT;
        PRAGMA application_id = ${applicationId};
        PRAGMA user_version = ${schemaVersion};`);
      opened.prepare('INSERT INTO about (id) VALUES (?)').run(createId());
    }
    opened.exec('COMMIT');
  }

  function check(opened: SqlDatabase): void {
    const version = pragma(opened, 'user_version');
    if (pragma(opened, 'application_id') !== applicationId) throw corrupt(new TypeError('another program made it'));
    if (version !== schemaVersion) {
      throw new CodedError('NEWER_STORE', `${path} has version ${String(version)}; this cairn knows ${schemaVersion}`, {
        hint: 'Use the newer cairn that wrote it.',
      });
    }
  }

  function open(): SqlDatabase {
    if (database !== undefined) return database;
    const opened = openDatabase(path, { readOnly, busyMs });
    try {
      if (!readOnly) opened.exec('PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL');
      if (!readOnly && pragma(opened, 'user_version') === 0 && pragma(opened, 'schema_version') === 0) create(opened);
      check(opened);
    } catch (error) {
      opened.close();
      throw error;
    }
    database = opened;
    return opened;
  }

  function guarded<T>(doing: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      // The statements here never change, so one that fails as such says that the tables are not ours.
      if (sqliteCode(error) === 'SQLITE_ERROR') throw corrupt(error);
      throw databaseError(doing, path, error, corrupt);
    }
  }

  return {
    corrupt,
    read: (work) => {
      if (database === undefined && !existsSync(path)) return undefined;
      return guarded('cannot read', () => work(open()));
    },
    write: (work) =>
      guarded('cannot write', () => {
        if (readOnly) throw new CodedError('READ_ONLY', `cannot write ${path}: the store is open for reading only`);
        const opened = open();
        opened.exec('BEGIN IMMEDIATE');
        try {
          const result = work(opened);
          if (Number(pragma(opened, 'freelist_count')) > spareFreePages) opened.exec('PRAGMA incremental_vacuum');
          opened.exec('COMMIT');
          return result;
        } catch (error) {
          rollBack(opened);
          throw error;
        }
      }),
    close: () => {
      database?.close();
      database = undefined;
    },
  };
}

/** SQLite has rolled back by itself after some errors, and then refuses to do it again. */
function rollBack(opened: SqlDatabase): void {
  if (opened.inTransaction) opened.exec('ROLLBACK');
}
