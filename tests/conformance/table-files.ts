/** A reader of tables for tests, and tables written with DuckDB. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDb, openDuckDb } from '../../src/adapters/duckdb/instance.ts';
import { duckDbTableReader } from '../../src/adapters/duckdb/table-reader.ts';
import type { TableSpecRecord } from '../../src/core/records/table-spec.ts';
import type { TableFile, TableFormat, TableIdentity, TableReader } from '../../src/ports/tables.ts';

export interface TableBench {
  readonly directory: string;
  readonly reader: TableReader & { close(): Promise<void> };
  /** A file of the bench; named after itself. */
  file(name: string): TableFile;
  /** Writes what a SELECT gives; `options` are those of COPY. */
  write(name: string, select: string, options?: string): Promise<TableFile>;
  sql(text: string): Promise<void>;
  /** Rows of a query of DuckDB. */
  rows(text: string): Promise<readonly (readonly unknown[])[]>;
  identify(name: string, spec?: Omit<TableSpecRecord, 'schema'>): Promise<TableIdentity>;
  hash(name: string, spec?: Omit<TableSpecRecord, 'schema'>): Promise<string>;
  dispose(): Promise<void>;
}

const formats: { readonly [ending: string]: TableFormat } = {
  parquet: 'parquet',
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  arrow: 'arrow',
  arrows: 'arrow',
};

export async function tableBench(): Promise<TableBench> {
  const directory = await mkdtemp(join(tmpdir(), 'cairn-tables-'));
  const options = { temporary: join(directory, 'duckdb'), memoryLimit: 512 << 20 };
  const reader = duckDbTableReader({ ...options, hasher: () => createHash('sha256') });
  let database: DuckDb | undefined;
  const rows = async (text: string): Promise<readonly (readonly unknown[])[]> => {
    database ??= await openDuckDb(options);
    return (await database.connection.runAndReadAll(text)).getRows();
  };
  const sql = async (text: string): Promise<void> => {
    await rows(text);
  };
  const file = (name: string): TableFile => {
    const format = formats[name.slice(name.lastIndexOf('.') + 1)];
    if (format === undefined) throw new Error(name);
    return { path: join(directory, name), format, name };
  };
  const identify = (name: string, spec: Omit<TableSpecRecord, 'schema'> = {}): Promise<TableIdentity> =>
    reader.identify(file(name), { schema: 'cairn.table-spec/1', ...spec });
  return {
    directory,
    reader,
    file,
    sql,
    rows,
    async write(name, select, copy = '') {
      const target = file(name);
      const more = copy === '' ? '' : `, ${copy}`;
      const kind = target.format === 'jsonl' ? 'json' : target.format;
      await sql(`COPY (${select}) TO '${target.path}' (FORMAT ${kind}${more})`);
      return target;
    },
    identify,
    hash: async (name, spec) => (await identify(name, spec)).sha256,
    async dispose() {
      await reader.close();
      database?.close();
      await rm(directory, { recursive: true });
    },
  };
}
