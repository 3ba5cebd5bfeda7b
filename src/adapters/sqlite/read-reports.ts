/** Reports, approvals and policies. */
import {
  type ActorId,
  type ApprovalId,
  type CandidateId,
  isFullId,
  type PolicyId,
  type ReportId,
} from '../../core/ids.ts';
import type { Level, ReportRecord } from '../../core/records/report.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ApprovalEntry, PolicyEntry, ReportEntry } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { objectIdOf } from './lookups.ts';
import { rolesAt } from './read-actors.ts';

type Row = readonly [id: ReportId, record: string, seq: number, timestamp: Timestamp, origin: string];

const reportSql = `SELECT lower(hex(o.sha256)), r.record, r.seq, e.timestamp, r.origin
  FROM report r CROSS JOIN object o ON o.object_id = r.report_id CROSS JOIN event e ON e.seq = r.seq`;

const reportEntry = ([id, record, seq, timestamp, origin]: Row): ReportEntry => ({
  id,
  record: JSON.parse(record) as ReportRecord,
  seq,
  timestamp,
  origin,
});

/** The number of a record's row, whatever kind it is of; -1 for an unknown one. */
export function recordRow(connection: Connection, id: string): number {
  return (isFullId(id) ? objectIdOf(connection, 1, id) : undefined) ?? -1;
}

export function readReports(connection: Connection, ids: readonly ReportId[]): (ReportEntry | undefined)[] {
  return ids.map((id) => {
    const [row] = connection.tuples<Row>(`${reportSql} WHERE r.report_id = ?`, recordRow(connection, id));
    return row === undefined ? undefined : reportEntry(row);
  });
}

export function reportsOf(connection: Connection, candidate: CandidateId, level?: Level): ReportEntry[] {
  const row = recordRow(connection, candidate);
  const rows =
    level === undefined
      ? connection.tuples<Row>(`${reportSql} WHERE r.candidate_id = ? ORDER BY r.seq DESC`, row)
      : connection.tuples<Row>(`${reportSql} WHERE r.candidate_id = ? AND r.level = ? ORDER BY r.seq DESC`, row, level);
  return rows.map(reportEntry);
}

export function newestReport(connection: Connection, candidate: CandidateId, level: Level): ReportEntry | undefined {
  const sql = `${reportSql} WHERE r.candidate_id = ? AND r.level = ? ORDER BY r.seq DESC LIMIT 1`;
  const [row] = connection.tuples<Row>(sql, recordRow(connection, candidate), level);
  return row === undefined ? undefined : reportEntry(row);
}

interface ApprovalRow {
  readonly id: ApprovalId;
  readonly actorRow: number;
  readonly actor: ActorId;
  readonly keyFingerprint: string;
  readonly record: string;
  readonly seq: number;
  readonly timestamp: Timestamp;
  readonly revoked: number | null;
}

const approvalSql = `SELECT lower(hex(o.sha256)) AS id, a.actor_id AS actorRow, c.id AS actor, a.fingerprint AS keyFingerprint,
    a.record, a.seq, e.timestamp, k.revoked_seq AS revoked
  FROM approval a CROSS JOIN object o ON o.object_id = a.approval_id CROSS JOIN actor c ON c.actor_id = a.actor_id
  CROSS JOIN event e ON e.seq = a.seq CROSS JOIN actor_key k ON k.fingerprint = a.fingerprint
  WHERE a.report_id = ? ORDER BY a.seq`;

export function readApprovals(connection: Connection, report: ReportId): ApprovalEntry[] {
  const rows = connection.all<ApprovalRow>(approvalSql, recordRow(connection, report));
  return rows.map(({ id, actorRow, actor, keyFingerprint, record, seq, timestamp, revoked }) => ({
    id,
    report,
    actor,
    keyFingerprint,
    record,
    seq,
    timestamp,
    roles: rolesAt(connection, actorRow, seq),
    rolesNow: rolesAt(connection, actorRow, Number.MAX_SAFE_INTEGER),
    keyRevoked: revoked !== null,
  }));
}

const activeSql = "SELECT subject_id FROM event WHERE action = 'policy.activate' ORDER BY seq DESC LIMIT 1";

export function activePolicyId(connection: Connection): PolicyId | undefined {
  return connection.value<PolicyId>(activeSql);
}

interface PolicyRow {
  readonly id: PolicyId;
  readonly name: string;
  readonly version: string;
  readonly record: string;
  readonly seq: number;
  readonly activatedAt: Timestamp;
  readonly active: number;
}

const policySql = `SELECT policy_id AS id, name, version, record, event_id AS seq, activated_at_utc AS activatedAt, active FROM policies`;

const policyEntry = (row: PolicyRow): PolicyEntry => ({ ...row, active: row.active === 1 });

export function readPolicies(connection: Connection): PolicyEntry[] {
  return connection.all<PolicyRow>(`${policySql} ORDER BY event_id DESC`).map(policyEntry);
}

export function readPolicy(connection: Connection, id: PolicyId): PolicyEntry | undefined {
  const sql = policySql.replace('FROM policies', 'FROM policies WHERE policy_id = ?');
  const row = recordRow(connection, id) < 0 ? undefined : connection.get<PolicyRow>(sql, id);
  return row === undefined ? undefined : policyEntry(row);
}

export function readActivePolicy(connection: Connection): PolicyEntry | undefined {
  const id = activePolicyId(connection);
  return id === undefined ? undefined : readPolicy(connection, id);
}
