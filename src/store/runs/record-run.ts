/**
 * Recording a run: artifacts, trees, the run itself, and the ref that moves to it. One batch, so that a reader sees all of
 * it or nothing.
 *
 * When the ref has moved meanwhile, the run is put on the new tip: runs add outputs, they do not merge texts. A path that
 * both changed is a conflict, unless told whose to take.
 */

import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ContextId, RefName, RunId, RunKey, TreeId } from '../../core/ids.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import type { RunCode, RunCommand, RunEdge, RunInput, RunRecord } from '../../core/records/run.ts';
import { checkedRunBytes } from '../../core/records/sound-run.ts';
import { type RunIdentity, runKey, sortIdentity } from '../../core/run-key.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Fact, Guard } from '../../ports/manifest.ts';
import type { HeldLock } from '../../ports/store-lock.ts';
import type { StagedEntry } from '../../ports/workspace.ts';
import type { StoreContext } from '../context.ts';
import { actorIdOf, artifactTagsFact, authorText, ensureActor, eventDraft, refFact } from '../log/governance.ts';
import { WriteSession } from '../objects/write-session.ts';
import { type Tip, tipOf } from './head.ts';
import { makeArtifacts, type Outputs, type RecordedArtifact } from './make-artifacts.ts';
import { editTree } from './tree-editor.ts';
import { type Leaf, sameLeaf, TreeReader } from './trees.ts';

export type { RecordedArtifact };

/** What a run is, before it is known which run comes before it. */
export interface RunDraft {
  readonly message: string;
  readonly identity: RunIdentity;
  readonly inputs: readonly RunInput[];
  /** Files, links, empty directories and removals. */
  readonly changes: readonly StagedEntry[];
  /** Files that belong to the run's outputs and to no working tree: what a command printed, the patch of the code. */
  readonly captured?: readonly StagedEntry[];
  readonly context?: ContextId | undefined;
  readonly edges?: readonly RunEdge[] | undefined;
  readonly relations?: RunRecord['relations'];
  readonly code: RunCode;
  readonly plugins?: RunRecord['plugins'];
  readonly command?: RunCommand | undefined;
  readonly status: 'succeeded' | 'failed';
  readonly tags: { readonly [name: string]: string };
  readonly metrics: { readonly [name: string]: number };
  /** Runs that are parents besides the tip. */
  readonly parents?: readonly RunId[];
  /** The ref that moves; undefined records the run on its own. */
  readonly ref: RefName | undefined;
  /** The tip the caller saw, on which the changes are based. */
  readonly tip: Tip | undefined;
  readonly take?: 'mine' | 'theirs' | undefined;
  /** More facts of the same batch. */
  readonly facts?: readonly Fact[];
}

export interface RecordedRun {
  readonly runInstanceId: RunId;
  readonly runKey: RunKey;
  readonly ref: RefName | undefined;
  readonly parents: readonly RunId[];
  readonly outputs: TreeId;
  readonly tree: TreeId;
  readonly artifacts: readonly RecordedArtifact[];
  readonly removed: readonly string[];
  /** True when the branch had moved and the run was put on its new tip. */
  readonly rebased: boolean;
}

/** Retries without a turn; from then on commits of one store go one after another. */
const freeAttempts = 2;

/** Paths that this run changes and that differ between the tip it started from and the tip there is now. */
async function conflicts(
  reader: TreeReader,
  draft: RunDraft,
  outputs: Outputs,
  now: Tip | undefined,
): Promise<string[]> {
  if (draft.tip?.tree === now?.tree) return [];
  const theirs = await reader.changes(draft.tip?.tree, now?.tree);
  const own = new Map<string, Leaf | undefined>(outputs.leaves);
  for (const path of outputs.removed) own.set(path, undefined);
  const clashing: string[] = [];
  for (const { path, after } of theirs) {
    if (own.has(path)) {
      if (!sameLeaf(own.get(path), after)) clashing.push(path);
      continue;
    }
    const parents = path.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'));
    if (after !== undefined && parents.some((parent) => parent !== '' && own.get(parent) !== undefined))
      clashing.push(path);
    else if (after !== undefined && after.kind !== 'directory') {
      for (const mine of own.keys())
        if (mine.startsWith(`${path}/`) && own.get(mine) !== undefined) clashing.push(mine);
    }
  }
  return [...new Set(clashing)].sort();
}

/**
 * Records the run and moves the ref. `session` holds the blobs; the caller has the shared store lock. Throws PATH_CONFLICT.
 */
export async function recordRun(context: StoreContext, session: WriteSession, draft: RunDraft): Promise<RecordedRun> {
  const reader = new TreeReader(context);
  const outputs = makeArtifacts(session, draft.changes);
  const identity = sortIdentity(draft.identity);
  const key = runKey(identity);
  const createdAt = formatTimestamp(context.clock.now());
  const message = session.record<RunRecord['message']>(payloadBytes({ text: draft.message }));
  const captured = makeArtifacts(session, draft.captured ?? []);
  const artifacts = [...outputs.artifacts, ...captured.artifacts];
  const produced = new Map([...outputs.leaves, ...captured.leaves]);
  const outputTree = await editTree(reader, session, undefined, produced);
  let tip = draft.tip;
  let facts: Fact[] = [];
  let current = session;
  let turn: HeldLock | undefined;
  try {
    for (let attempt = 1; ; attempt++) {
      let applied = outputs;
      if (attempt > 1 && draft.take !== 'mine') {
        const clashing = await conflicts(reader, draft, outputs, tip);
        if (clashing.length > 0 && draft.take === undefined) throw pathConflict(clashing);
        if (clashing.length > 0) applied = without(outputs, clashing);
      }
      const edits = new Map<string, Leaf | undefined>(applied.removed.map((path) => [path, undefined]));
      for (const [path, leaf] of applied.leaves) edits.set(path, leaf);
      // The first run of a branch has only its outputs.
      const onlyOutputs = tip === undefined && applied.removed.length === 0 && captured.leaves.size === 0;
      const tree = onlyOutputs ? outputTree : await editTree(reader, current, tip?.tree, edits);
      const parents = [...(tip === undefined ? [] : [tip.run]), ...(draft.parents ?? [])];
      const record: RunRecord = {
        schema: 'cairn.run/1',
        runKey: key,
        identity,
        parents: [...new Set(parents)],
        message,
        author: authorText(context.author),
        actor: actorIdOf(context.author),
        createdAt,
        inputs: draft.inputs,
        outputs: outputTree,
        tree,
        removed: outputs.removed,
        ...(draft.edges === undefined ? {} : { edges: draft.edges }),
        relations: draft.relations ?? [],
        code: draft.code,
        writer: context.writer,
        plugins: draft.plugins ?? [],
        ...(draft.command === undefined ? {} : { command: draft.command }),
        ...(draft.context === undefined ? {} : { context: draft.context }),
        status: draft.status,
        tags: draft.tags,
        metrics: draft.metrics,
      };
      const id = current.record<RunId>(await checkedRunBytes(record));
      const actor = await ensureActor(context, current);
      const ref = draft.ref === undefined ? undefined : refFact(context, current, draft.ref, tip?.run, id, undefined);
      const tags = draft.changes.flatMap((change) => {
        const leaf = outputs.leaves.get(change.path);
        return change.tags === undefined || leaf?.kind !== 'file'
          ? []
          : [artifactTagsFact(context, current, leaf.artifact, change.tags)];
      });
      facts = [...facts, ...(await current.settle())];
      const guards: Guard[] =
        draft.ref === undefined ? [] : [{ kind: 'expect-ref', name: draft.ref, target: tip?.run }];
      try {
        await context.manifest.apply({
          guards,
          facts: [
            ...facts,
            ...actor,
            {
              kind: 'run',
              id,
              record,
              message: draft.message,
              outputs: artifacts.map(({ path, artifactId }) => ({ path, artifact: artifactId })),
              artifacts: [...outputs.named, ...captured.named],
              event: eventDraft(context, 'run.commit', { kind: 'run', id }),
            },
            ...(ref === undefined ? [] : [ref]),
            ...tags,
            ...(draft.facts ?? []),
          ],
          nowMs: context.clock.now(),
          clock: context.clock.kind,
        });
      } catch (error) {
        if (!isCodedError(error, 'REF_MOVED') || draft.ref === undefined) throw error;
        if (attempt >= freeAttempts) turn ??= await context.lock.turn('commit');
        tip = await tipOf(context, draft.ref);
        current = new WriteSession(context);
        continue;
      }
      return {
        runInstanceId: id,
        runKey: key,
        ref: draft.ref,
        parents: record.parents,
        outputs: outputTree,
        tree,
        artifacts,
        removed: outputs.removed,
        rebased: attempt > 1,
      };
    }
  } finally {
    await turn?.release();
  }
}

function pathConflict(paths: readonly string[]): CodedError {
  const shown = paths.slice(0, 5).join(', ');
  return new CodedError(
    'PATH_CONFLICT',
    `another run has changed meanwhile: ${shown}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''}`,
    {
      hint: 'Look at it with `cairn diff`, then commit again with --take mine or --take theirs.',
      data: { paths },
    },
  );
}

/** Outputs as they go into the tree when theirs are taken: the run still records everything that it produced. */
function without(outputs: Outputs, paths: readonly string[]): Outputs {
  const dropped = new Set(paths);
  const leaves = new Map([...outputs.leaves].filter(([path]) => !dropped.has(path)));
  return { ...outputs, leaves, removed: outputs.removed.filter((path) => !dropped.has(path)) };
}
