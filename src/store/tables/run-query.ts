/** `query`: SQL over the manifest and over tables of the store, each verified before the engine sees it. */
import type { QueryAnswer, QueryRequest, QueryTable, SqlQueries } from '../../ports/sql-query.ts';
import type { ConfiguredWorkspace } from '../workspace/workspace-config.ts';
import { TableFiles, type TableFilesContext } from './table-files.ts';
import { TableSpecs } from './table-specs.ts';

export type { QueryAnswer, QueryBatch, QueryColumn } from '../../ports/sql-query.ts';

export type QueryContext = TableFilesContext & Partial<ConfiguredWorkspace> & { readonly queries: SqlQueries };

async function withTables<Result>(
  context: QueryContext,
  sql: string,
  run: (request: QueryRequest) => Promise<Result>,
): Promise<Result> {
  const tables = new TableFiles(context);
  const specs = new TableSpecs(context);
  /** A specification matters where it casts: the types of its rule are then the types of the answer. */
  const resolve = async (rev: string): Promise<QueryTable> => {
    const { file, path, artifact } = await tables.open(rev);
    const spec = await specs.of(path, artifact);
    return spec.columns?.some(({ type }) => type !== undefined) === true ? { file, spec } : { file };
  };
  try {
    return await run({ sql, resolve });
  } finally {
    await tables.close();
  }
}

/** Hands the rows of the answer, at most so many of them, to `use`, piece by piece. Throws BAD_QUERY, TABLE_INVALID, and what finding a revision throws. */
export function queryRows<Result>(
  context: QueryContext,
  sql: string,
  use: (answer: QueryAnswer) => Promise<Result>,
  { atMost }: { readonly atMost?: number | undefined } = {},
): Promise<Result> {
  return withTables(context, sql, (request) =>
    context.queries.rows(atMost === undefined ? request : { ...request, atMost }, use),
  );
}

/** Hands the answer as the bytes of a Parquet file to `use`. */
export function queryParquet<Result>(
  context: QueryContext,
  sql: string,
  use: (bytes: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  return withTables(context, sql, (request) => context.queries.parquet(request, use));
}
