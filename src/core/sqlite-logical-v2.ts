/**
 * sqlite_logical_v2: content identity of a SQLite database, bit for bit that of existing Python code, so that ids made
 * there keep their value. This is the pure part; reading and ordering the rows is the adapter's.
 *
 *   row       u32 column count, then for each column in cid order:
 *             name (UTF-8), declared type (UTF-8), u32 payload length, payload          all integers big endian
 *   payload   00                          NULL
 *             01 int64                    declared type contains INT
 *             02 float64 (IEEE 754)       … else REAL, FLOAT or DOUBLE; every NaN is 7ff8000000000000
 *             03 UTF-8                    … else TEXT, CHAR or CLOB
 *             04 bytes                    anything else: blobs as they are, text as UTF-8, numbers as Python's str
 *   signature name|type|notnull|default|key ordinal of each column, all joined by "|"; default empty if null, ordinal if 0
 *   table     hex SHA-256(signature as UTF-8 ‖ the 32 bytes of SHA-256 over all rows)
 *   id        first 16 hex digits of SHA-256 over name ‖ table digest in hex, of the tables sorted by name
 *
 * Declared types match by their upper case, in the order above. A value that does not fit its column is an error, never a
 * conversion; only a whole number in a REAL column is widened, as SQLite itself does.
 */
import { compareUtf8, concatBytes, toHex, utf8 } from './bytes.ts';
import { assertInvariant, CodedError } from './errors.ts';
import { sha256, sha256Hex } from './sha256.ts';

/** A value as SQLite stores it: NULL, INTEGER, REAL (always `number`), TEXT, BLOB. */
export type SqlValue = null | bigint | number | string | Uint8Array;

export interface SqlColumn {
  readonly name: string;
  /** As written in the CREATE TABLE statement; empty when there is none. */
  readonly declaredType: string;
}

/** A column with the rest of what `PRAGMA table_info` says. */
export interface SqlSchemaColumn extends SqlColumn {
  readonly notNull: boolean;
  /** SQL text of the default, null when there is none. */
  readonly defaultValue: string | null;
  /** Position in the primary key from 1, or 0. */
  readonly keyOrdinal: number;
}

/** An incremental SHA-256; `node:crypto`, `@noble/hashes` and the port's Hasher all fit. */
export interface RowHasher {
  update(bytes: Uint8Array): unknown;
  /** 32 bytes. */
  digest(): Uint8Array;
}

export type ColumnKind = 'integer' | 'real' | 'text' | 'other';

export function columnKind(declaredType: string): ColumnKind {
  const upper = declaredType.toUpperCase();
  if (upper.includes('INT')) return 'integer';
  if (/REAL|FLOAT|DOUBLE/.test(upper)) return 'real';
  if (/TEXT|CHAR|CLOB/.test(upper)) return 'text';
  return 'other';
}

/** `str()` of a Python int (bigint) or float (number): `1.0`, `1e+16`, `1e-05`, `inf`, `nan`, `-0.0`. */
export function pythonStr(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return `${sign}inf`;
  const [mantissa, power] = Math.abs(value).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}.0`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

const textEncoder = new TextEncoder();

/** Bytes under construction. Cells are written in place: a table may have a hundred million of them. */
class Sink {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Makes room for `count` more bytes; `bytes` and `view` may be others afterwards. Returns where they start. */
  private extend(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length));
      larger.set(this.bytes.subarray(0, start));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return start;
  }

  u32(value: number): void {
    const start = this.extend(4);
    this.view.setUint32(start, value);
  }

  raw(bytes: Uint8Array): void {
    const start = this.extend(bytes.length);
    this.bytes.set(bytes, start);
  }

  /** Length and tag of a payload whose content has `size` bytes; returns where the content starts. */
  payload(tag: number, size: number): number {
    const start = this.extend(5 + size);
    this.view.setUint32(start, 1 + size);
    this.bytes[start + 4] = tag;
    return start + 5;
  }

  text(tag: number, text: string): void {
    const start = this.payload(tag, 3 * text.length);
    const { written } = textEncoder.encodeInto(text, this.bytes.subarray(start));
    this.length = start + written;
    this.view.setUint32(start - 5, 1 + written);
  }
}

interface PreparedColumn {
  readonly kind: ColumnKind;
  /** name ‖ declared type */
  readonly head: Uint8Array;
}

function prepare(columns: readonly SqlColumn[]): PreparedColumn[] {
  return columns.map(({ name, declaredType }) => ({ kind: columnKind(declaredType), head: utf8(name + declaredType) }));
}

const valueName = { bigint: 'an integer', number: 'a real number', string: 'a text', object: 'a blob' } as const;

/** Writes the payload of a value with its length; false when the value does not fit the column. */
function writeValue(sink: Sink, kind: ColumnKind, value: SqlValue): boolean {
  if (value === null) sink.payload(0, 0);
  else if (typeof value === 'string') {
    if ((kind !== 'text' && kind !== 'other') || !value.isWellFormed()) return false;
    sink.text(kind === 'text' ? 3 : 4, value);
  } else if (kind === 'integer') {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) return false;
    const start = sink.payload(1, 8);
    sink.view.setBigInt64(start, value);
  } else if (kind === 'real') {
    if (typeof value === 'object') return false;
    const start = sink.payload(2, 8);
    if (Number.isNaN(value)) sink.view.setBigUint64(start, 0x7ff8000000000000n);
    else sink.view.setFloat64(start, Number(value));
  } else if (kind === 'text') return false;
  else if (typeof value === 'object') {
    const start = sink.payload(4, value.length);
    sink.bytes.set(value, start);
  } else sink.text(4, pythonStr(value));
  return true;
}

function writeRow(
  sink: Sink,
  columns: readonly SqlColumn[],
  prepared: readonly PreparedColumn[],
  values: readonly SqlValue[],
  place: RowPlace,
): void {
  assertInvariant(values.length === columns.length, `a row of ${columns.length} columns has ${values.length} values`);
  sink.u32(columns.length);
  for (const [index, { kind, head }] of prepared.entries()) {
    const value = values[index] as SqlValue;
    sink.raw(head);
    if (!writeValue(sink, kind, value)) throw misfit(columns[index] as SqlColumn, value, place);
  }
}

/** Where a row is, for errors; rows count from 1 in hashing order. */
export interface RowPlace {
  readonly table: string;
  readonly row: number;
}

function misfit(column: SqlColumn, value: SqlValue, { table, row }: RowPlace): CodedError {
  const what = valueName[typeof value as keyof typeof valueName];
  const where = `table ${JSON.stringify(table)}, column ${JSON.stringify(column.name)}, row ${row}`;
  const message = `${where}: ${what} does not fit the declared type ${JSON.stringify(column.declaredType)}`;
  return new CodedError('BAD_ARGUMENT', message, {
    hint: 'Correct the value or the declared type; a converted value would not be what the database holds.',
    data: { table, column: column.name, row },
  });
}

/** The bytes of one row. Throws BAD_ARGUMENT naming table, column and row for a value that does not fit. */
export function encodeRow(
  columns: readonly SqlColumn[],
  values: readonly SqlValue[],
  place: RowPlace = { table: '', row: 1 },
): Uint8Array {
  const sink = new Sink();
  writeRow(sink, columns, prepare(columns), values, place);
  return sink.bytes.slice(0, sink.length);
}

/** Streams the rows of one table into a hasher, in blocks. `add` throws as `encodeRow` does; `digest` gives 32 bytes. */
export function tableRowHasher(
  table: string,
  columns: readonly SqlColumn[],
  hasher: RowHasher,
): { add(values: readonly SqlValue[]): void; digest(): Uint8Array } {
  const prepared = prepare(columns);
  const sink = new Sink();
  let row = 0;
  const flush = (): void => {
    hasher.update(sink.bytes.subarray(0, sink.length));
    sink.length = 0;
  };
  return {
    add(values) {
      row++;
      writeRow(sink, columns, prepared, values, { table, row });
      if (sink.length > 1 << 15) flush();
    },
    digest() {
      flush();
      return hasher.digest();
    },
  };
}

export function schemaSignature(columns: readonly SqlSchemaColumn[]): string {
  return columns
    .flatMap(({ name, declaredType, notNull, defaultValue, keyOrdinal }) => {
      return [name, declaredType, notNull ? '1' : '0', defaultValue ?? '', keyOrdinal === 0 ? '' : String(keyOrdinal)];
    })
    .join('|');
}

/** 64 hex digits, of the schema signature and the 32 bytes of the SHA-256 of all rows. */
export function tableDigest(signature: string, rowsSha256: Uint8Array): string {
  assertInvariant(rowsSha256.length === 32, 'a SHA-256 has 32 bytes');
  return toHex(sha256(concatBytes(utf8(signature), rowsSha256)));
}

/** The database's id, and the whole SHA-256 it is the beginning of. Sorts the tables by name. */
export function sqliteLogicalId(tables: readonly { readonly name: string; readonly digest: string }[]): {
  id16: string;
  sha256: string;
} {
  const sorted = [...tables].sort((left, right) => compareUtf8(left.name, right.name));
  const full = sha256Hex(sorted.map(({ name, digest }) => name + digest).join(''));
  return { id16: full.slice(0, 16), sha256: full };
}
