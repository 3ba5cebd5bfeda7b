/**
 * Who may use the connection when.
 *
 * Writers of this process go one after another; against other processes `BEGIN IMMEDIATE` is tried again, asynchronously
 * and with jitter, for as long as it takes. While a write transaction is open it may wait for the log's disk, so reads
 * wait for its end: nobody sees a half-applied batch. Reads run synchronously inside one snapshot.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
import { isBusy } from './open-database.ts';
import { manifestError } from './sqlite-errors.ts';

export interface WaitOptions {
  /** Give up after so long with BUSY; without it, never. */
  readonly waitMs?: number | undefined;
  /** Told once after two seconds of waiting. */
  readonly onWait?: ((line: string) => void) | undefined;
}

const noticeAfterMs = 2000;
const shortestPauseMs = 5;
const longestPauseMs = 60;

export class Transactions {
  readonly #connection: Connection;
  readonly #wait: WaitOptions;
  #lastWriter: Promise<unknown> = Promise.resolve();
  #open: Promise<void> | undefined;

  constructor(connection: Connection, wait: WaitOptions) {
    this.#connection = connection;
    this.#wait = wait;
  }

  /** Tries `step` until no other process is in the way. `step` MUST change nothing when it throws. */
  static async patiently<Result>(path: string, wait: WaitOptions, step: () => Result): Promise<Result> {
    const started = performance.now();
    let noticed = false;
    for (;;) {
      try {
        return step();
      } catch (error) {
        if (!isBusy(error) && !isCodedError(error, 'BUSY')) throw error;
        const waited = performance.now() - started;
        if (wait.waitMs !== undefined && waited >= wait.waitMs) {
          throw new CodedError('BUSY', `another process has been writing to ${path} for ${Math.round(waited)} ms`, {
            hint: 'Run the command again when the other process is done.',
            cause: error,
          });
        }
        if (!noticed && waited >= noticeAfterMs) {
          noticed = true;
          wait.onWait?.(`waiting for another process that is writing to ${path}`);
        }
      }
      await sleep(shortestPauseMs + Math.random() * (longestPauseMs - shortestPauseMs));
    }
  }

  #patiently<Result>(step: () => Result): Promise<Result> {
    return Transactions.patiently(this.#connection.path, this.#wait, step);
  }

  /** Runs `work` in one read snapshot. */
  async read<Result>(work: () => Result): Promise<Result> {
    try {
      while (this.#open !== undefined) await this.#open;
      return await this.#patiently(() => {
        while (this.#open !== undefined) throw new OpenedMeanwhile(this.#open);
        return this.#snapshot(work);
      });
    } catch (error) {
      if (error instanceof OpenedMeanwhile) {
        await error.end;
        return this.read(work);
      }
      throw manifestError(this.#connection.path, error);
    }
  }

  #snapshot<Result>(work: () => Result): Result {
    const connection = this.#connection;
    connection.exec('BEGIN');
    try {
      return work();
    } finally {
      if (connection.inTransaction) connection.exec('ROLLBACK');
    }
  }

  /** Runs `work` in one write transaction and commits it. Everything is rolled back when `work` throws. */
  write<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastWriter.then(() => this.#write(work));
    this.#lastWriter = turn.catch(() => undefined);
    return turn;
  }

  async #write<Result>(work: () => Promise<Result>): Promise<Result> {
    const connection = this.#connection;
    const ended = Promise.withResolvers<void>();
    try {
      await this.#patiently(() => {
        connection.exec('BEGIN IMMEDIATE');
        this.#open = ended.promise;
      });
      const result = await work();
      connection.exec('COMMIT');
      return result;
    } catch (error) {
      throw manifestError(connection.path, error);
    } finally {
      if (this.#open === ended.promise) {
        if (connection.inTransaction) connection.exec('ROLLBACK');
        this.#open = undefined;
      }
      ended.resolve();
    }
  }

  /** Resolves when every write that was asked for has ended. */
  async settled(): Promise<void> {
    await this.#lastWriter;
  }
}

/** A write transaction began while a read was waiting for another process. */
class OpenedMeanwhile extends Error {
  readonly end: Promise<void>;

  constructor(end: Promise<void>) {
    super('a write transaction is open');
    this.end = end;
  }
}
