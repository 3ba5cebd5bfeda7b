/** What a query sees: the manifest's tables under their names, and stored tables behind `artifact('<rev>')`. */
import {
  BIGINT,
  BLOB,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import { isCodedError } from '../../core/errors.ts';
import { plainTable } from '../../core/records/table-spec.ts';
import type { ManifestColumnType, ManifestTable, ManifestTables, ManifestValue } from '../../ports/manifest-tables.ts';
import type { QueryTable } from '../../ports/sql-query.ts';
import type { TableFile } from '../../ports/tables.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { failedCast } from './table-casts.ts';
import { tableError } from './table-errors.ts';
import type { OpenTable } from './table-source.ts';

/** Rows of one chunk of DuckDB. */
const chunkRows = 2048;

const typeOf: { readonly [type in ManifestColumnType]: DuckDBType } = {
  integer: BIGINT,
  real: DOUBLE,
  text: VARCHAR,
  blob: BLOB,
};

function valuesFor(type: ManifestColumnType, values: readonly ManifestValue[]): readonly DuckDBValue[] {
  if (type !== 'blob') return values as readonly DuckDBValue[];
  return values.map((value) => (value instanceof Uint8Array ? new DuckDBBlobValue(value) : null));
}

async function fill(connection: DuckDBConnection, tables: ManifestTables, table: ManifestTable): Promise<void> {
  const types = table.columns.map(({ type }) => typeOf[type]);
  const appender = await connection.createAppender(table.name);
  try {
    for (const batch of tables.scan(table.name, chunkRows)) {
      const chunk = DuckDBDataChunk.create(types, batch[0]?.length ?? 0);
      chunk.setColumns(
        batch.map((values, at) => valuesFor((table.columns[at] as { type: ManifestColumnType }).type, values)),
      );
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

/** Makes every table of the manifest, and fills those that `names` may mean: the others are only described. */
export async function addManifest(
  connection: DuckDBConnection,
  tables: ManifestTables,
  names: ReadonlySet<string>,
): Promise<void> {
  for (const table of tables.tables) {
    const columns = table.columns.map(({ name, type }) => `${quoteName(name)} ${String(typeOf[type])}`);
    await connection.run(`CREATE TABLE ${quoteName(table.name)} (${columns.join(', ')})`);
    if (names.has(table.name)) await fill(connection, tables, table);
  }
}

/** DuckDB takes a path as a pattern: what means something in one stands in brackets. */
export function pathPattern(path: string): string {
  return path.replaceAll(/[[*?]/g, (character) => `[${character}]`);
}

/**
 * The whole file decides the types of a CSV or JSONL, not a sample: an answer must not depend on the order of rows. The
 * first line of a CSV names its columns.
 */
async function asTheFileSays(connection: DuckDBConnection, { path, format }: TableFile): Promise<string | undefined> {
  const file = quoteText(pathPattern(path));
  switch (format) {
    case 'parquet':
      return `read_parquet(${file}, hive_partitioning = false)`;
    case 'jsonl':
      return `read_json(${file}, format = 'newline_delimited', compression = 'uncompressed', sample_size = -1, hive_partitioning = false)`;
    case 'csv': {
      const options = "header = true, compression = 'none', sample_size = -1";
      // Looked through once: what was found is written out, so that no later step looks again.
      const found = await connection.runAndReadAll(`SELECT Prompt FROM sniff_csv(${file}, ${options})`);
      const prompt = String(found.getRows()[0]?.[0]);
      const call = prompt.replace(/^FROM /, '').replace(/;$/, '');
      return call.replace(/\)$/, ", compression = 'none', hive_partitioning = false)");
    }
    case 'arrow':
      return undefined;
  }
}

/** What stands behind a macro for as long as the query lasts. */
export interface QueryTables {
  /** What an error means that came from one of the tables; undefined for any other. */
  explain(error: unknown): Promise<Error | undefined>;
}

/** `artifact('<rev>')` as a macro over one view a file, in a schema that SHOW TABLES does not list. */
export async function addArtifacts(
  connection: DuckDBConnection,
  tables: ReadonlyMap<string, QueryTable>,
): Promise<QueryTables> {
  const opened: OpenTable[] = [];
  const cases: string[] = [];
  if (tables.size > 0) await connection.run('CREATE SCHEMA cairn');
  for (const [rev, { file, spec }] of tables) {
    const view = `cairn.artifact_${cases.length + 1}`;
    try {
      let relation = spec === undefined ? await asTheFileSays(connection, file) : undefined;
      if (relation === undefined) {
        const { openTable } = await import('./table-source.ts');
        const table = await openTable(connection, file, spec ?? plainTable);
        opened.push(table);
        relation = table.relation;
      }
      await connection.run(`CREATE VIEW ${view} AS FROM ${relation}`);
    } catch (error) {
      throw fileError(file, error) ?? error;
    }
    cases.push(`WHEN ${quoteText(rev)} THEN ${quoteText(view)}`);
  }
  if (cases.length > 0) {
    await connection.run(`CREATE MACRO artifact(rev) AS TABLE FROM query_table(CASE rev ${cases.join(' ')} END)`);
  }
  return {
    async explain(error) {
      const message = error instanceof Error ? error.message : '';
      if (failedCast(message) !== undefined) {
        for (const table of opened) {
          const told = await table.explain(error);
          if (isCodedError(told, 'TABLE_INVALID') && told.data['row'] !== undefined) return told;
        }
      }
      const named = [...tables.values()].find(({ file }) => namesFile(message, file));
      return named === undefined ? undefined : fileError(named.file, error);
    },
  };
}

function namesFile(message: string, { path }: TableFile): boolean {
  return message.includes(path) || message.includes(pathPattern(path));
}

/** DuckDB's message about a file, without its path. */
function fileError(file: TableFile, error: unknown): Error | undefined {
  if (isCodedError(error) || !(error instanceof Error)) return undefined;
  const message = error.message.replaceAll(pathPattern(file.path), file.name).replaceAll(file.path, file.name);
  return tableError(file, new Error(message, { cause: error }));
}
