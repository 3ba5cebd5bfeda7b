/**
 * The connections of one store lock: opened on demand, never blocking, all closed together.
 *
 * Invariant: every connection is in rollback-journal mode on a file that is not empty, so that no lock ever writes.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { CodedError } from '../../core/errors.ts';
import { databaseError, isBusy, openDatabase, type SqlDatabase, sqliteCode } from './open-database.ts';

export interface LockConnections {
  /** Opens a file, making it where that is possible. Errors are the driver's. */
  open(file: string): SqlDatabase;
  /** For locks other than a read lock. Throws READ_ONLY where the file cannot be written to. */
  openWritable(file: string): SqlDatabase;
  /** Closes one that may be closed already. */
  drop(database: SqlDatabase): void;
  /** Runs one attempt at a lock; undefined when somebody else has it. */
  attempt<T>(file: string, take: () => T): T | undefined;
  isClosed(): boolean;
  close(): void;
}

function damagedLock(file: string): (cause: unknown) => CodedError {
  return (cause) =>
    new CodedError('IO', `the lock file ${file} is damaged`, {
      hint: 'It holds no data: delete it while no cairn command is running.',
      data: { path: file },
      cause,
    });
}

export function isDamagedLock(error: CodedError): boolean {
  return /^SQLITE_(?:NOTADB|CORRUPT)/.test(sqliteCode(error.cause) ?? '');
}

export function lockConnections(readOnly: boolean): LockConnections {
  const connections = new Set<SqlDatabase>();
  let closed = false;

  function drop(database: SqlDatabase): void {
    if (connections.delete(database)) database.close();
  }

  function open(file: string): SqlDatabase {
    const database = openDatabase(file, { readOnly, busyMs: 0 });
    connections.add(database);
    try {
      // An empty file would be filled, and locked for it, by the first transaction that may write.
      if (!readOnly && statSync(file).size === 0) database.exec('PRAGMA synchronous=OFF; PRAGMA user_version=1');
      return database;
    } catch (error) {
      drop(database);
      throw error;
    }
  }

  /** On a file that can only be read SQLite takes BEGIN IMMEDIATE for BEGIN, so that has to be found out before. */
  function openWritable(file: string): SqlDatabase {
    const refusal = (cause?: unknown): CodedError =>
      new CodedError('READ_ONLY', `cannot lock ${file}: the store can only be read from here`, {
        data: { path: file },
        cause,
      });
    if (readOnly) throw refusal();
    const database = open(file);
    try {
      accessSync(file, constants.R_OK | constants.W_OK);
      return database;
    } catch (error) {
      drop(database);
      throw refusal(error);
    }
  }

  return {
    open,
    openWritable,
    drop,
    attempt: (file, take) => {
      if (closed) throw new CodedError('INTERNAL', 'the store lock was closed while it was asked for');
      try {
        return take();
      } catch (error) {
        if (isBusy(error)) return undefined;
        throw databaseError('cannot lock', file, error, damagedLock(file));
      }
    },
    isClosed: () => closed,
    close: () => {
      closed = true;
      for (const database of [...connections]) drop(database);
    },
  };
}
