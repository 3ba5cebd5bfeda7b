/**
 * Lists of artifacts, those of the newest production first, then by logical key.
 *
 * A filter that leaves few artifacts gives candidates, which are sorted here. Without one the list is walked run by run,
 * newest first, until the page is full; what no run produced comes last.
 */
import { compareUtf8 } from '../../core/bytes.ts';
import { globMatcher } from '../../core/glob.ts';
import type { ArtifactEntry, ArtifactFilter, Page, PageRequest } from '../../ports/manifest.ts';
import { type Candidate, conditionsOf, fewCandidates, newestRun, outputsOfRun } from './artifact-filter.ts';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { artifactEntries } from './read-artifacts.ts';

type Matches = (key: string) => boolean;

export function listArtifacts(connection: Connection, filter: ArtifactFilter, page: PageRequest): Page<ArtifactEntry> {
  const matches: Matches = filter.key === undefined ? () => true : globMatcher(filter.key);
  if (filter.run !== undefined) return pageOfRun(connection, filter, matches, page);
  const after = cursorOf(page.cursor);
  const candidates = fewCandidates(connection, filter, matches);
  const source = candidates === undefined ? walk(connection, filter, after) : sorted(candidates, after);
  const rows: Candidate[] = [];
  let more = false;
  for (const candidate of source) {
    if (!matches(candidate[2])) continue;
    if (page.limit !== 0 && rows.length === page.limit) {
      more = true;
      break;
    }
    rows.push(candidate);
  }
  const last = rows.at(-1);
  return {
    rows: artifactEntries(
      connection,
      rows.map(([row]) => row),
    ),
    cursor: more && last !== undefined ? encodeCursor('artifacts', last.slice(1)) : undefined,
  };
}

type Position = readonly [run: number, key: string, id: string];

function cursorOf(cursor: string | undefined): Position | undefined {
  const parts = decodeCursor('artifacts', cursor);
  return parts === undefined ? undefined : [Number(parts[0]), String(parts[1]), String(parts[2])];
}

/** Negative when the left one is listed first. */
function compare([leftRun, leftKey, leftId]: Position, [rightRun, rightKey, rightId]: Position): number {
  return rightRun - leftRun || compareUtf8(leftKey, rightKey) || (leftId < rightId ? -1 : leftId > rightId ? 1 : 0);
}

function positionOf([, run, key, id]: Candidate): Position {
  return [run, key, id];
}

function sorted(candidates: readonly Candidate[], after: Position | undefined): Candidate[] {
  return candidates
    .filter((candidate) => after === undefined || compare(after, positionOf(candidate)) < 0)
    .sort((left, right) => compare(positionOf(left), positionOf(right)));
}

const chunk = 1000;

/** Everything that passes the filter, in order, from behind a position. */
function* walk(connection: Connection, filter: ArtifactFilter, after: Position | undefined): Generator<Candidate> {
  const { sql, values } = conditionsOf(connection, filter);
  const behind = 'AND (a.key > ? OR a.key = ? AND lower(hex(a.sha256)) > ?) ORDER BY a.key, a.sha256 LIMIT ?';
  const produced = `SELECT DISTINCT a.object_id, p.run_id, a.key, lower(hex(a.sha256))
    FROM production p CROSS JOIN object a ON a.object_id = p.artifact_id
    WHERE p.run_id = ? AND ${newestRun} = p.run_id AND ${sql} ${behind}`;
  const unproduced = `SELECT a.object_id, 0, a.key, lower(hex(a.sha256)) FROM object a INDEXED BY artifact_not_produced
    WHERE a.key IS NOT NULL AND a.first_run IS NULL AND ${sql} ${behind}`;
  function* pages(statement: string, run: readonly number[]): Generator<Candidate> {
    const atRun = run[0] ?? 0;
    let [key, id] = after?.[0] === atRun ? [after[1], after[2]] : ['', ''];
    for (;;) {
      const rows = connection.tuples<Candidate>(statement, ...run, ...values, key, key, id, chunk);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < chunk) return;
      [, , key, id] = last;
    }
  }
  const newest = connection.value<number | null>('SELECT max(run_id) FROM run') ?? 0;
  for (let run = after === undefined ? newest : after[0]; run > 0; run--) yield* pages(produced, [run]);
  yield* pages(unproduced, []);
}

/** What one run produced, by path, each artifact once. */
function pageOfRun(
  connection: Connection,
  filter: ArtifactFilter,
  matches: Matches,
  page: PageRequest,
): Page<ArtifactEntry> {
  const [after] = decodeCursor('outputs', page.cursor) ?? [];
  const seen = new Set<number>();
  const rows: number[] = [];
  let lastPath = '';
  for (const [row, path, key] of outputsOfRun(connection, filter)) {
    if (seen.has(row)) continue;
    seen.add(row);
    if (!matches(key) || (after !== undefined && compareUtf8(path, String(after)) <= 0)) continue;
    if (page.limit !== 0 && rows.length === page.limit) {
      return { rows: artifactEntries(connection, rows), cursor: encodeCursor('outputs', [lastPath]) };
    }
    rows.push(row);
    lastPath = path;
  }
  return { rows: artifactEntries(connection, rows), cursor: undefined };
}
