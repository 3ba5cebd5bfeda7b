/** Runs, keys, policies and holds as they stood at a moment. */
import type { PolicyId, RunId } from '../../core/ids.ts';
import type { HoldEntry, HoldSubject, KeyEntry, PolicyEntry, RunEntry } from '../../ports/manifest.ts';
import type { PastArtifacts } from './at-time-artifacts.ts';
import type { Moment } from './at-time-moment.ts';

export async function pastRuns(
  moment: Moment,
  artifacts: PastArtifacts,
  ids: readonly RunId[],
): Promise<(RunEntry | undefined)[]> {
  const entries = await moment.manifest.runs(ids);
  const then = entries.map((entry) => (entry !== undefined && moment.had(entry) ? entry : undefined));
  const traced = await moment.manifest.tracedRuns(
    then.flatMap((entry) => (entry === undefined ? [] : [{ run: entry.id, artifacts: [] }])),
    0,
  );
  const inputs = new Map(traced.map((run) => [run?.run, (run?.inputs ?? []).map(({ artifact }) => artifact)]));
  const inactive = await artifacts.inactive([...new Set([...inputs.values()].flat())]);
  return Promise.all(
    then.map(async (entry) => {
      if (entry === undefined) return undefined;
      const stale = (inputs.get(entry.id) ?? []).some((id) => inactive.has(id));
      const subject = { kind: 'run', id: entry.id } as const;
      const retired = entry.retired && (await moment.events({ action: 'retire', subject })).length > 0;
      return { ...entry, stale, retired };
    }),
  );
}

export function keyThen(moment: Moment, key: KeyEntry | undefined): KeyEntry | undefined {
  if (key === undefined || !moment.had(key)) return undefined;
  return key.revoked !== undefined && !moment.had(key.revoked) ? { ...key, revoked: undefined } : key;
}

export async function policiesThen(moment: Moment): Promise<PolicyEntry[]> {
  const found: PolicyEntry[] = [];
  const seen = new Set<string>();
  for (const { record } of (await moment.events({ action: 'policy.activate' })).reverse()) {
    if (seen.has(record.subject.id)) continue;
    seen.add(record.subject.id);
    const policy = await moment.manifest.policy(record.subject.id as PolicyId);
    if (policy === undefined) continue;
    found.push({ ...policy, seq: record.seq, activatedAt: record.timestamp, active: found.length === 0 });
  }
  return found;
}

export async function holdsThen(moment: Moment): Promise<HoldEntry[]> {
  const acts = [...(await moment.events({ action: 'hold.add' })), ...(await moment.events({ action: 'hold.remove' }))];
  acts.sort((left, right) => left.record.seq - right.record.seq);
  const payloads = await moment.payloads(acts);
  const held = new Map<string, HoldEntry>();
  for (const { record } of acts) {
    const { kind, id } = record.subject as HoldSubject;
    if (record.action === 'hold.remove') held.delete(`${kind} ${id}`);
    else {
      const reason = record.payload === undefined ? undefined : payloads.get(record.payload)?.text;
      held.set(`${kind} ${id}`, { subject: { kind, id }, reason, since: record.timestamp });
    }
  }
  return [...held].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, hold]) => hold);
}
