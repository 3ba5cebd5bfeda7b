import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import { sha256, sha256Hex } from '../../../src/core/sha256.ts';
import {
  columnKind,
  encodeRow,
  pythonStr,
  type RowHasher,
  type SqlSchemaColumn,
  type SqlValue,
  schemaSignature,
  sqliteLogicalId,
  tableDigest,
  tableRowHasher,
} from '../../../src/core/sqlite-logical-v2.ts';

/** A hasher that keeps what it is given. */
function collector(): RowHasher & { readonly blocks: string[] } {
  const blocks: string[] = [];
  return {
    blocks,
    update: (bytes) => blocks.push(toHex(bytes)),
    digest: () => sha256(fromHex(blocks.join(''))),
  };
}

const column = (name: string, declaredType: string, more: Partial<SqlSchemaColumn> = {}): SqlSchemaColumn => {
  return { name, declaredType, notNull: false, defaultValue: null, keyOrdinal: 0, ...more };
};

// Everything below was computed with Python's sqlite3, struct and hashlib from a database of this table.
const columns = [
  column('ts', 'TEXT', { notNull: true, keyOrdinal: 2 }),
  column('sym', 'varchar(8)', { defaultValue: "'x'", keyOrdinal: 1 }),
  column('n', 'bigint'),
  column('price', 'double precision'),
  column('raw', 'BLOB'),
  column('num', 'numeric'),
  column('anyv', ''),
];
const rows: SqlValue[][] = [
  ['2024-01-01', 'BTC', 1n, 1.5, new Uint8Array([0, 255]), 12n, 1e16],
  ['2024-01-02', 'BTC', -(2n ** 63n), 0, null, 0.1, 'text é'],
  ['2024-01-01', 'ETH', 2n ** 63n - 1n, null, new Uint8Array(0), 1e-5, 7n],
  ['2024-01-03', 'ÄÖ', null, 1e300, 't', Number.POSITIVE_INFINITY, new Uint8Array(0)],
];
const rowHex = [
  '000000077473544558540000000b03323032342d30312d303173796d7661726368617228382900000004034254436e626967696e74000000090100000000000000017072696365646f75626c6520707265636973696f6e00000009023ff8000000000000726177424c4f42000000030400ff6e756d6e756d6572696300000003043132616e7976000000060431652b3136',
  '000000077473544558540000000b03323032342d30312d303273796d7661726368617228382900000004034254436e626967696e74000000090180000000000000007072696365646f75626c6520707265636973696f6e00000009020000000000000000726177424c4f4200000001006e756d6e756d657269630000000404302e31616e797600000008047465787420c3a9',
  '000000077473544558540000000b03323032342d30312d303173796d7661726368617228382900000004034554486e626967696e7400000009017fffffffffffffff7072696365646f75626c6520707265636973696f6e0000000100726177424c4f4200000001046e756d6e756d65726963000000060431652d3035616e7976000000020437',
  '000000077473544558540000000b03323032342d30312d303373796d766172636861722838290000000503c384c3966e626967696e7400000001007072696365646f75626c6520707265636973696f6e00000009027e37e43c8800759c726177424c4f420000000204746e756d6e756d657269630000000404696e66616e79760000000104',
];
const rowsSha256 = '6fefa486128480a2cb857bf7f65752a03143dea76caaa20818a1f15829f3b410';
const digest = '8400b051a6abf0b4cc63bf87032b2ec5718dcd8e533a0bc7f95302ffe3d6bc2f';

describe('sqlite_logical_v2', () => {
  test.each(rows.map((values, index) => [index + 1, values, rowHex[index]] as const))(
    'row %i has the bytes of Python',
    (_, values, hex) => {
      expect(toHex(encodeRow(columns, values))).toBe(hex);
    },
  );

  test('the rows of a table stream into the hash of Python', () => {
    const hasher = collector();
    const table = tableRowHasher('bars', columns, hasher);
    for (const values of rows) table.add(values);
    expect(toHex(table.digest())).toBe(rowsSha256);
    expect(hasher.blocks.join('')).toBe(rowHex.join(''));
  });

  test('long values and many rows come through in blocks, in order', () => {
    const hasher = collector();
    const blob = [column('b', 'BLOB')];
    const table = tableRowHasher('t', blob, hasher);
    const values = [200_000, 1, 40_000, 0, 100_000].map((size) => new Uint8Array(size).fill(size % 251));
    for (const value of values) table.add([value]);
    table.digest();
    expect(hasher.blocks.length).toBeGreaterThan(2);
    expect(hasher.blocks.join('')).toBe(values.map((value) => toHex(encodeRow(blob, [value]))).join(''));
  });

  test('a table without rows hashes nothing', () => {
    expect(toHex(tableRowHasher('t', columns, collector()).digest())).toBe(sha256Hex(''));
  });

  test('signature, table digest and id are those of Python', () => {
    const signature =
      "ts|TEXT|1||2|sym|varchar(8)|0|'x'|1|n|bigint|0|||price|double precision|0|||raw|BLOB|0|||num|numeric|0|||anyv||0||";
    expect(schemaSignature(columns)).toBe(signature);
    expect(tableDigest(signature, fromHex(rowsSha256))).toBe(digest);
    const full = 'dd4fcd5b86b6ab44cab517bfc7718f345b4ba3ab9c52b28d369a2ea0bed6e82f';
    const other = { name: 'other', digest: '9'.repeat(64) };
    expect(sqliteLogicalId([other, { name: 'bars', digest }])).toEqual({ id16: full.slice(0, 16), sha256: full });
  });

  test('an id without tables is that of nothing', () => {
    expect(sqliteLogicalId([]).sha256).toBe(sha256Hex(''));
  });

  test.each([
    ['INTEGER', 'integer'],
    ['bigint', 'integer'],
    ['POINT', 'integer'],
    ['FLOATING POINT', 'integer'],
    ['real', 'real'],
    ['Float', 'real'],
    ['DOUBLE PRECISION', 'real'],
    ['REALTEXT', 'real'],
    ['text', 'text'],
    ['VARCHAR(255)', 'text'],
    ['clob', 'text'],
    ['CHARINT', 'integer'],
    ['BLOB', 'other'],
    ['NUMERIC', 'other'],
    ['BOOLEAN', 'other'],
    ['', 'other'],
  ])('a column declared %j is %s', (declaredType, kind) => {
    expect(columnKind(declaredType)).toBe(kind);
  });

  test('a NaN has one payload and a whole number widens in a REAL column', () => {
    expect(toHex(encodeRow([column('r', 'REAL')], [Number.NaN])).slice(-18)).toBe('027ff8000000000000');
    expect(toHex(encodeRow([column('r', 'REAL')], [3n])).slice(-18)).toBe('024008000000000000');
    expect(toHex(encodeRow([column('r', 'REAL')], [-0])).slice(-18)).toBe('028000000000000000');
  });

  test.each<[string, SqlValue, string]>([
    ['INTEGER', 'x', 'a text'],
    ['INTEGER', 1.5, 'a real number'],
    ['INTEGER', 1, 'a real number'],
    ['INTEGER', 2n ** 63n, 'an integer'],
    ['INTEGER', new Uint8Array(1), 'a blob'],
    ['REAL', '1.5', 'a text'],
    ['REAL', new Uint8Array(1), 'a blob'],
    ['TEXT', 1n, 'an integer'],
    ['TEXT', 1.5, 'a real number'],
    ['TEXT', new Uint8Array(1), 'a blob'],
    ['TEXT', '\ud800', 'a text'],
    ['', '\ud800', 'a text'],
  ])('in a column declared %j the value %s is an error naming table, column and row', (declaredType, value, what) => {
    const table = tableRowHasher('bars', [column('ok', ''), column('c', declaredType)], collector());
    table.add([null, null]);
    expect(() => table.add([null, value])).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        data: { table: 'bars', column: 'c', row: 2 },
        message: expect.stringContaining(`table "bars", column "c", row 2: ${what} does not fit`),
      }),
    );
  });
});

describe("Python's str of numbers", () => {
  test.each([
    ['0', '0.0'],
    ['8000000000000000', '-0.0'],
    ['3ff0000000000000', '1.0'],
    ['4341c37937e08000', '1e+16'],
    ['4341c37937e07fff', '9999999999999998.0'],
    ['430c6bf526340000', '1000000000000000.0'],
    ['3f1a36e2eb1c432d', '0.0001'],
    ['3ee4f8b588e368f1', '1e-05'],
    ['7ff0000000000000', 'inf'],
    ['fff0000000000000', '-inf'],
    ['7ff8000000000000', 'nan'],
    ['1', '5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['c340000000000000', '-9007199254740992.0'],
    ['400921fb54442d18', '3.141592653589793'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3fb999999999999a', '0.1'],
    ['c05edd2f1a9fbe77', '-123.456'],
    ['433fffffffffffff', '9007199254740991.0'],
    ['4415af1d78b58c40', '1e+20'],
  ])('the double %s is %s', (bits, text) => {
    expect(pythonStr(new DataView(fromHex(bits.padStart(16, '0')).slice().buffer).getFloat64(0))).toBe(text);
  });

  test('integers are decimal', () => {
    expect(pythonStr(-(2n ** 63n))).toBe('-9223372036854775808');
    expect(pythonStr(0n)).toBe('0');
  });

  test('40,000 doubles of a hash chain print as in Python', () => {
    // Python: 20,000 times state = sha256(state), from b'cairn'; repr of the double in bytes 0-7, and of int32/1000 in 8-11.
    let state: Uint8Array = sha256(new TextEncoder().encode('cairn'));
    let text = '';
    for (let count = 0; count < 20_000; count++) {
      const view = new DataView(state.buffer, state.byteOffset, 32);
      text += `${pythonStr(view.getFloat64(0))}\n${pythonStr(view.getInt32(8) / 1000)}\n`;
      state = sha256(state);
    }
    expect(sha256Hex(text)).toBe('38b1527049d1679af0b11bd9cfcb0834a8e4e9eb7863760881c1db5ff1ace9e9');
  });
});
