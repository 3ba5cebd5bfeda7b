/** The ports behind `query`, loaded when they are first asked something: DuckDB takes longer to load than most commands to run. */
import { join } from 'node:path';
import type { LocalFiles } from '../ports/local-files.ts';
import type { SqlQueries } from '../ports/sql-query.ts';
import { manifestFile, migrationsDirectory, temporaryDirectory } from './wiring.ts';

export interface QueryPorts {
  readonly localFiles: LocalFiles;
  readonly queries: SqlQueries;
}

/** What a query may hold in memory; what it needs beyond goes to disk. */
const memoryLimit = 1024 * 1024 * 1024;

export function queryPorts(storeDirectory: string): QueryPorts {
  const temporary = temporaryDirectory(storeDirectory);
  const files = async (): Promise<LocalFiles> => {
    const { openLocalFiles } = await import('../adapters/fs/local-files.ts');
    const { systemRandom } = await import('../adapters/node/system-random.ts');
    return openLocalFiles({ directory: temporary, random: systemRandom() });
  };
  const queries = async (): Promise<SqlQueries> => {
    const { openManifestTables } = await import('../adapters/sqlite/manifest-tables.ts');
    const { openSqlQueries } = await import('../adapters/duckdb/query.ts');
    const manifest = { path: join(storeDirectory, manifestFile), migrationsDir: migrationsDirectory() };
    return openSqlQueries({ manifest: () => openManifestTables(manifest), temporary, memoryLimit });
  };
  return {
    localFiles: {
      stamp: async (path) => (await files()).stamp(path),
      keep: async (source) => (await files()).keep(source),
      write: async (path, source) => (await files()).write(path, source),
      remove: async (path) => (await files()).remove(path),
    },
    queries: {
      rows: async (request, use) => (await queries()).rows(request, use),
      parquet: async (request, use) => (await queries()).parquet(request, use),
    },
  };
}
