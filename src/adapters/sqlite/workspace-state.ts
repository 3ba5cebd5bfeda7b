/**
 * The state of one workspace: `HEAD`, a line of text that a person can read and mend, and `workspace.sqlite`, which is
 * opened only by what needs it.
 *
 * The durable write of `HEAD` is passed in: it lives with the file system, and adapters do not import each other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { StagedEntry, WorkspaceState } from '../../ports/workspace.ts';
import type { SqlDatabase } from './open-database.ts';
import { formatStagedEntry, parseStagedEntries } from './staged-entry.ts';
import { workspaceDatabase } from './workspace-database.ts';

export interface WorkspaceStateOptions {
  /** Directory of `HEAD` and `workspace.sqlite`. */
  readonly dir: string;
  /** A fresh random id, for a workspace that has none. */
  readonly createId: () => string;
  /** Replaces a small text file, durable when it returns. */
  readonly writeText: (path: string, text: string) => Promise<void>;
  readonly readOnly?: boolean;
}

/** Rows of one statement: twenty at once take half the time of one at a time. */
const rowsAtOnce = 20;

/** Runs `sql(n)` over all items, n of them at a time. */
function inBatches<T>(
  database: SqlDatabase,
  items: readonly T[],
  sql: (rows: number) => string,
  values: (item: T) => readonly string[],
): void {
  const whole = items.length - (items.length % rowsAtOnce);
  const many = whole === 0 ? undefined : database.prepare(sql(rowsAtOnce));
  for (let at = 0; at < whole; at += rowsAtOnce) many?.run(...items.slice(at, at + rowsAtOnce).flatMap(values));
  const one = whole === items.length ? undefined : database.prepare(sql(1));
  for (const item of items.slice(whole)) one?.run(...values(item));
}

const insertSql = (rows: number): string =>
  `INSERT OR REPLACE INTO staged (stage, path, entry) VALUES ${Array(rows).fill('(?, ?, ?)').join(', ')}`;
const deleteSql = (rows: number): string =>
  `DELETE FROM staged WHERE (stage, path) IN (VALUES ${Array(rows).fill('(?, ?)').join(', ')})`;

export function openWorkspaceState(options: WorkspaceStateOptions): WorkspaceState {
  const { dir, createId, writeText, readOnly = false } = options;
  const headPath = join(dir, 'HEAD');
  const database = workspaceDatabase(join(dir, 'workspace.sqlite'), createId, readOnly);
  let id: string | undefined;

  function stagedTexts(opened: SqlDatabase, stage: string): [path: string, entry: string][] {
    const rows = opened.prepare('SELECT path, entry FROM staged WHERE stage = ? ORDER BY path').raw().all(stage);
    return rows as [string, string][];
  }

  function readId(opened: SqlDatabase): string {
    const row = opened.prepare('SELECT id FROM about').raw().get() as [string] | undefined;
    if (row === undefined) throw database.corrupt(new TypeError('it has no id'));
    return row[0];
  }

  async function head(): Promise<string> {
    let text: string;
    try {
      text = readFileSync(headPath, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw systemError('cannot read', error, headPath);
      throw new CodedError('NO_WORKSPACE', `there is no workspace at ${dir}: it has no HEAD`, { cause: error });
    }
    const ref = text.replace(/\n$/, '');
    if (ref === '' || ref.length > 1024 || /[\p{Cc}\p{Cn}\uFFFD]/u.test(ref)) {
      throw new CodedError('WORKSPACE_CORRUPT', `${headPath} does not hold the name of a branch`, {
        hint: `Write the current branch into it: printf 'heads/main\\n' > ${headPath}`,
        data: { path: headPath },
      });
    }
    return ref;
  }

  async function setHead(ref: string): Promise<void> {
    if (readOnly) throw new CodedError('READ_ONLY', `cannot write ${headPath}: the store is open for reading only`);
    await writeText(headPath, `${ref}\n`);
  }

  /** What was read last: when nobody has written since, and all of it is to go, nothing needs to be compared. */
  let lastRead: { stage: string; entries: readonly StagedEntry[]; version: unknown } | undefined;

  /** Changes whenever another connection has written. */
  function dataVersion(opened: SqlDatabase): unknown {
    return (opened.prepare('PRAGMA data_version').raw().get() as unknown[])[0];
  }

  /** Deletes the entries that are still as given; returns how many others there are. */
  function dropUnchanged(opened: SqlDatabase, stage: string, entries: readonly StagedEntry[]): number {
    if (lastRead?.stage === stage && lastRead.entries === entries && lastRead.version === dataVersion(opened)) {
      opened.prepare('DELETE FROM staged WHERE stage = ?').run(stage);
      return 0;
    }
    const given = new Map(entries.map((entry) => [entry.path, formatStagedEntry(entry)]));
    const rows = stagedTexts(opened, stage);
    const dropped = rows.filter(([path, text]) => given.get(path) === text);
    if (dropped.length === rows.length) {
      opened.prepare('DELETE FROM staged WHERE stage = ?').run(stage);
    } else {
      inBatches(opened, dropped, deleteSql, ([path]) => [stage, path]);
    }
    return rows.length - dropped.length;
  }

  return {
    get id() {
      id ??= readOnly ? (database.read(readId) ?? createId()) : database.write(readId);
      return id;
    },
    head,
    setHead,

    async statCache() {
      const row = database.read((opened) => opened.prepare('SELECT bytes FROM stat_cache').raw().get()) as
        | [Uint8Array]
        | undefined;
      return row && new Uint8Array(row[0].buffer, row[0].byteOffset, row[0].length);
    },
    async saveStatCache(bytes) {
      database.write((opened) => {
        opened.prepare('INSERT OR REPLACE INTO stat_cache (only, bytes) VALUES (1, ?)').run(bytes);
      });
    },

    async staged(stage) {
      let version: unknown;
      const rows =
        database.read((opened) => {
          version = dataVersion(opened);
          return stagedTexts(opened, stage);
        }) ?? [];
      const entries = parseStagedEntries(rows, database.corrupt);
      lastRead = { stage, entries, version };
      return entries;
    },
    async stage(stage, entries, drop) {
      if (entries.length === 0 && drop.length === 0) return;
      lastRead = undefined;
      database.write((opened) => {
        inBatches(opened, drop, deleteSql, (path) => [stage, path]);
        inBatches(opened, entries, insertSql, (entry) => [stage, entry.path, formatStagedEntry(entry)]);
      });
    },
    async unstage(stage, entries) {
      if (database.read(() => true) === undefined) return 0;
      return database.write((opened) => dropUnchanged(opened, stage, entries));
    },
    async stages() {
      const rows = database.read((opened) =>
        opened.prepare('SELECT DISTINCT stage FROM staged ORDER BY stage').raw().all(),
      ) as [string][] | undefined;
      return (rows ?? []).map(([stage]) => stage);
    },
    async close() {
      database.close();
    },
  };
}
