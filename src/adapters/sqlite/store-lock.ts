/**
 * The store lock, as locks that the kernel holds on two SQLite files and frees when a process dies.
 *
 *     shared      a read transaction on locks.sqlite, one for all holders of this process
 *     exclusive   BEGIN EXCLUSIVE on locks.sqlite, on a connection of its own
 *     turn        BEGIN IMMEDIATE on turn.sqlite beside it
 *
 * Both files are in rollback-journal mode and hold nothing; no transaction ever changes them. Waiting is asynchronous:
 * attempts never block the thread, and pauses between them are random.
 *
 * Who waits for exclusive goes first: it takes SQLite's RESERVED lock in the ordinary mode, then switches the connection
 * to `locking_mode=EXCLUSIVE`, in which a failed BEGIN EXCLUSIVE keeps its PENDING lock. PENDING stops new read locks of
 * other processes; newcomers look for RESERVED themselves, because within a process that has a read lock SQLite grants
 * another one without asking the system. Exclusion itself does not rest on this, only fairness does.
 *
 * Nobody may open these files by other means in this process: closing any descriptor of a file drops all POSIX locks
 * that the process has on it. An unlocked reader is better than none: where the files can neither be opened nor made,
 * because the directory is read-only, shared is granted without a lock, and exclusive and turn say READ_ONLY.
 */
import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { isCodedError } from '../../core/errors.ts';
import type { HeldLock, StoreLock } from '../../ports/store-lock.ts';
import type { Random } from '../../ports/system.ts';
import { isDamagedLock, lockConnections } from './lock-connections.ts';
import { lockHolder } from './lock-holder.ts';
import { lockWaiting } from './lock-waiting.ts';
import type { SqlDatabase } from './open-database.ts';

export interface StoreLockOptions {
  /** Path of `locks.sqlite`; `turn.sqlite` and `locks.holder` lie beside it. */
  readonly path: string;
  /** BUSY after this time; waiting without limit when left out. */
  readonly waitMs?: number | undefined;
  /** Told once, after two seconds of waiting, for whom. */
  readonly onWait?: ((line: string) => void) | undefined;
  /** For the pauses between attempts. */
  readonly random: Random;
  /** Never writes: shared is granted, by a real lock where the file exists. */
  readonly readOnly?: boolean | undefined;
}

export function openStoreLock(options: StoreLockOptions): StoreLock {
  const { path, readOnly = false } = options;
  const turnPath = join(dirname(path), 'turn.sqlite');
  const holder = lockHolder(join(dirname(path), 'locks.holder'));
  const waiting = lockWaiting(options, holder.describe);
  const connections = lockConnections(readOnly);

  let sharedDatabase: SqlDatabase | undefined;
  let probeDatabase: SqlDatabase | undefined;
  let turnDatabase: SqlDatabase | undefined;
  let sharedHolders = 0;
  let turnHeld = false;
  let noted = false;

  function held(release: () => void): HeldLock {
    let done = false;
    return {
      release: async () => {
        if (done) return;
        done = true;
        if (!connections.isClosed()) release();
        waiting.wake();
      },
    };
  }

  /**
   * Busy when somebody has RESERVED, and so waits for exclusive. On a file that can only be read SQLite takes this for
   * BEGIN, which does no harm.
   */
  function letExclusiveGoFirst(database: SqlDatabase): void {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
  }

  function takeShared(): true {
    if (sharedHolders > 0) {
      probeDatabase ??= connections.open(path);
      letExclusiveGoFirst(probeDatabase);
    } else {
      sharedDatabase ??= connections.open(path);
      letExclusiveGoFirst(sharedDatabase);
      sharedDatabase.exec('BEGIN');
      try {
        sharedDatabase.prepare('SELECT 1 FROM sqlite_schema').get();
      } catch (error) {
        sharedDatabase.exec('ROLLBACK');
        throw error;
      }
    }
    sharedHolders++;
    return true;
  }

  function releaseShared(): void {
    sharedHolders--;
    if (sharedHolders === 0) sharedDatabase?.exec('ROLLBACK');
  }

  /** True when `error` says that there can be no lock, and nobody here can write to the store either. */
  function goesWithoutLock(error: unknown): boolean {
    if (!isCodedError(error) || isCodedError(error, 'BUSY')) return false;
    if (readOnly) return !isDamagedLock(error);
    try {
      accessSync(dirname(path), constants.W_OK);
      return false;
    } catch {
      // The directory cannot be written to: that is the answer, not a failure.
      return isCodedError(error, 'READ_ONLY') || isCodedError(error, 'NOT_PERMITTED');
    }
  }

  async function shared(purpose: string): Promise<HeldLock> {
    try {
      await waiting.until('shared', purpose, () => connections.attempt(path, takeShared));
    } catch (error) {
      if (goesWithoutLock(error)) return held(() => undefined);
      throw error;
    }
    return held(releaseShared);
  }

  function clearNote(): void {
    if (noted) holder.clear();
    noted = false;
  }

  async function exclusive(purpose: string): Promise<HeldLock> {
    let database: SqlDatabase | undefined;
    let reserved = false;
    const take = (): true => {
      database ??= connections.openWritable(path);
      if (!reserved) {
        database.exec('BEGIN IMMEDIATE; PRAGMA locking_mode=EXCLUSIVE; ROLLBACK');
        reserved = true;
        noted = true;
        holder.write(purpose);
      }
      database.exec('BEGIN EXCLUSIVE');
      return true;
    };
    const giveBack = (): void => {
      if (reserved) clearNote();
      // In this locking mode only closing gives the lock back.
      if (database !== undefined) connections.drop(database);
    };
    try {
      await waiting.until('exclusive', purpose, () => connections.attempt(path, take));
    } catch (error) {
      giveBack();
      throw error;
    }
    return held(giveBack);
  }

  async function turn(purpose: string): Promise<HeldLock> {
    const take = (): true | undefined => {
      if (turnHeld) return undefined;
      turnDatabase ??= connections.openWritable(turnPath);
      turnDatabase.exec('BEGIN IMMEDIATE');
      turnHeld = true;
      return true;
    };
    await waiting.until('turn', purpose, () => connections.attempt(turnPath, take));
    return held(() => {
      turnHeld = false;
      turnDatabase?.exec('ROLLBACK');
    });
  }

  async function close(): Promise<void> {
    clearNote();
    connections.close();
    waiting.wake();
  }

  return { shared, exclusive, turn, close };
}
