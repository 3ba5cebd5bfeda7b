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
import {
  formatStagedBlock,
  mergeBlocks,
  parseStagedBlock,
  type StagedBlock,
  sortedEntries,
  stagedEntryText,
} from './staged-block.ts';
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

/** A block at most this many times as large as the one that comes is merged with it, so that there are always few. */
const mergeRatio = 4;

interface StoredBlock {
  readonly seq: number;
  readonly text: string;
}

export function openWorkspaceState(options: WorkspaceStateOptions): WorkspaceState {
  const { dir, createId, writeText, readOnly = false } = options;
  const headPath = join(dir, 'HEAD');
  const database = workspaceDatabase(join(dir, 'workspace.sqlite'), createId, readOnly);
  let id: string | undefined;

  function storedBlocks(opened: SqlDatabase, stage: string): StoredBlock[] {
    const rows = opened.prepare('SELECT seq, block FROM staged WHERE stage = ? ORDER BY seq').raw().all(stage);
    return (rows as [number, string][]).map(([seq, text]) => ({ seq, text }));
  }

  function parseBlock(text: string): StagedBlock {
    try {
      return parseStagedBlock(text);
    } catch (error) {
      throw database.corrupt(error);
    }
  }

  function entriesOf(blocks: readonly StoredBlock[]): readonly StagedEntry[] {
    let whole: StagedBlock = { drop: [], put: [] };
    blocks.forEach(({ text }, index) => {
      whole = index === 0 ? parseBlock(text) : mergeBlocks(whole, parseBlock(text), true);
    });
    return whole.put;
  }

  function insertBlock(opened: SqlDatabase, stage: string, seq: number, block: StagedBlock): void {
    opened.prepare('INSERT INTO staged (stage, seq, block) VALUES (?, ?, ?)').run(stage, seq, formatStagedBlock(block));
  }

  /** Puts a block on top of the others, merged with those that are not much larger. */
  function addBlock(opened: SqlDatabase, stage: string, added: StagedBlock): void {
    const blocks = storedBlocks(opened, stage);
    let block = added;
    let size = formatStagedBlock(added).length;
    const next = (blocks.at(-1)?.seq ?? 0) + 1;
    for (let top = blocks.at(-1); top !== undefined && top.text.length <= mergeRatio * size; top = blocks.at(-1)) {
      blocks.pop();
      block = mergeBlocks(parseBlock(top.text), block, blocks.length === 0);
      size += top.text.length;
      opened.prepare('DELETE FROM staged WHERE stage = ? AND seq = ?').run(stage, top.seq);
    }
    if (blocks.length === 0) block = { drop: [], put: block.put };
    if (block.drop.length + block.put.length > 0) insertBlock(opened, stage, next, block);
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
    const given = new Map(entries.map((entry) => [entry.path, stagedEntryText(entry)]));
    const blocks = storedBlocks(opened, stage);
    const kept = entriesOf(blocks).filter((entry) => given.get(entry.path) !== stagedEntryText(entry));
    opened.prepare('DELETE FROM staged WHERE stage = ?').run(stage);
    if (kept.length > 0) insertBlock(opened, stage, 1, { drop: [], put: kept });
    return kept.length;
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
      const blocks =
        database.read((opened) => {
          version = dataVersion(opened);
          return storedBlocks(opened, stage);
        }) ?? [];
      const entries = entriesOf(blocks);
      lastRead = { stage, entries, version };
      return entries;
    },
    async stage(stage, entries, drop) {
      if (entries.length === 0 && drop.length === 0) return;
      lastRead = undefined;
      database.write((opened) => addBlock(opened, stage, { drop, put: sortedEntries(entries) }));
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
