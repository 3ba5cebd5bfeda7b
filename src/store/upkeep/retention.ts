/**
 * Which runs may never be let go, and why: tips of refs, runs that are held, and everything that an accepted result rests
 * on (the ancestry of `accepted/…` refs, through parents and through the runs that produced each input).
 */
import type { RunId } from '../../core/ids.ts';
import { parseRunRecord } from '../../core/records/parse-record.ts';
import { type RecordContext, visitRecords } from './record-batches.ts';

/** The first reason found for each run that is kept, for people. */
export type KeptRuns = ReadonlyMap<RunId, string>;

async function acceptedAncestry(
  context: RecordContext,
  name: string,
  tip: RunId,
  kept: Map<RunId, string>,
): Promise<void> {
  const why = `${name} rests on it`;
  const seen = new Set<RunId>([tip]);
  let level = [tip];
  while (level.length > 0) {
    const next = new Set<RunId>();
    const inputs: { artifact: Parameters<typeof context.manifest.productions>[0] }[] = [];
    await visitRecords(context, level, (id, bytes) => {
      if (!kept.has(id)) kept.set(id, why);
      const run = parseRunRecord(bytes);
      for (const parent of run.parents) next.add(parent);
      for (const input of run.inputs) {
        if (input.run === undefined) inputs.push({ artifact: input.artifact });
        else next.add(input.run);
      }
    });
    // Where the record does not say which run an input came from, all that made it are kept.
    for (const { artifact } of inputs)
      for (const { run } of await context.manifest.productions(artifact)) next.add(run);
    level = [...next].filter((id) => !seen.has(id));
    for (const id of level) seen.add(id);
  }
}

/** Throws GC_INCOMPLETE when a record of an accepted ancestry cannot be read. */
export async function findKeptRuns(context: RecordContext): Promise<KeptRuns> {
  const kept = new Map<RunId, string>();
  const refs = await context.manifest.refs('');
  for (const { name, target } of refs) if (!kept.has(target)) kept.set(target, `it is the tip of ${name}`);
  for (const { subject, reason } of await context.manifest.holds()) {
    if (subject.kind !== 'run' || kept.has(subject.id as RunId)) continue;
    kept.set(subject.id as RunId, reason === undefined ? 'it is held' : `it is held: ${reason}`);
  }
  for (const { name, target } of refs)
    if (name.startsWith('accepted/')) await acceptedAncestry(context, name, target, kept);
  return kept;
}
