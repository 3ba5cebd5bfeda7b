/** Facts that come with an event and change what is: refs, status, tags, holds, retirements, actors. */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { ArtifactStatus, Fact } from '../../ports/manifest.ts';
import { applyActor } from './memory-apply-actors.ts';
import { applyGoverned } from './memory-apply-governance.ts';
import { type MemoryBatch, refMoved } from './memory-batch.ts';
import type { MemoryTables } from './memory-tables.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
type StatusFact = FactOf<'supersede'> | FactOf<'tombstone'> | FactOf<'restore'> | FactOf<'erase'>;

export function applyStatus(batch: MemoryBatch, fact: Fact): void {
  const { tables } = batch;
  switch (fact.kind) {
    case 'actor':
    case 'grant':
    case 'revoke-roles':
    case 'key':
    case 'revoke-key':
      return applyActor(batch, fact);
    case 'policy':
    case 'candidate':
    case 'report':
    case 'approval':
    case 'promote':
    case 'reject':
    case 'withdraw':
      return applyGoverned(batch, fact);
    case 'ref':
      return moveRef(batch, fact);
    case 'artifact-tags': {
      mustExist(tables, fact.artifact);
      batch.log(fact.event);
      const tags = new Map(Object.entries(tables.tags.get(fact.artifact) ?? {}));
      for (const [name, value] of Object.entries(fact.tags)) {
        if (value === undefined) tags.delete(name);
        else tags.set(name, value);
      }
      tables.tags.set(fact.artifact, Object.fromEntries(tags));
      return;
    }
    case 'supersede':
    case 'tombstone':
    case 'restore':
    case 'erase':
      return changeStatus(batch, fact);
    case 'hold':
    case 'unhold': {
      const key = `${fact.subject.kind} ${fact.subject.id}`;
      const seq = batch.log(fact.event);
      if (fact.kind === 'hold') tables.holds.set(key, { subject: fact.subject, reason: fact.reason, seq });
      else tables.holds.delete(key);
      return;
    }
    case 'retire': {
      if (!tables.runs.has(fact.run))
        throw new CodedError('REV_NOT_FOUND', `no run ${fact.run}`, { data: { run: fact.run } });
      const seq = batch.log(fact.event);
      if (!tables.retirements.has(fact.run)) tables.retirements.set(fact.run, { reason: fact.reason, seq });
      return;
    }
    default:
      throw new CodedError('INTERNAL', `unknown fact ${fact.kind}`);
  }
}

function mustExist(tables: MemoryTables, artifact: ArtifactId): void {
  if (!tables.artifacts.has(artifact))
    throw new CodedError('REV_NOT_FOUND', `no artifact ${artifact}`, { data: { artifact } });
}

function moveRef(batch: MemoryBatch, fact: FactOf<'ref'>): void {
  const { tables } = batch;
  const { name, from, to, message } = fact;
  if (name.startsWith('accepted/')) {
    throw new CodedError('BAD_ARGUMENT', `${name} is moved by promote, reject and withdraw alone`, { data: { name } });
  }
  const actual = tables.refs.get(name)?.target;
  if (actual !== from) throw refMoved(name, from, actual);
  if (to !== undefined && !tables.runs.has(to)) {
    throw new CodedError('REV_NOT_FOUND', `${name} cannot point to ${to}: no such run`, { data: { name, run: to } });
  }
  const seq = batch.log(fact.event);
  tables.refs.set(name, { target: to, seq });
  const record = tables.events.get(seq)?.record;
  if (record === undefined) return;
  tables.moves.set(seq, { name, from, to, message, timestamp: record.timestamp, actor: record.actor, seq });
}

const allowedFrom: { readonly [kind in StatusFact['kind']]: readonly ArtifactStatus[] } = {
  supersede: ['active'],
  tombstone: ['active', 'superseded'],
  restore: ['superseded', 'tombstoned'],
  erase: ['tombstoned'],
};

function changeStatus(batch: MemoryBatch, fact: StatusFact): void {
  const { tables } = batch;
  const { artifact } = fact;
  mustExist(tables, artifact);
  const before = tables.states.get(artifact);
  const status = before?.status ?? 'active';
  if (fact.kind === 'supersede') mustExist(tables, fact.by);
  if (!allowedFrom[fact.kind].includes(status)) throw conflict(artifact, status, `${fact.kind} is not allowed`);
  if (fact.kind === 'supersede') {
    if (tables.statusOf(fact.by) === 'tombstoned')
      throw conflict(fact.by, 'tombstoned', 'it cannot supersede another one');
    for (let next: ArtifactId | undefined = fact.by; next !== undefined; next = tables.states.get(next)?.by) {
      if (next === artifact) throw conflict(artifact, status, 'it would supersede itself');
    }
  }
  const seq = batch.log(fact.event);
  const after: ArtifactStatus =
    fact.kind === 'supersede' ? 'superseded' : fact.kind === 'restore' ? 'active' : 'tombstoned';
  tables.states.set(artifact, {
    status: after,
    by: fact.kind === 'supersede' ? fact.by : undefined,
    reason: fact.reason ?? (fact.kind === 'erase' ? before?.reason : undefined),
    erased: fact.kind === 'erase',
    seq,
  });
}

function conflict(artifact: ArtifactId, status: ArtifactStatus, why: string): CodedError {
  return new CodedError('STATUS_CONFLICT', `artifact ${artifact} is ${status}: ${why}`, { data: { artifact, status } });
}
