/**
 * Which stored files were read through, and when: what lets `fsck --read-data-subset 10%` read another part each time.
 * Kept as a note outside the manifest, by backend name; a file that was never read comes first, then the one whose last
 * reading is longest ago.
 */
import { isCodedError } from '../../core/errors.ts';
import { formatTimestamp, type Timestamp } from '../../core/time.ts';
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';

const noteName = 'fsck.json';
const schema = 'cairn.fsck-coverage/1';

/** A stored file: a pack or a loose object. */
export interface StoredUnit {
  readonly name: string;
  readonly bytes: number;
}

export interface Coverage {
  /** Stored bytes of packs and loose objects, and how many of them have ever been read through. */
  readonly bytes: number;
  readonly bytesCovered: number;
  /** The earliest last reading among the files that have been read; undefined when some were never read. */
  readonly since: Timestamp | undefined;
  /** False when the store could not be written, so that this reading is not remembered. */
  readonly recorded: boolean;
}

/** Milliseconds of the last reading by name. A note that cannot be parsed counts as none: it decides nothing. */
export async function loadCoverage(notes: UpkeepNotes): Promise<Map<string, number>> {
  const text = await notes.read(noteName);
  if (text === undefined) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Map();
  }
  const { schema: found, read } = (value ?? {}) as { schema?: unknown; read?: unknown };
  if (found !== schema || typeof read !== 'object' || read === null) return new Map();
  return new Map(Object.entries(read).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

/** The part to read: units in the order of their last reading until they make up the share of all bytes. */
export function chooseUnits(
  units: readonly StoredUnit[],
  lastRead: ReadonlyMap<string, number>,
  share: number,
): StoredUnit[] {
  const wanted = share * units.reduce((sum, unit) => sum + unit.bytes, 0);
  const age = (unit: StoredUnit): number => lastRead.get(unit.name) ?? 0;
  const inOrder = [...units].sort((left, right) => age(left) - age(right) || (left.name < right.name ? -1 : 1));
  const chosen: StoredUnit[] = [];
  let bytes = 0;
  for (const unit of inOrder) {
    if (bytes >= wanted) break;
    chosen.push(unit);
    bytes += unit.bytes;
  }
  return chosen;
}

/** Remembers a reading and says what is covered now. Files that are gone are dropped from the note. */
export async function recordCoverage(
  notes: UpkeepNotes,
  units: readonly StoredUnit[],
  lastRead: ReadonlyMap<string, number>,
  read: ReadonlySet<string>,
  nowMs: number,
): Promise<Coverage> {
  const times: { [name: string]: number } = {};
  let bytes = 0;
  let bytesCovered = 0;
  let oldest = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    bytes += unit.bytes;
    const at = read.has(unit.name) ? nowMs : lastRead.get(unit.name);
    if (at === undefined) continue;
    times[unit.name] = at;
    bytesCovered += unit.bytes;
    oldest = Math.min(oldest, at);
  }
  const complete = units.length > 0 && Object.keys(times).length === units.length;
  const coverage = { bytes, bytesCovered, since: complete ? formatTimestamp(oldest) : undefined };
  if (read.size === 0) return { ...coverage, recorded: true };
  try {
    await notes.write(noteName, JSON.stringify({ schema, read: times }));
    return { ...coverage, recorded: true };
  } catch (error) {
    // A store that can only be read is checked all the same.
    if (isCodedError(error) && error.kind === 'forbidden') return { ...coverage, recorded: false };
    throw error;
  }
}
