/**
 * Where a candidate stands, and the names of accepted ones. What is not allowed is refused here with its reason; the triggers
 * of migrations/ refuse it once more, without one.
 */
import { CodedError } from '../../core/errors.ts';
import type { CandidateId, RefName } from '../../core/ids.ts';
import { promotionFault, stepFault } from '../../core/promotion-rules.ts';
import { actText, promotionPayload, reasonPayload } from '../../core/records/act-values.ts';
import type { CandidateStatus, Fact } from '../../ports/manifest.ts';
import { addAct } from './apply-actors.ts';
import { knownRow } from './apply-governance.ts';
import { moved } from './apply-refs.ts';
import type { ApplyState } from './apply-state.ts';
import { activePolicyId, newestReport, readApprovals, readReports } from './read-reports.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

interface StandRow {
  readonly row: number;
  readonly run: number;
  readonly status: CandidateStatus;
}

function standing(state: ApplyState, id: CandidateId): StandRow {
  const row = knownRow(state, 'candidate', id);
  const sql = 'SELECT candidate_id AS row, run_id AS run, status FROM candidate WHERE candidate_id = ?';
  return state.connection.get<StandRow>(sql, row) as StandRow;
}

function refused(candidate: CandidateId, status: CandidateStatus, reason: string): CodedError {
  return new CodedError('STATUS_CONFLICT', `candidate ${candidate} is ${status}: ${reason}`, {
    data: { candidate, status, reason },
  });
}

const tombstonedSql = `SELECT lower(hex(o.sha256)) FROM candidate_evidence v CROSS JOIN artifact_state s ON s.artifact_id = v.artifact_id
  CROSS JOIN object o ON o.object_id = v.artifact_id WHERE v.candidate_id = ? AND s.status = 'tombstoned' ORDER BY v.ordinal`;

export function promote(state: ApplyState, fact: FactOf<'promote'>): void {
  const { connection } = state;
  const { candidate, to, name } = fact;
  const before = standing(state, candidate);
  const [report] = readReports(connection, [fact.report]);
  const fault =
    stepFault(before.status, to) ??
    promotionFault({
      candidate,
      to,
      report,
      newest: newestReport(connection, candidate, to)?.id,
      activePolicy: activePolicyId(connection),
      approvals: readApprovals(connection, fact.report).map(({ actor, rolesNow, keyRevoked }) => ({
        actor,
        roles: rolesNow,
        keyRevoked,
      })),
      tombstoned: connection.values(tombstonedSql, before.row),
    }) ??
    (name !== undefined && to !== 'accepted' ? 'only what is accepted gets a name' : undefined);
  if (fault !== undefined) throw refused(candidate, before.status, fault);
  const named = name === undefined ? undefined : namedNow(state, name);
  if (name !== undefined && named?.candidate !== fact.replace) throw moved(name, fact.replace, named?.candidate);
  const payload = actText(
    fact.event,
    'candidate.promote',
    { kind: 'candidate', id: candidate },
    promotionPayload(fact),
  );
  const reportRow = knownRow(state, 'report', fact.report);
  const seq = addAct(state, fact.event, payload);
  const sql = 'UPDATE candidate SET status = ?, status_seq = ?, report_id = ? WHERE candidate_id = ?';
  connection.run(sql, to, seq, reportRow, before.row);
  if (name !== undefined) moveName(state, name, named, before, seq, fact.message);
}

interface NamedRow {
  readonly refId: number;
  readonly run: number | null;
  readonly row: number | null;
  readonly candidate: CandidateId | undefined;
}

const namedSql = `SELECT f.ref_id AS refId, f.run_id AS run, f.candidate_id AS row, lower(hex(o.sha256)) AS candidate
  FROM ref f LEFT JOIN object o ON o.object_id = f.candidate_id WHERE f.name = ?`;

function namedNow(state: ApplyState, name: RefName): NamedRow | undefined {
  if (!name.startsWith('accepted/')) throw new CodedError('BAD_REF_NAME', `${name} is no name under accepted/`);
  const row = state.connection.get<Omit<NamedRow, 'candidate'> & { candidate: CandidateId }>(namedSql, name);
  return row === undefined ? undefined : { ...row, candidate: row.row === null ? undefined : row.candidate };
}

/** `to` undefined: the name stands for nothing any more. */
function moveName(
  state: ApplyState,
  name: RefName,
  from: Pick<NamedRow, 'refId' | 'run' | 'row'> | undefined,
  to: Pick<StandRow, 'row' | 'run'> | undefined,
  seq: number,
  message: string | undefined,
): void {
  const { connection } = state;
  const [run, row] = [to?.run ?? null, to?.row ?? null];
  const refId = from?.refId ?? (connection.value<number | null>('SELECT max(ref_id) FROM ref') ?? 0) + 1;
  if (from === undefined) {
    const sql = 'INSERT INTO ref (ref_id, name, run_id, seq, candidate_id) VALUES (?, ?, ?, ?, ?)';
    connection.run(sql, refId, name, run, seq, row);
  } else {
    const sql = 'UPDATE ref SET run_id = ?, seq = ?, candidate_id = ? WHERE ref_id = ?';
    connection.run(sql, run, seq, row, refId);
  }
  connection.run(
    `INSERT INTO ref_move (seq, ref_id, from_id, to_id, message, from_candidate_id, to_candidate_id)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    seq,
    refId,
    from?.run ?? null,
    run,
    message ?? null,
    from?.row ?? null,
    row,
  );
}

const nameOfSql = `SELECT f.name, f.ref_id AS refId, f.run_id AS run, f.candidate_id AS row FROM ref f WHERE f.candidate_id = ?`;

export function stepBack(state: ApplyState, fact: FactOf<'reject'> | FactOf<'withdraw'>): void {
  const { connection } = state;
  const { candidate, reason, event } = fact;
  const before = standing(state, candidate);
  const to = fact.kind === 'reject' ? 'rejected' : 'exploratory';
  const fault = stepFault(before.status, to);
  if (fault !== undefined) throw refused(candidate, before.status, fault);
  const subject = { kind: 'candidate', id: candidate } as const;
  const seq = addAct(state, event, actText(event, `candidate.${fact.kind}`, subject, reasonPayload(reason)));
  const named = connection.get<{ name: RefName; refId: number; run: number; row: number }>(nameOfSql, before.row);
  if (named !== undefined) moveName(state, named.name, named, undefined, seq, reason);
  const sql = 'UPDATE candidate SET status = ?, status_seq = ?, report_id = NULL WHERE candidate_id = ?';
  connection.run(sql, to, seq, before.row);
}
