/**
 * Many new rows of `object` with few calls: the columns of up to 65,536 rows travel as one blob of digests, one slab of
 * decimal numbers at fixed places, and one JSON list of keys. Binding a dozen values a row would take twice as long, and
 * this is where most of the time of a large commit goes. What almost never differs from row to row travels once.
 */
import type { Connection } from './connection.ts';

export interface ObjectRow {
  readonly kind: number;
  readonly hex: string;
  readonly size: number;
  readonly place: number;
  readonly at: number;
  readonly usedMs: number | null;
}

/** What the record of an artifact has besides. */
export interface ArtifactColumns {
  /** NULL: the row before this one. */
  readonly blobId: number | null;
  readonly typeId: number;
  readonly version: number;
  readonly key: string;
  readonly keyHash: number;
  readonly firstRun: number | null;
}

const rowsPerCall = 65_536;
// Where the numbers of a row begin in the slab, from 0, and how long a row is.
const [kindAt, sizeAt, placeAt, atAt, blobAt, hashAt, runAt, rowWidth] = [0, 1, 17, 29, 45, 57, 65, 77];

const number = (from: number, to: number): string =>
  `CAST(substr(@slab, a.key * ${rowWidth} + ${from + 1}, ${to - from}) AS INTEGER)`;
const ofArtifact = (value: string): string => `CASE WHEN a.value IS NOT NULL THEN ${value} END`;

const insertMany = `INSERT INTO object
  (object_id, kind, sha256, size, place, at, used_ms, blob_id, type_id, version, key, key_hash, first_run)
  SELECT @base + a.key, ${number(kindAt, sizeAt)}, substr(@digests, a.key * 32 + 1, 32), ${number(sizeAt, placeAt)},
    ${number(placeAt, atAt)}, ${number(atAt, blobAt)}, @used, ${ofArtifact(`nullif(${number(blobAt, hashAt)}, 0)`)},
    ${ofArtifact('@type')}, ${ofArtifact('@version')}, a.value, ${ofArtifact(number(hashAt, runAt))}, ${ofArtifact(`nullif(${number(runAt, rowWidth)}, 0)`)}
  FROM json_each(@keys) a`;

const insertOne = `INSERT INTO object
  (object_id, kind, sha256, size, place, at, used_ms, blob_id, type_id, version, key, key_hash, first_run)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Writes a decimal that ends before `end`. The slab is blank before it. */
function decimal(slab: Buffer, value: number, end: number): void {
  let at = end - 1;
  let rest = Math.abs(value);
  do {
    slab[at--] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
  if (value < 0) slab[at] = 45;
}

/** Inserts rows whose ids ascend by one. Refused by the table's triggers, at some later row, when a name is known. */
export class ObjectRows {
  readonly #connection: Connection;
  readonly #digests: Buffer;
  readonly #slab: Buffer;
  readonly #capacity: number;
  #keys: (string | null)[] = [];
  #base = 0;
  #usedMs: number | null = null;
  /** Of the artifacts among the rows. */
  #shared: ArtifactColumns | undefined;

  constructor(connection: Connection, expected: number) {
    this.#connection = connection;
    this.#capacity = Math.min(rowsPerCall, Math.max(1, expected));
    this.#digests = Buffer.allocUnsafe(32 * this.#capacity);
    this.#slab = Buffer.alloc(rowWidth * this.#capacity, 32);
  }

  add(id: number, row: ObjectRow, artifact?: ArtifactColumns): void {
    if (artifact?.key.includes('\0')) {
      // JSON in SQLite ends at a NUL.
      this.flush();
      insertRow(this.#connection, id, row, artifact);
      return;
    }
    if (!this.#takes(row, artifact)) this.flush();
    const index = this.#keys.length;
    if (index === 0) {
      this.#base = id;
      this.#usedMs = row.usedMs;
    }
    this.#digests.write(row.hex, 32 * index, 32, 'hex');
    const slab = this.#slab;
    const start = index * rowWidth;
    slab[start + kindAt] = 48 + row.kind;
    decimal(slab, row.size, start + placeAt);
    decimal(slab, row.place, start + atAt);
    decimal(slab, row.at, start + blobAt);
    if (artifact !== undefined) {
      this.#shared ??= artifact;
      decimal(slab, artifact.blobId ?? 0, start + hashAt);
      decimal(slab, artifact.keyHash, start + runAt);
      decimal(slab, artifact.firstRun ?? 0, start + rowWidth);
    }
    this.#keys.push(artifact?.key ?? null);
  }

  /** Whether a row can travel with those that wait. */
  #takes(row: ObjectRow, artifact: ArtifactColumns | undefined): boolean {
    const waiting = this.#keys.length;
    if (waiting === 0) return true;
    if (waiting === this.#capacity || row.usedMs !== this.#usedMs) return false;
    const shared = this.#shared;
    return (
      artifact === undefined ||
      shared === undefined ||
      (artifact.typeId === shared.typeId && artifact.version === shared.version)
    );
  }

  /** Inserts what waits. MUST be called after the last row. */
  flush(): void {
    const rows = this.#keys.length;
    if (rows === 0) return;
    this.#connection.run(insertMany, {
      base: this.#base,
      digests: this.#digests.subarray(0, 32 * rows),
      slab: this.#slab.subarray(0, rowWidth * rows),
      keys: JSON.stringify(this.#keys),
      used: this.#usedMs,
      type: this.#shared?.typeId ?? null,
      version: this.#shared?.version ?? null,
    });
    this.#slab.fill(32, 0, rowWidth * rows);
    this.#keys = [];
    this.#shared = undefined;
  }
}

function insertRow(connection: Connection, id: number, row: ObjectRow, artifact: ArtifactColumns): void {
  connection.run(
    insertOne,
    id,
    row.kind,
    Buffer.from(row.hex, 'hex'),
    row.size,
    row.place,
    row.at,
    row.usedMs,
    artifact.blobId,
    artifact.typeId,
    artifact.version,
    artifact.key,
    artifact.keyHash,
    artifact.firstRun,
  );
}
