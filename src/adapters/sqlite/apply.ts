/**
 * One batch inside one write transaction: guards, then the facts in order, then the log, then (by the caller) COMMIT.
 *
 * The log is appended behind the position that the manifest records, which moves in the same transaction. When the commit
 * fails after the append, the position has not moved, and the next writer cuts the lines off.
 */
import { assertInvariant } from '../../core/errors.ts';
import type { EventLog, LogPosition } from '../../ports/event-log.ts';
import type { Applied, Fact, ManifestBatch } from '../../ports/manifest.ts';
import { addActor, addKey, changeRoles, revokeKey } from './apply-actors.ts';
import { activatePolicy, addApproval, addCandidate, addReport } from './apply-governance.ts';
import { storeObjects, touchObjects } from './apply-objects.ts';
import { forgetPacks, relocate } from './apply-places.ts';
import { promote, stepBack } from './apply-promotion.ts';
import { checkGuards, moveRef } from './apply-refs.ts';
import { findNamedArtifacts, recordRun } from './apply-run.ts';
import { ApplyState } from './apply-state.ts';
import { erase, restore, retire, setHold, supersede, tagArtifact, tombstone } from './apply-status.ts';
import { forgetObjects, stageBlobs, unstage } from './apply-storage.ts';
import type { Connection } from './connection.ts';
import { planRuns, type RunPlan } from './plan-runs.ts';

export async function applyBatch(connection: Connection, log: EventLog, batch: ManifestBatch): Promise<Applied> {
  const state = new ApplyState(connection, batch);
  checkGuards(state, batch.guards ?? []);
  const plan = planRuns(state);
  if (plan.runs.size > 1) findNamedArtifacts(state, plan.runs);
  for (const fact of batch.facts) applyFact(state, fact, plan);
  assertInvariant(!state.replayed || batch.logEnd !== undefined, 'a batch with events of the log says where they end');
  if (batch.logEnd !== undefined) setLogPosition(connection, batch.logEnd);
  if (state.lines.length > 0) setLogPosition(connection, await log.append(logPosition(connection), state.lines));
  return { events: state.events };
}

export function logPosition(connection: Connection): LogPosition {
  return connection.get<LogPosition>('SELECT segment, length FROM log_end WHERE id = 1') ?? { segment: 1, length: 0 };
}

function setLogPosition(connection: Connection, { segment, length }: LogPosition): void {
  connection.run('UPDATE log_end SET segment = ?, length = ? WHERE id = 1', segment, length);
}

function applyFact(state: ApplyState, fact: Fact, plan: RunPlan): void {
  switch (fact.kind) {
    case 'objects':
      return storeObjects(state, fact, plan.artifacts);
    case 'touch':
      return touchObjects(state, fact);
    case 'stage':
      return stageBlobs(state, fact);
    case 'unstage':
      return unstage(state, fact);
    case 'actor':
      return addActor(state, fact);
    case 'run':
      recordRun(state, fact, plan);
      return;
    case 'ref':
      return moveRef(state, fact);
    case 'artifact-tags':
      return tagArtifact(state, fact);
    case 'supersede':
      return supersede(state, fact);
    case 'tombstone':
      return tombstone(state, fact);
    case 'restore':
      return restore(state, fact);
    case 'erase':
      return erase(state, fact);
    case 'hold':
    case 'unhold':
      return setHold(state, fact);
    case 'retire':
      return retire(state, fact);
    case 'grant':
    case 'revoke-roles':
      return changeRoles(state, fact);
    case 'key':
      return addKey(state, fact);
    case 'revoke-key':
      return revokeKey(state, fact);
    case 'policy':
      return activatePolicy(state, fact);
    case 'candidate':
      return addCandidate(state, fact);
    case 'report':
      return addReport(state, fact);
    case 'approval':
      return addApproval(state, fact);
    case 'promote':
      return promote(state, fact);
    case 'reject':
    case 'withdraw':
      return stepBack(state, fact);
    case 'relocate':
      return relocate(state, fact);
    case 'forget':
      return forgetObjects(state, fact);
    case 'forget-packs':
      return forgetPacks(state, fact.packs);
  }
}
