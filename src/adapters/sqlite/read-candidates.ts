/** Candidates: where they stand, what they rest on, and what became of them. */
import type { ActorId, ArtifactId, CandidateId, EventId, RefName, ReportId, RunId } from '../../core/ids.ts';
import type { CandidateRecord } from '../../core/records/candidate.ts';
import type { EventAction } from '../../core/records/event.ts';
import type { Timestamp } from '../../core/time.ts';
import type {
  AcceptedRef,
  CandidateAct,
  CandidateEntry,
  CandidateFilter,
  CandidateStatus,
  Page,
  PageRequest,
  Risk,
} from '../../ports/manifest.ts';
import type { Connection, SqlValue } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { findObjects, inSlices, runIdOf } from './lookups.ts';
import { digestsOf } from './numbers.ts';
import { recordRow } from './read-reports.ts';

interface CandidateRow {
  readonly id: CandidateId;
  readonly record: string;
  readonly notes: string | null;
  readonly seq: number;
  readonly createdAt: Timestamp;
  readonly creator: ActorId;
  readonly gitCommit: string | null;
  readonly status: CandidateStatus;
  readonly statusSeq: number;
  readonly statusAt: Timestamp;
  readonly report: ReportId | null;
  readonly name: RefName | null;
  readonly risks: string;
}

/** The view's columns of status and risk, found by the candidate's event, which is as good as its number. */
const candidateSql = `SELECT v.candidate_id AS id, c.record, v.notes, c.seq, v.created_at_utc AS createdAt, a.id AS creator,
    v.git_commit AS gitCommit, v.status, v.status_event_id AS statusSeq, v.status_at_utc AS statusAt,
    v.eligibility_report_id AS report, v.accepted_name AS name, v.at_risk_json AS risks
  FROM candidate c CROSS JOIN promotion_candidates v ON v.event_id = c.seq CROSS JOIN event e ON e.seq = c.seq
  CROSS JOIN actor a ON a.actor_id = e.actor_id`;

function candidateEntry(row: CandidateRow): CandidateEntry {
  return {
    ...row,
    record: JSON.parse(row.record) as CandidateRecord,
    notes: row.notes ?? undefined,
    gitCommit: row.gitCommit ?? undefined,
    report: row.report ?? undefined,
    name: row.name ?? undefined,
    risks: JSON.parse(row.risks) as Risk[],
  };
}

export function readCandidates(connection: Connection, ids: readonly CandidateId[]): (CandidateEntry | undefined)[] {
  return ids.map((id) => {
    const row = connection.get<CandidateRow>(`${candidateSql} WHERE c.candidate_id = ?`, recordRow(connection, id));
    return row === undefined ? undefined : candidateEntry(row);
  });
}

export function listCandidates(
  connection: Connection,
  filter: CandidateFilter,
  page: PageRequest,
): Page<CandidateEntry> {
  const [before] = decodeCursor('candidates', page.cursor) ?? [];
  const where = ['c.seq < ?'];
  const values: SqlValue[] = [typeof before === 'number' ? before : Number.MAX_SAFE_INTEGER];
  const add = (condition: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  add('c.status = ?', filter.status);
  add('c.dataset_id = ?', filter.dataset);
  add('c.signal_name = ?', filter.signal);
  add('c.run_id = ?', filter.run === undefined ? undefined : (runIdOf(connection, filter.run) ?? -1));
  add('v.at_risk = ?', filter.atRisk === undefined ? undefined : Number(filter.atRisk));
  const rows = connection.all<CandidateRow>(
    `${candidateSql} WHERE ${where.join(' AND ')} ORDER BY c.seq DESC LIMIT ?`,
    ...values,
    page.limit === 0 ? -1 : page.limit + 1,
  );
  const more = page.limit !== 0 && rows.length > page.limit;
  if (more) rows.pop();
  return {
    rows: rows.map(candidateEntry),
    cursor: more ? encodeCursor('candidates', [rows.at(-1)?.seq ?? 0]) : undefined,
  };
}

interface ActRow {
  readonly seq: number;
  readonly event: EventId;
  readonly action: EventAction;
  readonly timestamp: Timestamp;
  readonly actor: ActorId;
  readonly report: ReportId | null;
  readonly to: 'candidate' | 'accepted' | null;
  readonly name: RefName | null;
  readonly reason: string | null;
}

const actsSql = `SELECT e.seq, lower(hex(e.event_id)) AS event, e.action, e.timestamp, a.id AS actor,
    CASE e.subject_kind WHEN 'report' THEN e.subject_id ELSE json_extract(p.payload, '$.values.report') END AS report,
    json_extract(p.payload, '$.values.to') AS "to", json_extract(p.payload, '$.values.name') AS name,
    json_extract(p.payload, '$.text') AS reason
  FROM (SELECT seq FROM event WHERE subject_id = @id AND subject_kind = 'candidate'
        UNION ALL SELECT seq FROM report WHERE candidate_id = @row
        UNION ALL SELECT y.seq FROM report r CROSS JOIN approval y ON y.report_id = r.report_id WHERE r.candidate_id = @row) s
  CROSS JOIN event e ON e.seq = s.seq CROSS JOIN actor a ON a.actor_id = e.actor_id
  LEFT JOIN event_payload p ON p.seq = e.seq ORDER BY e.seq`;

export function candidateActs(connection: Connection, id: CandidateId): CandidateAct[] {
  const rows = connection.all<ActRow>(actsSql, { id, row: recordRow(connection, id) });
  let status: CandidateStatus = 'exploratory';
  return rows.map(({ to, report, name, reason, ...act }) => {
    if (act.action === 'candidate.promote') status = to ?? status;
    else if (act.action === 'candidate.reject') status = 'rejected';
    else if (act.action === 'candidate.withdraw') status = 'exploratory';
    return { ...act, status, report: report ?? undefined, name: name ?? undefined, reason: reason ?? undefined };
  });
}

/** Candidates by the rows of what they rest on: evidence, and what runs of theirs put out. */
const restingSql = `SELECT v.candidate_id FROM json_each(@rows) i CROSS JOIN candidate_evidence v ON v.artifact_id = i.value
  UNION SELECT c.candidate_id FROM json_each(@rows) i CROSS JOIN object a ON a.object_id = i.value
    CROSS JOIN candidate c ON c.run_id = a.first_run
  UNION SELECT c.candidate_id FROM json_each(@rows) i CROSS JOIN production p ON p.artifact_id = i.value AND p.again = 1
    CROSS JOIN candidate c ON c.run_id = p.run_id`;

/** `rows` are rows of artifacts. */
export function candidatesOnRows(connection: Connection, rows: readonly number[]): CandidateId[] {
  const sql = `SELECT lower(hex(o.sha256)) FROM (${restingSql}) c CROSS JOIN object o ON o.object_id = c.candidate_id ORDER BY 1`;
  return connection.values<CandidateId>(sql, { rows: JSON.stringify(rows) });
}

export function candidatesOn(connection: Connection, artifacts: readonly ArtifactId[]): CandidateId[] {
  const found = new Set<CandidateId>();
  inSlices(artifacts, 16_384, (slice) => {
    const rows = findObjects<[number]>(connection, 1, digestsOf(slice), 'o.object_id').map(([, row]) => row);
    for (const id of candidatesOnRows(connection, rows)) found.add(id);
  });
  return [...found].sort();
}

export function acceptedRefs(connection: Connection, prefix: string): AcceptedRef[] {
  const sql = `SELECT f.name, lower(hex(c.sha256)) AS candidate, lower(hex(o.sha256)) AS run, f.seq FROM ref f
    CROSS JOIN object c ON c.object_id = f.candidate_id CROSS JOIN run r ON r.run_id = f.run_id
    CROSS JOIN object o ON o.object_id = r.record_id
    WHERE f.candidate_id IS NOT NULL AND substr(f.name, 1, ?) = ? ORDER BY f.name`;
  return connection.all<{ name: RefName; candidate: CandidateId; run: RunId; seq: number }>(
    sql,
    [...prefix].length,
    prefix,
  );
}
