/**
 * cairn.tree/1: one directory. Entries are sorted by the UTF-8 bytes of their names, which are unique; a name follows
 * the rules of `entryName`. An unchanged directory has the same id, so it costs nothing in the next run.
 */

import { compareUtf8, utf8, utf8Decode, utf8Order } from '../bytes.ts';
import { parseCanonical } from '../canonical-json.ts';
import { CodedError } from '../errors.ts';
import { type ArtifactId, isFullId, type TreeId } from '../ids.ts';
import { entryName } from '../names.ts';

export interface TreeFile {
  readonly name: string;
  readonly artifact: ArtifactId;
  readonly executable?: true;
}
export interface TreeDirectory {
  readonly name: string;
  readonly tree: TreeId;
}
/** A symbolic link, stored as its target text and never followed. */
export interface TreeLink {
  readonly name: string;
  readonly link: string;
}
export type TreeEntry = TreeFile | TreeDirectory | TreeLink;

export interface TreeRecord {
  readonly schema: 'cairn.tree/1';
  readonly entries: readonly TreeEntry[];
}

function entryText(entry: TreeEntry): string {
  const name = JSON.stringify(entry.name);
  if ('artifact' in entry) {
    return entry.executable
      ? `{"artifact":"${entry.artifact}","executable":true,"name":${name}}`
      : `{"artifact":"${entry.artifact}","name":${name}}`;
  }
  if ('tree' in entry) return `{"name":${name},"tree":"${entry.tree}"}`;
  return `{"link":${JSON.stringify(entry.link)},"name":${name}}`;
}

/** The canonical bytes of a tree; sorts the entries. Throws when two entries share a name. */
export function treeBytes(entries: readonly TreeEntry[]): Uint8Array {
  const order = utf8Order(entries.map((entry) => entry.name));
  const sorted = [...entries].sort((left, right) => order(left.name, right.name));
  let previous: string | undefined;
  const texts = sorted.map((entry) => {
    if (entry.name === previous)
      throw new CodedError('BAD_PATH', `two entries of one name: ${JSON.stringify(entry.name)}`);
    previous = entryName(entry.name);
    return entryText(entry);
  });
  return utf8(`{"entries":[${texts.join(',')}],"schema":"cairn.tree/1"}`);
}

function invalid(why: string): CodedError {
  return new CodedError('RECORD_INVALID', `not a cairn.tree/1 record: ${why}`);
}

function parseEntry(value: unknown, index: number): TreeEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`entry ${index} is not an object`);
  const { name, artifact, tree, link, executable, ...rest } = value as Record<string, unknown>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw invalid(`entry ${index} has the unknown field ${JSON.stringify(unknown)}`);
  if (typeof name !== 'string') throw invalid(`entry ${index} has no name`);
  entryName(name);
  const kinds = [artifact, tree, link].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) throw invalid(`entry ${JSON.stringify(name)} must have exactly one of artifact, tree, link`);
  if (executable !== undefined && (executable !== true || artifact === undefined)) {
    throw invalid(`entry ${JSON.stringify(name)}: executable may only be true, and only on a file`);
  }
  if (link !== undefined) {
    if (typeof link !== 'string' || link === '' || link.includes('\0'))
      throw invalid(`entry ${JSON.stringify(name)} has no link target`);
    return { name, link };
  }
  const id = artifact ?? tree;
  if (typeof id !== 'string' || !isFullId(id)) throw invalid(`entry ${JSON.stringify(name)} does not name an id`);
  if (tree !== undefined) return { name, tree: id as TreeId };
  return executable ? { name, artifact: id as ArtifactId, executable } : { name, artifact: id as ArtifactId };
}

/**
 * A record that says nothing wrong, in one pass: the values that a tree may have are written out again, and the text must
 * come out as it was. undefined for any other record; `parseTree` then says why.
 */
function soundEntries(text: string): TreeEntry[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // The caller reads it again, with a position.
  }
  const listed = (value as { entries?: unknown } | null)?.entries;
  if (!Array.isArray(listed)) return undefined;
  const entries: TreeEntry[] = [];
  let again = '{"entries":[';
  let previous: string | undefined;
  for (const item of listed as (Partial<TreeFile & TreeDirectory & TreeLink> | null)[]) {
    if (typeof item !== 'object' || item === null || typeof item.name !== 'string') return undefined;
    const { name, artifact, tree, link } = item;
    if (previous !== undefined && compareUtf8(previous, name) >= 0) return undefined;
    entryName(name);
    let entry: TreeEntry;
    if (typeof artifact === 'string' && isFullId(artifact)) {
      entry = item.executable ? { name, artifact, executable: true } : { name, artifact };
    } else if (typeof tree === 'string' && isFullId(tree)) entry = { name, tree };
    else if (typeof link === 'string' && link !== '' && link.isWellFormed() && !link.includes('\0'))
      entry = { name, link };
    else return undefined;
    again += previous === undefined ? entryText(entry) : `,${entryText(entry)}`;
    entries.push(entry);
    previous = name;
  }
  return `${again}],"schema":"cairn.tree/1"}` === text ? entries : undefined;
}

/** Parses a tree record. Trees may hold 100,000 entries, so this is written out instead of going through a schema. */
export function parseTree(bytes: Uint8Array): TreeRecord {
  return { schema: 'cairn.tree/1', entries: soundEntries(lenientText(bytes)) ?? checkedEntries(bytes) };
}

/** What is not UTF-8 has no canonical text either: it is left to the strict reader to say so. */
function lenientText(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch {
    return '';
  }
}

/** The entries of a record in which something is wrong, step by step, until it is found. */
function checkedEntries(bytes: Uint8Array): TreeEntry[] {
  const value = parseCanonical(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('not an object');
  const { schema, entries, ...rest } = value;
  if (schema !== 'cairn.tree/1') throw invalid(`schema is ${JSON.stringify(schema)}`);
  if (Object.keys(rest).length > 0) throw invalid(`unknown field ${JSON.stringify(Object.keys(rest)[0])}`);
  if (!Array.isArray(entries)) throw invalid('no entries');
  const parsed = entries.map(parseEntry);
  for (let index = 1; index < parsed.length; index++) {
    if (compareUtf8((parsed[index - 1] as TreeEntry).name, (parsed[index] as TreeEntry).name) >= 0) {
      throw invalid(`entries are not sorted and unique at ${index}`);
    }
  }
  return parsed;
}
