/**
 * Opening the file: made when it is missing, refused when it is not ours, and read from a copy when its directory cannot
 * be written (SQLite needs a shared-memory file beside a database in WAL mode, even to read it).
 */
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import { formatTimestamp } from '../../core/time.ts';
import { Connection } from './connection.ts';
import { type Migration, migrate, pendingMigrations } from './migrations.ts';
import { sqliteCode } from './open-database.ts';
import { manifestError } from './sqlite-errors.ts';

export interface OpenOptions {
  readonly path: string;
  readonly readOnly: boolean;
  readonly migrations: readonly Migration[];
  readonly note: (line: string) => void;
  readonly now: () => number;
}

export interface OpenedDatabase {
  readonly connection: Connection;
  readonly readOnly: boolean;
  /** Removes the temporary copy, where there is one. Call it after closing the connection. */
  readonly discard: () => void;
}

const busyMs = 50;
/** Measured: 8 KiB pages make the file of a large commit 2 % larger and nothing faster. */
const pageSize = 4096;
const keep = (): void => undefined;

export function openManifestDatabase(options: OpenOptions): OpenedDatabase {
  const { path } = options;
  try {
    const exists = existsSync(path);
    if (!exists && options.readOnly) {
      throw new CodedError('NO_STORE', `there is no manifest at ${path}`, { data: { path } });
    }
    if (!writable(dirname(path)) || (exists && !writable(path))) return openCopy(options);
    return options.readOnly ? openForReading(options) : openForWriting(options);
  } catch (error) {
    throw manifestError(path, error);
  }
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // Whatever the reason: what happens next says it better.
  }
}

function openForWriting({ path, migrations, note, now }: OpenOptions): OpenedDatabase {
  const fresh = !existsSync(path) || statSync(path).size === 0;
  const connection = new Connection({ path, readOnly: false, busyMs });
  try {
    if (fresh) connection.pragma(`page_size = ${pageSize}`);
    const pending = pendingMigrations(connection, migrations);
    if (connection.pragma('journal_mode') !== 'wal') connection.pragma('journal_mode = WAL');
    if (pending.length > 0) {
      if (pending.length < migrations.length) backUp(connection, path, note, now);
      migrate(connection, migrations, now());
    }
    return { connection, readOnly: false, discard: keep };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The whole database in one new file beside it, which stays. */
function backUp(connection: Connection, path: string, note: (line: string) => void, now: () => number): void {
  const version = String(connection.pragma('user_version'));
  const backup = `${path}.v${version}-${formatTimestamp(now()).replaceAll(':', '')}.bak`;
  connection.run('VACUUM INTO ?', backup);
  note(`the manifest is migrated to a newer version; the old one is kept as ${backup}`);
}

function openForReading(options: OpenOptions): OpenedDatabase {
  const connection = new Connection({ path: options.path, readOnly: true, busyMs });
  try {
    refuseOlder(pendingMigrations(connection, options.migrations), options.path);
    return { connection, readOnly: true, discard: keep };
  } catch (error) {
    connection.close();
    const code = sqliteCode(error);
    if (code?.startsWith('SQLITE_CANTOPEN') || code?.startsWith('SQLITE_READONLY')) return openCopy(options);
    throw error;
  }
}

function refuseOlder(pending: readonly Migration[], path: string): void {
  if (pending.length === 0) return;
  throw new CodedError('READ_ONLY', `the manifest ${path} was written by an older version and must be migrated first`, {
    hint: 'Run any cairn command once where the store can be written.',
    data: { path, pending: pending.map(({ name }) => name) },
  });
}

/** The database and its log of writes as they are now: copied again when they changed meanwhile. */
function openCopy(options: OpenOptions): OpenedDatabase {
  const { path, note } = options;
  const directory = mkdtempSync(join(tmpdir(), 'cairn-manifest-'));
  const discard = (): void => rmSync(directory, { recursive: true, force: true });
  let connection: Connection | undefined;
  try {
    const copy = join(directory, basename(path));
    for (let attempt = 0; attempt < 5; attempt++) {
      const before = stamp(path);
      rmSync(`${copy}-wal`, { force: true });
      copyFileSync(path, copy);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
      if (stamp(path) === before) break;
    }
    note(`${dirname(path)} cannot be written: reading from a temporary copy of the manifest`);
    connection = new Connection({ path: copy, readOnly: false, busyMs });
    refuseOlder(pendingMigrations(connection, options.migrations), path);
    connection.pragma('query_only = ON');
    return { connection, readOnly: true, discard };
  } catch (error) {
    connection?.close();
    discard();
    throw error;
  }
}

function stamp(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
      return stat === undefined ? '' : `${stat.size} ${stat.mtimeNs} ${stat.ino}`;
    })
    .join(' / ');
}
