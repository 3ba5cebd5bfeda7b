/** Refs: where a name points, guarded by where it was; and the guards of a batch. */
import { CodedError } from '../../core/errors.ts';
import type { PublicationId, RefName, RunId } from '../../core/ids.ts';
import type { Fact, Guard } from '../../ports/manifest.ts';
import { addEvent } from './apply-events.ts';
import type { ApplyState } from './apply-state.ts';
import type { Connection } from './connection.ts';
import { runIdOf } from './lookups.ts';
import { artifactsWithContent, publications } from './read-contents.ts';

const targetSql = `SELECT f.ref_id AS refId, f.run_id AS runId, lower(hex(o.sha256)) AS target
  FROM ref f LEFT JOIN run r ON r.run_id = f.run_id LEFT JOIN object o ON o.object_id = r.record_id WHERE f.name = ?`;

interface RefRow {
  readonly refId: number;
  readonly runId: number | null;
  readonly target: string | null;
}

export function refTarget(connection: Connection, name: string): RunId | undefined {
  const row = connection.get<RefRow>(targetSql, name);
  return row?.runId == null ? undefined : (row.target as RunId);
}

export function moved(
  name: string,
  expected: string | number | undefined,
  actual: string | number | undefined,
): CodedError {
  return new CodedError('REF_MOVED', `${name} was moved by another process meanwhile`, {
    hint: 'Run the command again: it starts from where the ref is now.',
    data: { name, expected: expected ?? null, actual: actual ?? null },
  });
}

export function publicationMoved(guard: Guard): CodedError {
  return new CodedError('PUBLICATION_MOVED', 'another process published the same thing meanwhile', {
    hint: 'Run the command again: it starts from what is published now.',
    data: { guard },
  });
}

/** Throws for the first guard that does not hold. */
export function checkGuards(state: ApplyState, guards: readonly Guard[]): void {
  for (const guard of guards) checkGuard(state, guard);
  // A batch of publications brings hundreds of these.
  const ids = guards.flatMap((guard) => (guard.kind === 'expect-unpublished' ? [guard.publication] : []));
  const at = publications(state.connection, ids).findIndex((run) => run !== undefined);
  if (at >= 0) throw publicationMoved({ kind: 'expect-unpublished', publication: ids[at] as PublicationId });
  const asked = guards.filter((guard) => guard.kind === 'expect-content');
  const answers = artifactsWithContent(
    state.connection,
    asked.map(({ question }) => question),
  );
  for (const [index, guard] of asked.entries()) if (answers[index] !== guard.artifact) throw publicationMoved(guard);
}

function checkGuard(state: ApplyState, guard: Guard): void {
  if (guard.kind === 'expect-ref') {
    const actual = refTarget(state.connection, guard.name);
    if (actual !== guard.target) throw moved(guard.name, guard.target, actual);
  } else if (guard.kind === 'expect-log-size' && state.head.size !== guard.size) {
    throw moved('the log', guard.size, state.head.size);
  }
}

export function moveRef(state: ApplyState, fact: Extract<Fact, { kind: 'ref' }>): void {
  const { connection } = state;
  if (fact.name.startsWith('accepted/')) {
    throw new CodedError('BAD_ARGUMENT', `${fact.name} is moved by promote, reject and withdraw alone`, {
      data: { name: fact.name },
    });
  }
  const row = connection.get<RefRow>(targetSql, fact.name);
  const actual = row?.runId == null ? undefined : (row.target as RunId);
  if (actual !== fact.from) throw moved(fact.name, fact.from, actual);
  const to = fact.to === undefined ? null : knownRun(state, fact.name, fact.to);
  const seq = addEvent(state, fact.event);
  let refId = row?.refId;
  if (refId === undefined) {
    refId = (connection.value<number | null>('SELECT max(ref_id) FROM ref') ?? 0) + 1;
    connection.run('INSERT INTO ref (ref_id, name, run_id, seq) VALUES (?, ?, ?, ?)', refId, fact.name, to, seq);
  } else connection.run('UPDATE ref SET run_id = ?, seq = ? WHERE ref_id = ?', to, seq, refId);
  connection.run(
    'INSERT INTO ref_move (seq, ref_id, from_id, to_id, message) VALUES (?, ?, ?, ?, ?)',
    seq,
    refId,
    row?.runId ?? null,
    to,
    fact.message ?? null,
  );
}

function knownRun(state: ApplyState, name: RefName, id: RunId): number {
  const run = runIdOf(state.connection, id);
  if (run === undefined)
    throw new CodedError('REV_NOT_FOUND', `${name} cannot point to ${id}: no such run`, { data: { name, run: id } });
  return run;
}
