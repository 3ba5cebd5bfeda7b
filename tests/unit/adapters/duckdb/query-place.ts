/** A manifest with a past of every kind, asked by both engines: SQLite through its driver, DuckDB as `query` does. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqlQueries } from '../../../../src/adapters/duckdb/query.ts';
import { openManifestTables } from '../../../../src/adapters/sqlite/manifest-tables.ts';
import type { JsonValue } from '../../../../src/core/json-value.ts';
import type { QueryTable, SqlQueries } from '../../../../src/ports/sql-query.ts';
import type { TableFile } from '../../../../src/ports/tables.ts';
import { manifestPlace, migrationsDir, tell } from '../sqlite/a-manifest.ts';

export interface QueryPlace {
  readonly root: string;
  readonly path: string;
  readonly queries: SqlQueries;
  /** Rows of DuckDB's answer; `files` are what revisions stand for. */
  duck(sql: string, files?: { readonly [rev: string]: TableFile | QueryTable }): Promise<JsonValue[][]>;
  /** Rows of SQLite's answer. */
  lite(sql: string): unknown[][];
  remove(): void;
}

export async function queryPlace(): Promise<QueryPlace> {
  const place = manifestPlace();
  const manifest = await place.open();
  await tell(manifest);
  await manifest.close();
  const sqlite = new Database(place.path, { readonly: true });
  const queries = openSqlQueries({
    manifest: () => openManifestTables({ path: place.path, migrationsDir }),
    temporary: join(place.root, 'tmp'),
    memoryLimit: 256 * 1024 * 1024,
  });
  return {
    root: place.root,
    path: place.path,
    queries,
    duck: (sql, files = {}) => {
      const resolve = async (rev: string): Promise<QueryTable> => {
        const found = files[rev] as TableFile | QueryTable;
        return 'file' in found ? found : { file: found };
      };
      return queries.rows({ sql, resolve }, async ({ batches }) => {
        const rows: JsonValue[][] = [];
        for await (const batch of batches) {
          for (let row = 0; row < batch.rows; row++) rows.push(batch.columns.map((values) => values[row] as JsonValue));
        }
        return rows;
      });
    },
    lite: (sql) => sqlite.prepare(sql).raw().all() as unknown[][],
    remove: () => {
      sqlite.close();
      place.remove();
    },
  };
}
