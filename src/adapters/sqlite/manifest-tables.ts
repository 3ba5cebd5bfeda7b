/**
 * `ManifestTables`: the manifest's views, read in one transaction of a connection of its own that cannot write.
 *
 * SQLite has types of values and not of a view's columns. A column that only passes a table's column on has that one's type;
 * an expression is text unless it is named here. A value of another type than its column's is turned into it
 * (the parameters of runs are of many types, and their texts).
 */
import type { ManifestColumn, ManifestColumnType, ManifestTables, ManifestValue } from '../../ports/manifest-tables.ts';
import type { Connection } from './connection.ts';
import { openManifestDatabase } from './manifest-database.ts';
import { readMigrations } from './migrations.ts';
import { manifestError } from './sqlite-errors.ts';

export interface ManifestTablesOptions {
  /** `manifest.sqlite`. */
  readonly path: string;
  readonly migrationsDir: string;
}

/** Expressions that give integers. */
const integerExpressions: ReadonlySet<string> = new Set([
  'approvals.key_revoked',
  'artifact_status.erased',
  'objects.last_use_ms',
  'objects.offset',
  'objects.stored_size',
  'policies.active',
  'promotion_candidates.at_risk',
  'runs.retired',
  'runs.stale',
]);

/** Columns with values of every type, which SQLite calls BLOB. */
const mixedColumns: ReadonlySet<string> = new Set(['run_params.value']);

const typeByDeclared: { readonly [declared: string]: ManifestColumnType } = {
  INTEGER: 'integer',
  INT: 'integer',
  REAL: 'real',
  BLOB: 'blob',
};

function columnsOf(connection: Connection, table: string): ManifestColumn[] {
  const columns = connection.all<{ name: string; type: string }>(
    'SELECT name, type FROM pragma_table_info(?) ORDER BY cid',
    table,
  );
  return columns.map(({ name, type }) => {
    const column = `${table}.${name}`;
    if (integerExpressions.has(column)) return { name, type: 'integer' };
    return { name, type: mixedColumns.has(column) ? 'text' : (typeByDeclared[type] ?? 'text') };
  });
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** undefined for a column whose values are of its type as they come. */
function conversion({ type }: ManifestColumn): ((value: ManifestValue) => ManifestValue) | undefined {
  if (type === 'text')
    return (value) => (typeof value === 'number' || typeof value === 'bigint' ? String(value) : value);
  if (type === 'real') return (value) => (typeof value === 'bigint' ? Number(value) : value);
  return undefined;
}

export function openManifestTables(options: ManifestTablesOptions): ManifestTables {
  const opened = openManifestDatabase({
    path: options.path,
    readOnly: true,
    migrations: readMigrations(options.migrationsDir),
    note: () => undefined, // whoever opened the store was told already
    now: Date.now,
  });
  const { connection } = opened;
  const close = (): void => {
    connection.close();
    opened.discard();
  };
  const reading = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw manifestError(connection.path, error);
    }
  };
  try {
    connection.exec('BEGIN');
    const names = reading(() =>
      connection.values<string>("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name"),
    );
    const tables = names.map((name) => ({ name, columns: reading(() => columnsOf(connection, name)) }));
    return {
      tables,
      *scan(name, batchSize) {
        const table = tables.find((found) => found.name === name);
        if (table === undefined) return;
        const list = table.columns.map((column) => quoted(column.name)).join(', ');
        yield* batches(
          connection.iterateTuples<readonly ManifestValue[]>(`SELECT ${list} FROM ${quoted(name)}`),
          table.columns.map(conversion),
          batchSize,
        );
      },
      close,
    };
  } catch (error) {
    close();
    throw manifestError(options.path, error);
  }
}

function* batches(
  rows: Iterable<readonly ManifestValue[]>,
  conversions: readonly (((value: ManifestValue) => ManifestValue) | undefined)[],
  batchSize: number,
): Generator<ManifestValue[][]> {
  const width = conversions.length;
  let columns: ManifestValue[][] = conversions.map(() => []);
  let count = 0;
  for (const row of rows) {
    for (let at = 0; at < width; at++) {
      const value = row[at] as ManifestValue;
      const convert = conversions[at];
      (columns[at] as ManifestValue[]).push(convert === undefined ? value : convert(value));
    }
    count++;
    if (count === batchSize) {
      yield columns;
      columns = conversions.map(() => []);
      count = 0;
    }
  }
  if (count > 0) yield columns;
}
