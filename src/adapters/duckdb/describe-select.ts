import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';

/** Names and types of a query's columns. It is prepared and not run. */
export async function describeSelect(
  connection: DuckDBConnection,
  select: string,
): Promise<{ readonly names: readonly string[]; readonly types: readonly DuckDBType[] }> {
  const prepared = await connection.prepare(select);
  try {
    const indexes = Array.from({ length: prepared.columnCount }, (_, index) => index);
    return {
      names: indexes.map((index) => prepared.columnName(index)),
      types: indexes.map((index) => prepared.columnType(index)),
    };
  } finally {
    prepared.destroySync();
  }
}
