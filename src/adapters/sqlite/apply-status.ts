/**
 * What events change: artifacts' status and tags, holds, retirements. The rules of the transitions are checked
 * here, so that the message names the artifact and its status; the triggers hold the same rules against everyone else.
 */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { ArtifactStatus, Fact } from '../../ports/manifest.ts';
import { addEvent } from './apply-events.ts';
import type { ApplyState } from './apply-state.ts';
import { runIdOf } from './lookups.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

function statusOf(state: ApplyState, id: number): ArtifactStatus {
  return (
    state.connection.value<ArtifactStatus>('SELECT status FROM artifact_state WHERE artifact_id = ?', id) ?? 'active'
  );
}

function conflict(artifact: ArtifactId, status: ArtifactStatus, why: string): CodedError {
  return new CodedError('STATUS_CONFLICT', `artifact ${artifact} is ${status}: ${why}`, { data: { artifact, status } });
}

function setStatus(
  state: ApplyState,
  id: number,
  status: ArtifactStatus,
  row: { readonly by?: number; readonly reason: string | undefined; readonly erased: boolean; readonly seq: number },
): void {
  const { connection } = state;
  const values = [status, row.by ?? null, row.reason ?? null, Number(row.erased), row.seq, id] as const;
  const changed = connection.run(
    'UPDATE artifact_state SET status = ?, by_id = ?, reason = ?, erased = ?, seq = ? WHERE artifact_id = ?',
    ...values,
  );
  if (changed > 0) return;
  connection.run(
    'INSERT INTO artifact_state (status, by_id, reason, erased, seq, artifact_id) VALUES (?, ?, ?, ?, ?, ?)',
    ...values,
  );
}

export function supersede(state: ApplyState, fact: FactOf<'supersede'>): void {
  const id = state.artifact(fact.artifact);
  const by = state.artifact(fact.by);
  const status = statusOf(state, id);
  if (status !== 'active') throw conflict(fact.artifact, status, 'only an active artifact can be superseded');
  const successor = statusOf(state, by);
  if (successor === 'tombstoned') throw conflict(fact.by, successor, 'it cannot supersede another one');
  for (let next: number | null | undefined = by; next !== null && next !== undefined; ) {
    if (next === id)
      throw conflict(
        fact.artifact,
        status,
        `it cannot be superseded by ${fact.by}, which it would then replace itself`,
      );
    next = state.connection.value<number | null>('SELECT by_id FROM artifact_state WHERE artifact_id = ?', next);
  }
  const seq = addEvent(state, fact.event);
  setStatus(state, id, 'superseded', { by, reason: fact.reason, erased: false, seq });
}

export function tombstone(state: ApplyState, fact: FactOf<'tombstone'>): void {
  const id = state.artifact(fact.artifact);
  const status = statusOf(state, id);
  if (status === 'tombstoned') throw conflict(fact.artifact, status, 'it is withdrawn already');
  const seq = addEvent(state, fact.event);
  setStatus(state, id, 'tombstoned', { reason: fact.reason, erased: false, seq });
}

export function restore(state: ApplyState, fact: FactOf<'restore'>): void {
  const id = state.artifact(fact.artifact);
  const status = statusOf(state, id);
  if (status === 'active') throw conflict(fact.artifact, status, 'there is nothing to restore');
  const seq = addEvent(state, fact.event);
  setStatus(state, id, 'active', { reason: fact.reason, erased: false, seq });
}

export function erase(state: ApplyState, fact: FactOf<'erase'>): void {
  const id = state.artifact(fact.artifact);
  const row = state.connection.get<{ status: ArtifactStatus; reason: string | null; erased: number }>(
    'SELECT status, reason, erased FROM artifact_state WHERE artifact_id = ?',
    id,
  );
  if (row?.status !== 'tombstoned')
    throw conflict(fact.artifact, row?.status ?? 'active', 'only a tombstoned artifact can be erased');
  const seq = addEvent(state, fact.event);
  setStatus(state, id, 'tombstoned', { reason: fact.reason ?? row.reason ?? undefined, erased: true, seq });
}

export function tagArtifact(state: ApplyState, fact: FactOf<'artifact-tags'>): void {
  const { connection } = state;
  const id = state.artifact(fact.artifact);
  const seq = addEvent(state, fact.event);
  for (const [name, value] of Object.entries(fact.tags)) {
    const nameId = state.text(name);
    const valueId = value === undefined ? null : state.text(value);
    const changed = connection.run(
      'UPDATE artifact_tag SET value_id = ?, seq = ? WHERE artifact_id = ? AND name_id = ?',
      valueId,
      seq,
      id,
      nameId,
    );
    if (changed > 0 || valueId === null) continue;
    connection.run(
      'INSERT INTO artifact_tag (artifact_id, name_id, value_id, seq) VALUES (?, ?, ?, ?)',
      id,
      nameId,
      valueId,
      seq,
    );
  }
}

export function setHold(state: ApplyState, fact: FactOf<'hold'> | FactOf<'unhold'>): void {
  const { kind, id } = fact.subject;
  const seq = addEvent(state, fact.event);
  const values = [Number(fact.kind === 'hold'), fact.reason ?? null, seq, kind, id] as const;
  const changed = state.connection.run(
    'UPDATE hold SET held = ?, reason = ?, seq = ? WHERE subject_kind = ? AND subject_id = ?',
    ...values,
  );
  if (changed > 0) return;
  state.connection.run(
    'INSERT INTO hold (held, reason, seq, subject_kind, subject_id) VALUES (?, ?, ?, ?, ?)',
    ...values,
  );
}

/** A run that is retired already stays as it is; the event is logged all the same. */
export function retire(state: ApplyState, fact: FactOf<'retire'>): void {
  const run = runIdOf(state.connection, fact.run);
  if (run === undefined) throw new CodedError('REV_NOT_FOUND', `no run ${fact.run}`, { data: { run: fact.run } });
  const seq = addEvent(state, fact.event);
  if (state.connection.value('SELECT 1 FROM retirement WHERE run_id = ?', run) !== undefined) return;
  state.connection.run('INSERT INTO retirement (run_id, reason, seq) VALUES (?, ?, ?)', run, fact.reason ?? null, seq);
}
