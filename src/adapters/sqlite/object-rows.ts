/**
 * Many new rows of `object` with few calls: the columns of up to 4,096 rows travel as one blob of digests, one slab of
 * decimal numbers at fixed places, and one JSON list of keys. Binding a dozen values a row would take twice as long, and
 * this is where most of the time of a large commit goes.
 */
import type { Connection } from './connection.ts';

export interface ObjectRow {
  readonly id: number;
  readonly kind: number;
  readonly hex: string;
  readonly size: number;
  readonly place: number;
  readonly at: number;
  readonly usedMs: number | null;
  /** For the record of an artifact. */
  readonly artifact?: ArtifactColumns | undefined;
}

export interface ArtifactColumns {
  /** NULL: the row before this one. */
  readonly blobId: number | null;
  readonly typeId: number;
  readonly version: number;
  readonly key: string;
  readonly keyHash: number;
  readonly firstRun: number | null;
}

const rowsPerCall = 4096;
// Widths of the numbers of a row in the slab, and where each begins (SQL counts from 1).
const [kindAt, sizeAt, placeAt, atAt, blobAt, hashAt, rowWidth] = [0, 1, 17, 29, 45, 57, 65];

const number = (at: number, end: number): string =>
  `CAST(substr(@slab, a.key * ${rowWidth} + ${at + 1}, ${end - at}) AS INTEGER)`;
const ofArtifact = (value: string): string => `CASE WHEN a.value IS NOT NULL THEN ${value} END`;

const insertMany = `INSERT INTO object
  (object_id, kind, sha256, size, place, at, used_ms, blob_id, type_id, version, key, key_hash, first_run)
  SELECT @base + a.key, ${number(kindAt, sizeAt)}, substr(@digests, a.key * 32 + 1, 32), ${number(sizeAt, placeAt)},
    ${number(placeAt, atAt)}, ${number(atAt, blobAt)}, @used, ${ofArtifact(`nullif(${number(blobAt, hashAt)}, 0)`)},
    ${ofArtifact('@type')}, ${ofArtifact('@version')}, a.value, ${ofArtifact(number(hashAt, rowWidth))}, ${ofArtifact('@run')}
  FROM json_each(@keys) a`;

const insertOne = `INSERT INTO object
  (object_id, kind, sha256, size, place, at, used_ms, blob_id, type_id, version, key, key_hash, first_run)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Writes a decimal, right-aligned, ending before `end`. The slab is blank before. */
function decimal(slab: Buffer, value: number, end: number): void {
  let at = end - 1;
  let rest = Math.abs(value);
  do {
    slab[at--] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
  if (value < 0) slab[at] = 45;
}

/** What rows of one call have in common: everything that is almost always the same. */
function shared(row: ObjectRow): string {
  const { artifact } = row;
  return artifact === undefined ? '' : `${artifact.typeId} ${artifact.version} ${artifact.firstRun}`;
}

/** Inserts rows whose ids ascend by one. Refused whole by the table's triggers when one name is known. */
export function insertObjectRows(connection: Connection, rows: readonly ObjectRow[]): void {
  let start = 0;
  while (start < rows.length) {
    let common = '';
    let end = start;
    const usedMs = rows[start]?.usedMs ?? null;
    for (; end < rows.length && end - start < rowsPerCall; end++) {
      const row = rows[end] as ObjectRow;
      const own = shared(row);
      if (row.usedMs !== usedMs || row.artifact?.key.includes('\0') || (own !== '' && common !== '' && own !== common))
        break;
      if (own !== '') common = own;
    }
    if (end - start < 4) {
      end = Math.max(end, start + 1);
      for (const row of rows.slice(start, end)) insertRow(connection, row);
    } else insertSlab(connection, rows.slice(start, end), usedMs);
    start = end;
  }
}

function insertSlab(connection: Connection, rows: readonly ObjectRow[], usedMs: number | null): void {
  const digests = Buffer.allocUnsafe(32 * rows.length);
  const slab = Buffer.alloc(rowWidth * rows.length, 32);
  let artifact: ArtifactColumns | undefined;
  const keys = rows.map((row, index) => {
    digests.write(row.hex, 32 * index, 32, 'hex');
    const at = index * rowWidth;
    slab[at + kindAt] = 48 + row.kind;
    decimal(slab, row.size, at + placeAt);
    decimal(slab, row.place, at + atAt);
    decimal(slab, row.at, at + blobAt);
    if (row.artifact === undefined) return null;
    artifact = row.artifact;
    decimal(slab, row.artifact.blobId ?? 0, at + hashAt);
    decimal(slab, row.artifact.keyHash, at + rowWidth);
    return row.artifact.key;
  });
  connection.run(insertMany, {
    base: rows[0]?.id ?? 0,
    digests,
    slab,
    keys: JSON.stringify(keys),
    used: usedMs,
    type: artifact?.typeId ?? null,
    version: artifact?.version ?? null,
    run: artifact?.firstRun ?? null,
  });
}

function insertRow(connection: Connection, row: ObjectRow): void {
  const { artifact } = row;
  connection.run(
    insertOne,
    row.id,
    row.kind,
    Buffer.from(row.hex, 'hex'),
    row.size,
    row.place,
    row.at,
    row.usedMs,
    artifact?.blobId ?? null,
    artifact?.typeId ?? null,
    artifact?.version ?? null,
    artifact?.key ?? null,
    artifact?.keyHash ?? null,
    artifact?.firstRun ?? null,
  );
}
