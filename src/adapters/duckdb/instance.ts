/**
 * A DuckDB of our own: in memory, with a bound, told to load nothing and to download nothing. Files are read by the paths
 * that cairn gives it; a connection that sees a user's SQL is locked down first (query.ts).
 *
 * Each has a directory of its own for what does not fit into memory: the files there are named alike in every DuckDB, and two
 * over one directory would take each other's. It goes with the instance; what a killed process leaves is swept by `gc`.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { systemError } from '../../core/system-error.ts';

export interface DuckDbOptions {
  /** Directory below which the instance makes its own; itself made when it is missing. */
  readonly temporary: string;
  /** Bytes that DuckDB may hold. */
  readonly memoryLimit: number;
  /** Left out: as many as the machine has processors. */
  readonly threads?: number;
}

export interface DuckDb {
  readonly connection: DuckDBConnection;
  /** The directory of this instance alone, removed with it. */
  readonly directory: string;
  /** Makes the directory again, should somebody have swept it away while the instance was idle. */
  refresh(): void;
  /** A further connection to the same instance, closed with it. */
  another(): Promise<DuckDBConnection>;
  close(): void;
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw systemError('cannot make the directory', error, path);
  }
}

export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  const directory = join(options.temporary, `duckdb-${randomBytes(12).toString('hex')}`);
  makeDirectory(directory);
  try {
    return await openIn(directory, options);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

async function openIn(directory: string, options: DuckDbOptions): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${Math.floor(options.memoryLimit / 1024)}KiB`,
    temp_directory: directory,
    preserve_insertion_order: 'true',
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  });
  const connections: DuckDBConnection[] = [];
  const another = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    connections.push(connection);
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  return {
    connection: await another(),
    directory,
    refresh: () => makeDirectory(directory),
    another,
    close: () => {
      for (const connection of connections) connection.closeSync();
      instance.closeSync();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
