/**
 * The runs behind a run, breadth first through the producing runs of inputs, level by level, so that a limit bounds the work;
 * and which of them produced or used an artifact.
 */
import type { RunId } from '../../core/ids.ts';
import type { Ancestry, AncestryRequest } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { artifactIdOf, inSlices, runIdOf } from './lookups.ts';

const defaultLimit = 100_000;

/** As the input says, or all that made it where it does not say or where that run is not known. */
const unsaid = 'NOT EXISTS (SELECT 1 FROM run s WHERE s.record_id = n.producer_id)';
const behindSql = `SELECT r.run_id FROM json_each(@runs) i CROSS JOIN run_input n ON n.run_id = i.value
    CROSS JOIN run r ON r.record_id = n.producer_id
  UNION SELECT a.first_run FROM json_each(@runs) i CROSS JOIN run_input n ON n.run_id = i.value
    CROSS JOIN object a ON a.object_id = n.artifact_id WHERE a.first_run IS NOT NULL AND ${unsaid}
  UNION SELECT p.run_id FROM json_each(@runs) i CROSS JOIN run_input n ON n.run_id = i.value
    CROSS JOIN production p ON p.artifact_id = n.artifact_id AND p.again = 1 WHERE ${unsaid}
  ORDER BY 1 DESC`;

export function readAncestry(connection: Connection, request: AncestryRequest): Ancestry {
  const { artifacts = [], limit = defaultLimit } = request;
  const start = runIdOf(connection, request.run);
  /** Rows of runs by distance; the value is the place in that order. */
  const places = new Map<number, number>();
  let level: number[] = start === undefined ? [] : [start];
  let complete = true;
  while (level.length > 0) {
    const room = limit - places.size;
    if (level.length > room) {
      complete = false;
      level = level.slice(0, room);
    }
    for (const row of level) places.set(row, places.size);
    if (!complete) break;
    const behind = connection.values<number>(behindSql, { runs: JSON.stringify(level) });
    level = behind.filter((row) => !places.has(row));
  }
  const runs = namesOf(connection, [...places.keys()]);
  const nearest = (rows: readonly number[]): RunId | undefined => {
    const found = rows.map((row) => places.get(row)).filter((place) => place !== undefined);
    return found.length === 0 ? undefined : runs[Math.min(...found)];
  };
  return {
    runs,
    complete,
    artifacts: artifacts.map((id) => {
      const row = artifactIdOf(connection, id) ?? -1;
      return {
        producedBy: nearest(connection.values<number>(producersSql, row, row)),
        usedBy: nearest(connection.values<number>('SELECT run_id FROM run_input WHERE artifact_id = ?', row)),
      };
    }),
  };
}

const producersSql = `SELECT first_run FROM object WHERE object_id = ? AND first_run IS NOT NULL
  UNION SELECT run_id FROM production WHERE artifact_id = ? AND again = 1`;

function namesOf(connection: Connection, rows: readonly number[]): RunId[] {
  const names: RunId[] = [];
  const sql = `SELECT lower(hex(o.sha256)) FROM json_each(?) i CROSS JOIN run r ON r.run_id = i.value
    CROSS JOIN object o ON o.object_id = r.record_id`;
  inSlices(rows, 16_384, (slice) => names.push(...connection.values<RunId>(sql, JSON.stringify(slice))));
  return names;
}
