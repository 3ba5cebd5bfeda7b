/**
 * Reading a SQLite database for its sqlite_logical_v2 identity: tables, columns and rows in the order that the format
 * prescribes. The bytes that are hashed are made in core.
 *
 * Order of rows: by the primary key in key order; without one by configured columns; else by the first of ts_utc, ts and
 * timestamp that the table has. Equal rows of that order follow their rowid, where the table has one.
 */
import { createHash } from 'node:crypto';
import { compareUtf8, utf8Decode } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import {
  type SqlSchemaColumn,
  type SqlValue,
  schemaSignature,
  sqliteLogicalId,
  tableDigest,
  tableRowHasher,
} from '../../core/sqlite-logical-v2.ts';
import type { SqliteDataset, SqliteDatasets, SqliteScope } from '../../ports/sqlite-datasets.ts';
import { databaseError, openDatabase, type SqlDatabase, type SqlStatement, sqliteCode } from './open-database.ts';

interface RowStatement extends SqlStatement {
  raw(): RowStatement;
  safeIntegers(): RowStatement;
  iterate(): IterableIterator<SqlValue[]>;
}

const busyMs = 10_000;
const timeColumns = ['ts_utc', 'ts', 'timestamp'];
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

interface Table {
  readonly name: string;
  readonly columns: readonly SqlSchemaColumn[];
  readonly hasRowid: boolean;
}

function userTables(database: SqlDatabase): string[] {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
  return (database.prepare(sql).raw().all() as [string][]).map(([name]) => name).sort(compareUtf8);
}

function readTable(database: SqlDatabase, name: string): Table {
  const rows = database.prepare(`PRAGMA table_info(${quoted(name)})`).all() as {
    name: string;
    type: string;
    notnull: number;
    dflt_value: string | null;
    pk: number;
  }[];
  const list = database.prepare('SELECT wr FROM pragma_table_list WHERE name = ? AND schema = ?').get(name, 'main');
  return {
    name,
    columns: rows.map((row) => ({
      name: row.name,
      declaredType: row.type,
      notNull: row.notnull !== 0,
      defaultValue: row.dflt_value,
      keyOrdinal: row.pk,
    })),
    hasRowid: (list as { wr?: number } | undefined)?.wr !== 1,
  };
}

interface Order {
  readonly columns: readonly string[];
  readonly declared: boolean;
}

function orderOf({ name, columns }: Table, scope: SqliteScope): Order {
  const key = columns.filter((column) => column.keyOrdinal > 0).sort((a, b) => a.keyOrdinal - b.keyOrdinal);
  if (key.length > 0) return { columns: key.map((column) => column.name), declared: true };
  const given = Object.hasOwn(scope.keys ?? {}, name) ? scope.keys?.[name] : undefined;
  if (given !== undefined) {
    const unknown = given.find((wanted) => !columns.some((column) => column.name === wanted));
    if (unknown === undefined) return { columns: given, declared: true };
    throw new CodedError('BAD_ARGUMENT', `table ${JSON.stringify(name)} has no column ${JSON.stringify(unknown)}`, {
      hint: 'Correct the keys of the dataset in cairn.yaml.',
      data: { table: name, column: unknown },
    });
  }
  if (scope.mode === 'STRICT') {
    throw new CodedError(
      'BAD_ARGUMENT',
      `table ${JSON.stringify(name)} has no primary key, so its rows have no order`,
      {
        hint: 'Give it one, name the columns under "keys" of a dataset in cairn.yaml, or use --mode FAST_DEV.',
        data: { table: name },
      },
    );
  }
  const time = timeColumns.find((candidate) => columns.some((column) => column.name === candidate));
  return { columns: time === undefined ? [] : [time], declared: false };
}

/** How a column is selected: a text as its bytes, when some text was not read as it lies in the file. */
function selection({ name, declaredType: _ }: SqlSchemaColumn, exact: boolean): string {
  return exact ? `CAST(${quoted(name)} AS BLOB), typeof(${quoted(name)}), ${quoted(name)}` : quoted(name);
}

function notText(table: string, column: string, row: number): CodedError {
  const where = `table ${JSON.stringify(table)}, column ${JSON.stringify(column)}, row ${row}`;
  return new CodedError('BAD_ARGUMENT', `${where}: a text that is not valid UTF-8`, {
    hint: 'Store it as a blob, or correct it.',
    data: { table, column, row },
  });
}

/** Values of a row that was selected with the bytes of its texts. */
function exactValues(table: Table, cells: readonly SqlValue[], row: number): SqlValue[] {
  return table.columns.map(({ name }, index) => {
    const [bytes, type, value] = cells.slice(3 * index, 3 * index + 3);
    if (type !== 'text') return value as SqlValue;
    try {
      return utf8Decode(bytes as Uint8Array);
    } catch {
      throw notText(table.name, name, row);
    }
  });
}

/** The driver replaces what is not UTF-8 by this character, silently. */
const replacement = '\ufffd';

/** Hashes all rows; undefined when a text has to be looked at more closely. */
function hashRows(database: SqlDatabase, table: Table, order: Order, exact: boolean): HashedRows | undefined {
  const hasher = createHash('sha256');
  const rows = tableRowHasher(table.name, table.columns, {
    update: (bytes) => hasher.update(bytes),
    digest: () => hasher.digest(),
  });
  const by = [...order.columns.map(quoted), ...(table.hasRowid ? ['rowid'] : [])].join(', ');
  const columns = table.columns.map((column) => selection(column, exact)).join(', ');
  const sql = `SELECT ${columns} FROM main.${quoted(table.name)}${by === '' ? '' : ` ORDER BY ${by}`}`;
  const statement = (database.prepare(sql) as RowStatement).raw().safeIntegers();
  let count = 0;
  for (const cells of statement.iterate()) {
    count++;
    if (!exact && cells.some((cell) => typeof cell === 'string' && cell.includes(replacement))) return undefined;
    rows.add(exact ? exactValues(table, cells, count) : cells);
  }
  return { digest: tableDigest(schemaSignature(table.columns), rows.digest()), count };
}

interface HashedRows {
  readonly digest: string;
  readonly count: number;
}

function digestDatabase(database: SqlDatabase, scope: SqliteScope): SqliteDataset {
  const present = userTables(database);
  const wanted = [...new Set(scope.tables ?? present)].sort(compareUtf8);
  const missing = wanted.filter((name) => !present.includes(name));
  if (missing.length > 0 && scope.mode === 'STRICT' && scope.allowMissing !== true) {
    throw new CodedError(
      'BAD_ARGUMENT',
      `the database has no table ${missing.map((name) => JSON.stringify(name)).join(', ')}`,
      {
        hint: 'Correct the scope, or pass --allow-missing.',
        data: { missing },
      },
    );
  }
  const undeclaredOrder: string[] = [];
  const tables = wanted
    .filter((name) => present.includes(name))
    .map((name) => {
      const table = readTable(database, name);
      const order = orderOf(table, scope);
      if (!order.declared) undeclaredOrder.push(name);
      const hashed = hashRows(database, table, order, false) ?? hashRows(database, table, order, true);
      return { name, digest: hashed?.digest ?? '', rows: hashed?.count ?? 0 };
    });
  const { id16, sha256 } = sqliteLogicalId(tables);
  return { id: id16, sha256, tables, missing, undeclaredOrder };
}

export function sqliteDatasets(): SqliteDatasets {
  return {
    async digest(path, scope) {
      let database: SqlDatabase | undefined;
      try {
        database = openDatabase(path, { readOnly: true, busyMs });
        database.exec('BEGIN');
        return digestDatabase(database, scope);
      } catch (error) {
        throw databaseError('cannot read the database', path, error, (cause) => {
          const what = sqliteCode(cause) === 'SQLITE_NOTADB' ? 'is no SQLite database' : 'is damaged';
          return new CodedError('UNSUPPORTED_FILE', `${path} ${what}`, {
            data: { path, sqlite: sqliteCode(cause) },
            cause,
          });
        });
      } finally {
        database?.close();
      }
    },
  };
}
