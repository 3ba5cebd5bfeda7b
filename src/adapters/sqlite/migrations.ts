/**
 * Migrations: plain SQL files `NNNN-name.sql`, in the order of their names, each applied once in one transaction. What
 * was applied is recorded with the file's SHA-256, so a changed file and a store of a newer version are both noticed. The
 * digests stand in `SHA256SUMS` beside the files: opening a store reads that list alone, and a file is read and held against
 * it when it is applied.
 *
 * The caller of a migration of an existing store holds the store lock exclusively. Before the first one the whole
 * database is copied beside itself (`VACUUM INTO`), and the copy is kept.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Connection } from './connection.ts';

/** `crn1` in the file's header: the file is ours. */
export const applicationId = 0x63726e31;

export interface Migration {
  readonly name: string;
  readonly sha256: string;
  readonly path: string;
}

/** The list of digests, as `sha256sum *.sql` prints it. */
export const digestList = 'SHA256SUMS';
const listed = /^([0-9a-f]{64}) {2}(\d{4}-[a-z0-9-]+\.sql)$/;

export function readMigrations(directory: string): Migration[] {
  let text: string;
  try {
    text = readFileSync(join(directory, digestList), 'latin1');
  } catch (error) {
    throw systemError('cannot read the list of migrations', error, directory);
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, sha256, name] = listed.exec(line) ?? [];
      if (sha256 === undefined || name === undefined) throw changed(join(directory, digestList));
      return { name, sha256, path: join(directory, name) };
    });
}

/** The text of a migration, as it was released. */
function readSql({ path, sha256 }: Migration): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw systemError('cannot read the migration', error, path);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw changed(path);
  return bytes.toString('utf8');
}

function changed(path: string): CodedError {
  return new CodedError('CONFIG_CORRUPT', `${path} is not as it was released`, {
    hint: 'The installed cairn was changed. Reinstall it.',
    data: { path },
  });
}

/** True for a database without any table. Throws MANIFEST_CORRUPT for a database that is not ours. */
function isEmpty(connection: Connection): boolean {
  if (connection.pragma('application_id') === applicationId) return false;
  if (connection.value<number>('SELECT count(*) FROM sqlite_schema') === 0) return true;
  throw new CodedError('MANIFEST_CORRUPT', `${connection.path} is a SQLite database, but not a cairn manifest`, {
    hint: 'Check ARTIFACT_MANIFEST_DB and CAIRN_DIR: they may point at another program\u2019s database.',
    data: { path: connection.path },
  });
}

/** Migrations still to be applied. Throws NEWER_STORE and MANIFEST_CORRUPT. Only reads. */
export function pendingMigrations(connection: Connection, migrations: readonly Migration[]): readonly Migration[] {
  if (isEmpty(connection)) return migrations;
  const applied = connection.all<{ name: string; sha256: string }>('SELECT name, sha256 FROM migration ORDER BY name');
  const names = new Set(migrations.map(({ name }) => name));
  applied.forEach((done, index) => {
    const known = migrations[index];
    if (known === undefined || !names.has(done.name)) {
      throw new CodedError(
        'NEWER_STORE',
        `the manifest ${connection.path} was migrated by ${done.name}, which this version does not know`,
        {
          hint: 'Use the version of cairn that wrote it, or a newer one.',
          data: { path: connection.path, migration: done.name },
        },
      );
    }
    if (known.name !== done.name || known.sha256 !== done.sha256) {
      throw new CodedError(
        'MANIFEST_CORRUPT',
        `the migration ${known.name} is not the one that made ${connection.path}`,
        {
          hint: 'The installed cairn was changed, or the manifest was. Reinstall cairn, or rebuild the manifest: `cairn reindex`.',
          data: { path: connection.path, migration: done.name, expected: done.sha256, actual: known.sha256 },
        },
      );
    }
  });
  return migrations.slice(applied.length);
}

/** Applies what is pending; each file and its record in one transaction. Another process may do so at the same time. */
export function migrate(connection: Connection, migrations: readonly Migration[], nowMs: number): void {
  for (let count = pendingMigrations(connection, migrations).length; count > 0; count--) {
    connection.exec('BEGIN IMMEDIATE');
    try {
      const next = pendingMigrations(connection, migrations)[0];
      if (next !== undefined) applyOne(connection, next, migrations.indexOf(next) + 1, nowMs);
      connection.exec('COMMIT');
    } finally {
      if (connection.inTransaction) connection.exec('ROLLBACK');
    }
  }
}

function applyOne(connection: Connection, migration: Migration, version: number, nowMs: number): void {
  if (version === 1) {
    connection.exec(
      'CREATE TABLE migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_utc TEXT NOT NULL) STRICT',
    );
  }
  connection.exec(readSql(migration));
  connection.run(
    'INSERT INTO migration (name, sha256, applied_utc) VALUES (?, ?, ?)',
    migration.name,
    migration.sha256,
    formatTimestamp(nowMs),
  );
  connection.pragma(`application_id = ${applicationId}`);
  connection.pragma(`user_version = ${version}`);
}
