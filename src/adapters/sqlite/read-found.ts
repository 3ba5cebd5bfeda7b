/** Ids by prefix, what a loss touches, and sums. */

import { CodedError } from '../../core/errors.ts';
import type { ArtifactId, CandidateId, ObjectId, RunId } from '../../core/ids.ts';
import { isIdPrefix } from '../../core/ids.ts';
import type { Affected, Found, ManifestStats, Namespace } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { findObjects, inSlices } from './lookups.ts';
import { digestsOf, kindOf } from './numbers.ts';

const between = (name: string): string =>
  `substr(${name}, 1, 4) BETWEEN substr(@low, 1, 4) AND substr(@high, 1, 4) AND ${name} BETWEEN @low AND @high`;

const objectsSql = `SELECT lower(hex(o.sha256)), CASE WHEN o.kind = 0 THEN 'blob' WHEN o.key IS NOT NULL THEN 'artifact'
    WHEN EXISTS (SELECT 1 FROM run r WHERE r.record_id = o.object_id) THEN 'run'
    WHEN EXISTS (SELECT 1 FROM candidate c WHERE c.candidate_id = o.object_id) THEN 'candidate'
    WHEN EXISTS (SELECT 1 FROM report r WHERE r.report_id = o.object_id) THEN 'report'
    WHEN EXISTS (SELECT 1 FROM policy p WHERE p.policy_id = o.object_id) THEN 'policy' ELSE 'record' END
  FROM object o WHERE ${between('o.sha256')} ORDER BY substr(o.sha256, 1, 4), o.sha256 LIMIT @limit`;
const eventsSql = `SELECT lower(hex(e.event_id)), 'event' FROM event e WHERE ${between('e.event_id')}
  ORDER BY substr(e.event_id, 1, 4), e.event_id LIMIT @limit`;

export function findByPrefix(connection: Connection, prefix: string, limit: number): Found[] {
  if (!isIdPrefix(prefix)) {
    throw new CodedError('BAD_ID', `not a prefix of an id: ${JSON.stringify(prefix.slice(0, 80))}`, {
      hint: 'Give 4 to 64 hexadecimal digits in lower case.',
    });
  }
  const range = {
    low: Buffer.from(prefix.padEnd(64, '0'), 'hex'),
    high: Buffer.from(prefix.padEnd(64, 'f'), 'hex'),
    limit,
  };
  const rows = [objectsSql, eventsSql].flatMap((sql) => connection.tuples<[string, Found['kind']]>(sql, range));
  return rows
    .map(([id, kind]): Found => ({ kind, id }))
    .sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : left.kind < right.kind ? -1 : 1))
    .slice(0, limit);
}

/**
 * Artifacts whose bytes or record are among the objects; the runs that produced or used them, and runs whose own record,
 * trees, message, context or contents are among them; the candidates whose evidence, run, own record, reports or facts are.
 */
export function readAffected(
  connection: Connection,
  objects: readonly { readonly namespace: Namespace; readonly id: ObjectId }[],
): Affected {
  const artifacts = new Map<ArtifactId, true>();
  const runs = new Map<number, RunId>();
  const candidates = new Set<CandidateId>();
  for (const namespace of ['blob', 'record'] as const) {
    const ids = objects.flatMap((object) => (object.namespace === namespace ? [object.id] : []));
    inSlices(ids, 16_384, (slice) => {
      const rows = findObjects<[number]>(connection, kindOf[namespace], digestsOf(slice), 'o.object_id').map(
        ([, row]) => row,
      );
      const given = JSON.stringify(rows);
      const touched = connection.tuples<[number, ArtifactId]>(namespace === 'blob' ? ofBlobs : ofRecords, {
        rows: given,
      });
      for (const [, id] of touched) artifacts.set(id, true);
      const touchedRows = JSON.stringify(touched.map(([row]) => row));
      for (const id of connection.values<CandidateId>(candidatesOfEvidence, { rows: touchedRows })) candidates.add(id);
      for (const [row, id] of connection.tuples<[number, RunId]>(runsOfArtifacts, { rows: touchedRows }))
        runs.set(row, id);
      if (namespace === 'record') {
        for (const [row, id] of connection.tuples<[number, RunId]>(runsOfRecords, { rows: given })) runs.set(row, id);
        for (const id of connection.values<CandidateId>(candidatesOfRecords, { rows: given })) candidates.add(id);
      }
    });
  }
  const ofRuns = connection.values<CandidateId>(candidatesOfRuns, { rows: JSON.stringify([...runs.keys()]) });
  for (const id of ofRuns) candidates.add(id);
  return {
    artifacts: [...artifacts.keys()].sort(),
    runs: [...runs].sort(([left], [right]) => right - left).map(([, id]) => id),
    candidates: [...candidates].sort(),
  };
}

const ofBlobs = `SELECT a.object_id, lower(hex(a.sha256)) FROM json_each(@rows) i CROSS JOIN object a ON a.blob_id = i.value
  UNION SELECT a.object_id, lower(hex(a.sha256)) FROM json_each(@rows) i CROSS JOIN object a ON a.object_id = i.value + 1
    WHERE a.key IS NOT NULL AND a.blob_id IS NULL`;
const ofRecords = `SELECT a.object_id, lower(hex(a.sha256)) FROM json_each(@rows) i CROSS JOIN object a ON a.object_id = i.value
  WHERE a.key IS NOT NULL`;
const named = (runs: string): string => `SELECT r.run_id, lower(hex(o.sha256)) FROM (${runs}) i
  CROSS JOIN run r ON r.run_id = i.run_id CROSS JOIN object o ON o.object_id = r.record_id`;
const runsOfArtifacts =
  named(`SELECT a.first_run AS run_id FROM json_each(@rows) i CROSS JOIN object a ON a.object_id = i.value
    WHERE a.first_run IS NOT NULL
  UNION SELECT p.run_id FROM json_each(@rows) i CROSS JOIN production p ON p.artifact_id = i.value AND p.again = 1
  UNION SELECT n.run_id FROM json_each(@rows) i CROSS JOIN run_input n ON n.artifact_id = i.value`);
const runsOfRecords = named(
  ['record_id', 'tree_id', 'outputs_id', 'message_id', 'context_id']
    .map((column) => `SELECT r.run_id FROM json_each(@rows) i CROSS JOIN run r ON r.${column} = i.value`)
    .concat(
      'SELECT c.run_id FROM json_each(@rows) i CROSS JOIN run_content c ON c.record_id = i.value',
      // Without an index, but only for what is a specification.
      `SELECT c.run_id FROM json_each(@rows) i CROSS JOIN table_spec s ON s.spec_id = i.value
       CROSS JOIN run_content c ON c.spec_id = s.spec_id`,
    )
    .join(' UNION '),
);

const candidatesBy = (found: string): string => `SELECT DISTINCT lower(hex(o.sha256)) FROM (${found}) f
  CROSS JOIN object o ON o.object_id = f.candidate_id`;
const candidatesOfEvidence = candidatesBy(
  'SELECT v.candidate_id FROM json_each(@rows) i CROSS JOIN candidate_evidence v ON v.artifact_id = i.value',
);
const candidatesOfRuns = candidatesBy(
  'SELECT c.candidate_id FROM json_each(@rows) i CROSS JOIN candidate c ON c.run_id = i.value',
);
const candidatesOfRecords =
  candidatesBy(`SELECT c.candidate_id FROM json_each(@rows) i CROSS JOIN candidate c ON c.candidate_id = i.value
  UNION ALL SELECT r.candidate_id FROM json_each(@rows) i CROSS JOIN report r ON r.report_id = i.value
  UNION ALL SELECT r.candidate_id FROM json_each(@rows) i CROSS JOIN report r ON r.facts_id = i.value`);

export function readStats(connection: Connection): ManifestStats {
  const one = <Row>(sql: string): Row => connection.get<Row>(sql) as Row;
  const sums = (where: string): { count: number; bytes: number } =>
    one(`SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM object WHERE place <> -2 AND ${where}`);
  return {
    runs: one<{ n: number }>('SELECT count(*) AS n FROM run').n,
    artifacts: one<{ n: number }>(
      'SELECT count(*) AS n FROM object INDEXED BY artifact_by_key WHERE key_hash IS NOT NULL',
    ).n,
    events: one<{ n: number }>('SELECT coalesce(max(seq), 0) AS n FROM event').n,
    blobs: sums('kind = 0'),
    records: sums('kind = 1'),
    packs: one('SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM pack'),
    loose: one(`SELECT count(*) AS count, coalesce(sum(CASE place WHEN -1 THEN at ELSE size END), 0) AS storedBytes,
      coalesce(sum(size), 0) AS bytes FROM object WHERE place IN (0, -1)`),
    productions: one(`SELECT count(*) AS count, coalesce(sum(b.size), 0) AS bytes FROM production p
      CROSS JOIN object a ON a.object_id = p.artifact_id CROSS JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1)`),
  };
}
