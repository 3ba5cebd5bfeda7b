/**
 * From names to rows, many at a time. One statement walks over a parameter that holds all digests, which costs half of
 * one statement a digest; only what is found comes back.
 */
import type { Connection } from './connection.ts';

/** `i.n` counts the digests in `@digests`, of which there are `@count`, at least one. */
export const eachDigest = 'WITH RECURSIVE i (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM i WHERE n + 1 < @count)';
const named = `substr(o.sha256, 1, 4) = substr(@digests, i.n * 32 + 1, 4) AND o.sha256 = substr(@digests, i.n * 32 + 1, 32)`;

/**
 * Rows of the objects with these digests. `columns` may use `o` (object) and whatever `joins` adds; the first column is
 * the position of the digest.
 */
export function findObjects<Row extends readonly unknown[]>(
  connection: Connection,
  kind: number,
  digests: Uint8Array,
  columns: string,
  joins = '',
): (readonly [position: number, ...Row])[] {
  const count = digests.length / 32;
  if (count === 0) return [];
  const sql = `${eachDigest} SELECT i.n, ${columns} FROM i CROSS JOIN object o ON ${named} AND o.kind = @kind ${joins}`;
  return connection.tuples(sql, { count, digests, kind });
}

/** 1 where the object is known and its bytes are somewhere. One text of positions comes back: rows would cost more. */
export function presentObjects(connection: Connection, kind: number, digests: Uint8Array): Uint8Array {
  const count = digests.length / 32;
  const present = new Uint8Array(count);
  if (count === 0) return present;
  const sql = `${eachDigest} SELECT group_concat(i.n, ' ') FROM i CROSS JOIN object o ON ${named} AND o.kind = @kind AND o.place <> -2`;
  const positions = connection.value<string | null>(sql, { count, digests, kind }) ?? '';
  if (positions !== '') for (const position of positions.split(' ')) present[Number(position)] = 1;
  return present;
}

/**
 * What is found of these digests, in columns: positions, the 32 bytes of the blobs `b` one after another, and `numbers`.
 * SQLite joins each column into one value, because thousands of rows take five times as long to come over.
 */
export function foundColumns(
  connection: Connection,
  kind: number,
  digests: Uint8Array,
  numbers: readonly [string, string, string],
  joins: string,
): [positions: number[], blobs: Uint8Array, number[], number[], number[]] {
  const count = digests.length / 32;
  const [first, second, third] = numbers;
  const sql = `${eachDigest} SELECT group_concat(i.n), CAST(group_concat(b.sha256, '') AS BLOB), group_concat(${first}),
    group_concat(${second}), group_concat(${third})
    FROM i CROSS JOIN object o ON ${named} AND o.kind = @kind ${joins}`;
  const [row] = connection.tuples<[string | null, Uint8Array | null, ...(string | null)[]]>(sql, {
    count,
    digests,
    kind,
  });
  const list = (text: string | null | undefined): number[] => JSON.parse(`[${text ?? ''}]`) as number[];
  return [list(row?.[0]), row?.[1] ?? new Uint8Array(0), list(row?.[2]), list(row?.[3]), list(row?.[4])];
}

/** Where an artifact's bytes are, as a join on its row `o`. */
export const joinBlob = 'JOIN object b ON b.object_id = coalesce(o.blob_id, o.object_id - 1)';

const oneSql = 'SELECT object_id FROM object WHERE substr(sha256, 1, 4) = substr(?, 1, 4) AND sha256 = ? AND kind = ?';

export function objectIdOf(connection: Connection, kind: number, hex: string): number | undefined {
  const digest = Buffer.from(hex, 'hex');
  return connection.value<number>(oneSql, digest, digest, kind);
}

const runSql =
  'SELECT r.run_id FROM object o JOIN run r ON r.record_id = o.object_id WHERE substr(o.sha256, 1, 4) = substr(?, 1, 4) AND o.sha256 = ? AND o.kind = 1';

export function runIdOf(connection: Connection, hex: string): number | undefined {
  const digest = Buffer.from(hex, 'hex');
  return connection.value<number>(runSql, digest, digest);
}

/** The row of an artifact: an object whose record is known to be one. */
export function artifactIdOf(connection: Connection, hex: string): number | undefined {
  const digest = Buffer.from(hex, 'hex');
  return connection.value<number>(`${oneSql} AND key IS NOT NULL`, digest, digest, 1);
}

const eventSql = 'SELECT seq FROM event WHERE substr(event_id, 1, 4) = substr(?, 1, 4) AND event_id = ?';

export function eventSeqOf(connection: Connection, hex: string): number | undefined {
  const digest = Buffer.from(hex, 'hex');
  return connection.value<number>(eventSql, digest, digest);
}

/** Runs `work` over slices, so that one statement's parameters stay small. */
export function inSlices<Item>(
  items: readonly Item[],
  size: number,
  work: (slice: readonly Item[], start: number) => void,
): void {
  for (let start = 0; start < items.length; start += size) work(items.slice(start, start + size), start);
}
