/**
 * Parquet: DuckDB reads it. Only the names are taken from the file itself, since DuckDB changes those that it finds twice, and
 * times are looked at that it would cut.
 */
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { TableFile } from '../../ports/tables.ts';
import { describeSelect } from './describe-select.ts';
import { checkTimes, type ParquetElement, parquetElements, topLevel } from './parquet-times.ts';
import type { RawSource } from './raw-source.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** Names that DuckDB made itself because a Parquet file has one twice, or twice but for case. */
const maybeRenamed = /_[0-9]+$/;

/** Types of which some are cut; TIMESTAMP alone may be one of 96 bits. */
const maybeCut = /\bTIME\b|\bTIMESTAMP\b/;

export async function parquetSource(connection: DuckDBConnection, file: TableFile): Promise<RawSource> {
  const path = quoteText(file.path);
  const from = `read_parquet(${path}, hive_partitioning = false, union_by_name = false)`;
  const { names, types } = await describeSelect(connection, `SELECT * FROM ${from}`);
  const hasTimes = types.some((type) => maybeCut.test(String(type)));
  let elements: readonly ParquetElement[] = [];
  let real: readonly string[] = names;
  if (hasTimes || names.some((name) => maybeRenamed.test(name))) {
    elements = await parquetElements(connection, file.path);
    real = topLevel(elements).map(([first]) => (first as ParquetElement).name);
  }
  const columns = names.map((sqlName, index) => ({
    name: real[index] as string,
    expression: quoteName(sqlName),
    type: types[index] as DuckDBType,
  }));
  return { from, columns, check: (wanted) => checkTimes(connection, file, elements, wanted) };
}
