/**
 * Artifacts that are replaced, withdrawn, or brought back. Each change is an event with its reason, and the answer says
 * what rests on the artifact: the runs that used it or what came of it, and the refs whose trees still hold that.
 */
import { CodedError } from '../../core/errors.ts';
import { type ArtifactId, type RefName, type RunId, shortId } from '../../core/ids.ts';
import type { ArtifactEntry, CandidateEntry, Fact, RunEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { applyFacts, artifactTagsFact, screenText, statusFact, supersedeFact } from '../log/governance.ts';
import { type WriteSession, writing } from '../objects/write-session.ts';
import { TreeReader } from '../runs/trees.ts';

export interface Dependents {
  /** Runs that used the artifact, or something made from it, newest first. */
  readonly runs: readonly RunEntry[];
  /** Refs whose tip still holds the artifact or something made from it. */
  readonly refs: readonly RefName[];
  /** Candidates that rest on it: as their evidence, or as an output of their run. Newest first. */
  readonly candidates: readonly CandidateEntry[];
}

export interface StatusChange {
  /** The artifact after the change. */
  readonly artifact: ArtifactEntry;
  readonly by: ArtifactEntry | undefined;
  readonly reason: string | undefined;
  readonly dependents: Dependents;
}

export async function artifactEntry(context: Pick<StoreContext, 'manifest'>, id: ArtifactId): Promise<ArtifactEntry> {
  const [entry] = await context.manifest.artifacts([id]);
  if (entry === undefined)
    throw new CodedError('REV_NOT_FOUND', `the store has no artifact ${id}`, { data: { artifact: id } });
  return entry;
}

/** What rests on an artifact. */
export async function dependentsOf(context: StoreContext, artifact: ArtifactId): Promise<Dependents> {
  const { manifest } = context;
  const below = await manifest.lineage({ roots: [artifact], direction: 'down' });
  const ids = new Set<RunId>(below.edges.map((edge) => edge.run));
  for (const run of await manifest.consumers(artifact)) ids.add(run);
  const runs = (await manifest.runs([...ids]))
    .filter((run) => run !== undefined)
    .sort((left, right) => right.seq - left.seq);
  const derived = new Set<ArtifactId>([artifact, ...below.artifacts.map(({ id }) => id)]);
  const candidates = (await manifest.candidates(await manifest.candidatesOn([artifact])))
    .filter((candidate) => candidate !== undefined)
    .sort((left, right) => right.seq - left.seq);
  return { runs, refs: await refsHolding(context, derived), candidates };
}

async function refsHolding(context: StoreContext, artifacts: ReadonlySet<ArtifactId>): Promise<RefName[]> {
  const reader = new TreeReader(context);
  const refs = await context.manifest.refs('');
  const runs = await context.manifest.runs(refs.map((ref) => ref.target));
  const holds = new Map<string, boolean>();
  const holding: RefName[] = [];
  for (const [index, ref] of refs.entries()) {
    const tree = runs[index]?.tree;
    if (tree === undefined) continue;
    let found = holds.get(tree);
    if (found === undefined) {
      const leaves = await reader.leaves(tree);
      found = leaves.values().some((leaf) => leaf.kind === 'file' && artifacts.has(leaf.artifact));
      holds.set(tree, found);
    }
    if (found) holding.push(ref.name);
  }
  return holding;
}

async function change(
  context: StoreContext,
  purpose: string,
  artifact: ArtifactId,
  reason: string | undefined,
  fact: (session: WriteSession) => Fact,
): Promise<Omit<StatusChange, 'by'>> {
  if (reason !== undefined) screenText(context, 'the message', reason);
  await artifactEntry(context, artifact);
  await writing(context, purpose, (session) => applyFacts(context, session, [fact(session)]));
  return {
    artifact: await artifactEntry(context, artifact),
    reason,
    dependents: await dependentsOf(context, artifact),
  };
}

function needsReason(reason: string): void {
  if (reason.trim() !== '') return;
  throw new CodedError('BAD_ARGUMENT', '--message: a reason is needed', {
    hint: 'Say why, for those who find it later: -m "the vendor withdrew the file".',
    data: { argument: '--message' },
  });
}

/** `by` replaces `artifact`. Throws STATUS_CONFLICT when the status of either does not allow it. */
export async function supersede(
  context: StoreContext,
  by: ArtifactId,
  artifact: ArtifactId,
  reason: string | undefined,
): Promise<StatusChange> {
  if (by === artifact) {
    throw new CodedError('BAD_ARGUMENT', `artifact ${shortId(by)} cannot replace itself`, { data: { artifact } });
  }
  const replacement = await artifactEntry(context, by);
  if (replacement.status !== 'active') {
    throw new CodedError(
      'STATUS_CONFLICT',
      `artifact ${shortId(by)} is ${replacement.status} itself, so it cannot replace another`,
      {
        hint:
          replacement.supersededBy === undefined
            ? '`cairn show` says why.'
            : `It was replaced by ${shortId(replacement.supersededBy)}: use that one.`,
        data: { artifact: by, status: replacement.status },
      },
    );
  }
  const done = await change(context, 'supersede', artifact, reason, (session) =>
    supersedeFact(context, session, artifact, by, reason),
  );
  return { ...done, by: replacement };
}

/** Withdraws an artifact; its record stays for ever, its bytes until they are erased. */
export async function tombstone(context: StoreContext, artifact: ArtifactId, reason: string): Promise<StatusChange> {
  needsReason(reason);
  const done = await change(context, 'tombstone', artifact, reason, (session) =>
    statusFact(context, session, 'tombstone', artifact, reason),
  );
  return { ...done, by: undefined };
}

/** Makes a superseded or tombstoned artifact active again. */
export async function restore(context: StoreContext, artifact: ArtifactId, reason: string): Promise<StatusChange> {
  needsReason(reason);
  const done = await change(context, 'restore', artifact, reason, (session) =>
    statusFact(context, session, 'restore', artifact, reason),
  );
  return { ...done, by: undefined };
}

/** Sets tags of an artifact, or takes them away (undefined). */
export async function tagArtifact(
  context: StoreContext,
  artifact: ArtifactId,
  tags: { readonly [key: string]: string | undefined },
): Promise<ArtifactEntry> {
  const before = await artifactEntry(context, artifact);
  for (const [name, value] of Object.entries(tags)) {
    if (value !== undefined) screenText(context, `the tag ${name}`, `${name}=${value}`);
    else if (!Object.hasOwn(before.tags, name)) {
      throw new CodedError('BAD_ARGUMENT', `artifact ${shortId(artifact)} has no tag ${JSON.stringify(name)}`, {
        data: { artifact, tag: name },
      });
    }
  }
  await writing(context, 'tag', (session) =>
    applyFacts(context, session, [artifactTagsFact(context, session, artifact, tags)]),
  );
  return artifactEntry(context, artifact);
}
