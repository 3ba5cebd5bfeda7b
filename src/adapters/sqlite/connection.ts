/**
 * One connection with its prepared statements. Statements are kept by their text for as long as the connection lives;
 * parameters are positional, because better-sqlite3 binds names at twice the cost.
 *
 * `cairn_sha256` is registered here and nowhere else. The triggers name it, so other programs read and cannot write.
 */
import { hash } from 'node:crypto';
import { openDatabase, type SqlValue } from './open-database.ts';

export type { SqlValue };

type Bound = SqlValue | { readonly [name: string]: SqlValue };

/** What is used of a prepared statement. */
export interface Prepared {
  run(...values: Bound[]): { readonly changes: number };
  get(...values: Bound[]): unknown;
  all(...values: Bound[]): unknown[];
}

/** What is used of the driver. */
interface Driver {
  prepare(sql: string): DriverStatement;
  exec(sql: string): unknown;
  pragma(text: string, options: { readonly simple: boolean }): unknown;
  function(name: string, options: { readonly deterministic: boolean }, body: (value: unknown) => unknown): unknown;
  close(): unknown;
  readonly inTransaction: boolean;
}
interface DriverStatement extends Prepared {
  iterate(...values: Bound[]): IterableIterator<unknown>;
  /** Rows as arrays. */
  raw(): DriverStatement;
  /** First columns. */
  pluck(): DriverStatement;
  /** Integers as bigints. */
  safeIntegers(): DriverStatement;
}

export interface ConnectionOptions {
  readonly path: string;
  readonly readOnly: boolean;
  /** How long one call may block this process for another one. */
  readonly busyMs: number;
}

/** Memory for pages, in KiB: large enough that one command's writes are not spilled before its commit. */
const cacheKiB = 64 * 1024;

export class Connection {
  readonly path: string;
  readonly #db: Driver;
  readonly #statements = {
    rows: new Map<string, Prepared>(),
    tuples: new Map<string, Prepared>(),
    values: new Map<string, Prepared>(),
  };

  constructor(options: ConnectionOptions) {
    this.path = options.path;
    this.#db = openDatabase(options.path, options) as unknown as Driver;
    try {
      this.#db.function('cairn_sha256', { deterministic: true }, (value: unknown) =>
        typeof value === 'string' || value instanceof Uint8Array ? hash('sha256', value, 'buffer') : null,
      );
      this.#db.exec(
        `PRAGMA trusted_schema = ON; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;
         PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL`,
      );
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Rows as objects. */
  prepare(sql: string): Prepared {
    return this.#kept(this.#statements.rows, sql, (statement) => statement);
  }

  /** Rows as arrays, which is faster for many rows. */
  prepareTuples(sql: string): Prepared {
    return this.#kept(this.#statements.tuples, sql, (statement) => statement.raw());
  }

  #kept(kept: Map<string, Prepared>, sql: string, mode: (statement: DriverStatement) => DriverStatement): Prepared {
    let statement = kept.get(sql);
    if (statement === undefined) {
      statement = mode(this.#db.prepare(sql));
      kept.set(sql, statement);
    }
    return statement;
  }

  run(sql: string, ...values: Bound[]): number {
    return this.prepare(sql).run(...values).changes;
  }

  get<Row>(sql: string, ...values: Bound[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: Bound[]): Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }

  tuples<Row extends readonly unknown[]>(sql: string, ...values: Bound[]): Row[] {
    return this.prepareTuples(sql).all(...values) as Row[];
  }

  /** First column of the first row. */
  value<Value>(sql: string, ...values: Bound[]): Value | undefined {
    return this.#kept(this.#statements.values, sql, (statement) => statement.pluck()).get(...values) as
      | Value
      | undefined;
  }

  /** First column of every row. */
  values<Value>(sql: string, ...values: Bound[]): Value[] {
    return this.#kept(this.#statements.values, sql, (statement) => statement.pluck()).all(...values) as Value[];
  }

  /** Rows one by one. The connection can do nothing else until they are through. */
  iterate<Row>(sql: string, ...values: Bound[]): IterableIterator<Row> {
    return this.#db.prepare(sql).iterate(...values) as IterableIterator<Row>;
  }

  /** Rows as arrays one by one, integers as bigints. Several may be under way at once. */
  iterateTuples<Row extends readonly unknown[]>(sql: string, ...values: Bound[]): IterableIterator<Row> {
    return this.#db
      .prepare(sql)
      .raw()
      .safeIntegers()
      .iterate(...values) as IterableIterator<Row>;
  }

  /** Statements without parameters or answers. */
  exec(sql: string): void {
    this.#db.exec(sql);
  }

  pragma(text: string): unknown {
    return this.#db.pragma(text, { simple: true });
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  close(): void {
    this.#db.close();
  }
}
