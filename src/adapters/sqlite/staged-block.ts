/**
 * A block of a staging area: what one command staged, as one text. A staging area is a list of blocks, later ones deciding;
 * one block for 20,000 files is written and read in a third of the time of a row for each.
 *
 *     {"drop":[path, …],"put":[[path, entry], …]}
 *
 * Entries are in the order of their paths (UTF-8 bytes), their members always in the same order, so that equal entries are
 * equal texts. The file is the user's own, but it may be damaged or of another hand: it is parsed strictly.
 */
import { compareUtf8, utf8Order } from '../../core/bytes.ts';
import type { StagedEntry } from '../../ports/workspace.ts';

export interface StagedBlock {
  readonly drop: readonly string[];
  /** In the order of paths, each once. */
  readonly put: readonly StagedEntry[];
}

const kinds = new Set<unknown>(['file', 'link', 'directory', 'removal'] satisfies StagedEntry['kind'][]);

/** Members but for path and kind, in the order of the text, with what they must be. */
const members = {
  blob: 'string',
  size: 'number',
  executable: 'boolean',
  target: 'string',
  type: 'string',
  schemaVersion: 'number',
  logicalKey: 'string',
} as const;

function ordered(entry: StagedEntry): object {
  const { kind, blob, size, executable, target, type, schemaVersion, logicalKey } = entry;
  const tags = entry.tags && Object.fromEntries(Object.entries(entry.tags).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { kind, blob, size, executable, target, type, schemaVersion, logicalKey, tags };
}

/** Equal entries, and no others, have equal texts. */
export function stagedEntryText(entry: StagedEntry): string {
  return JSON.stringify(ordered(entry));
}

export function formatStagedBlock(block: StagedBlock): string {
  return JSON.stringify({ drop: block.drop, put: block.put.map((entry) => [entry.path, ordered(entry)]) });
}

function isTags(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((tag) => typeof tag === 'string');
}

/** What JSON gives before it is known to be an entry. */
type Candidate = { [member in keyof StagedEntry]?: unknown };

function isEntry(value: unknown): value is Omit<StagedEntry, 'path'> & { path?: string } {
  if (typeof value !== 'object' || value === null) return false;
  const candidate: Candidate = value;
  if (!kinds.has(candidate.kind)) return false;
  for (const name in candidate) {
    if (name === 'kind') continue;
    const member = candidate[name as keyof Candidate];
    if (name === 'tags' ? !isTags(member) : typeof member !== members[name as keyof typeof members]) return false;
  }
  return true;
}

/** Throws a TypeError, or what JSON throws, for any other text. */
export function parseStagedBlock(text: string): StagedBlock {
  const value = JSON.parse(text) as { drop?: unknown; put?: unknown } | null;
  const drop: unknown = value?.drop;
  const put: unknown = value?.put;
  if (!Array.isArray(drop) || !Array.isArray(put)) throw new TypeError('a row is not a block of staged entries');
  if (drop.some((path) => typeof path !== 'string')) throw new TypeError('a dropped path is not a text');
  let previous: string | undefined;
  const entries = put.map((pair: unknown) => {
    const [path, entry] = Array.isArray(pair) && pair.length === 2 ? (pair as [unknown, unknown]) : [];
    if (typeof path !== 'string' || !isEntry(entry) || entry.path !== undefined) {
      throw new TypeError(`not a staged entry: ${(JSON.stringify(pair) ?? '').slice(0, 200)}`);
    }
    if (previous !== undefined && compareUtf8(previous, path) >= 0) throw new TypeError(`${path} is not in order`);
    previous = path;
    entry.path = path;
    return entry as StagedEntry;
  });
  return { drop: drop as string[], put: entries };
}

/** In the order of paths; of several entries of one path the last counts. */
export function sortedEntries(entries: readonly StagedEntry[]): readonly StagedEntry[] {
  const order = utf8Order(entries.map(({ path }) => path));
  const isSorted = entries.every(
    ({ path }, index) => index === 0 || order((entries[index - 1] as StagedEntry).path, path) < 0,
  );
  if (isSorted) return entries;
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return [...byPath.values()].sort((left, right) => order(left.path, right.path));
}

/** Two blocks as one, the later deciding. With `isFirst` nothing lies below, so that nothing needs to be dropped. */
export function mergeBlocks(earlier: StagedBlock, later: StagedBlock, isFirst: boolean): StagedBlock {
  const entries = new Map(earlier.put.map((entry) => [entry.path, entry]));
  const drop = new Set(isFirst ? [] : earlier.drop);
  for (const path of later.drop) {
    entries.delete(path);
    if (!isFirst) drop.add(path);
  }
  for (const entry of later.put) entries.set(entry.path, entry);
  return { drop: [...drop], put: sortedEntries([...entries.values()]) };
}
