/**
 * TableReader on DuckDB. One instance is opened at the first table and kept, and so are its connections, since opening one
 * costs more than reading a small file.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { StreamHasher } from '../../core/table-content/stream-hasher.ts';
import type { TableReader } from '../../ports/tables.ts';
import { type DuckDb, type DuckDbOptions, openDuckDb } from './instance.ts';
import { identifyTogether } from './table-batches.ts';
import { identifyTable, type Request, type Result } from './table-identity.ts';

export interface TableReaderOptions extends DuckDbOptions {
  /** An incremental SHA-256. */
  readonly hasher: () => StreamHasher;
}

/** Connections at work at once. */
const lanes = 4;
/** Files of one batch: their rows are asked for together where they can be. */
const batchSize = 32;

type Use = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/** Connections of one instance; a connection has one query at a time. */
function connectionPool(options: DuckDbOptions): { readonly use: Use; close(): Promise<void> } {
  let opened: Promise<DuckDb> | undefined;
  let idle: DuckDBConnection[] = [];
  let made = 0;
  const waiting: ((connection: DuckDBConnection) => void)[] = [];
  const take = async (): Promise<DuckDBConnection> => {
    opened ??= openDuckDb(options);
    const database = await opened;
    database.refresh();
    const free = idle.pop();
    if (free !== undefined) return free;
    if (made >= lanes) return new Promise((resolve) => waiting.push(resolve));
    made++;
    return database.another();
  };
  return {
    async use(work) {
      const connection = await take();
      try {
        return await work(connection);
      } finally {
        const next = waiting.shift();
        if (next === undefined) idle.push(connection);
        else next(connection);
      }
    },
    async close() {
      const database = opened;
      [opened, idle, made] = [undefined, [], 0];
      (await database)?.close();
    },
  };
}

/** `close` gives the memory back, once nothing is being read; the reader opens anew when it is used afterwards. */
export function duckDbTableReader(options: TableReaderOptions): TableReader & { close(): Promise<void> } {
  const pool = connectionPool(options);
  return {
    identify: (file, spec) => pool.use((connection) => identifyTable(connection, { file, spec }, options.hasher)),
    async identifyMany(files) {
      const batches: (readonly Request[])[] = [];
      for (let start = 0; start < files.length; start += batchSize) batches.push(files.slice(start, start + batchSize));
      const results: (readonly Result[])[] = new Array(batches.length);
      let next = 0;
      const lane = async (connection: DuckDBConnection): Promise<void> => {
        for (let index = next++; index < batches.length; index = next++) {
          results[index] = await identifyTogether(connection, batches[index] as readonly Request[], options.hasher);
        }
      };
      await Promise.all(Array.from({ length: Math.min(lanes, batches.length) }, () => pool.use(lane)));
      return results.flat();
    },
    async diff(request) {
      const { diffTables } = await import('./table-diff.ts');
      return diffTables(request, options);
    },
    async times(file, columns) {
      const { readTimes } = await import('./timestamps.ts');
      return pool.use((connection) => readTimes(connection, file, columns));
    },
    close: () => pool.close(),
  };
}
