/**
 * Recording a run: artifacts, trees, the run itself, and the ref that moves to it. One batch, so that a reader sees all of
 * it or nothing.
 *
 * When the ref has moved meanwhile, the run is put on the new tip: runs add outputs, they do not merge texts. A path that
 * both changed is a conflict, unless told whose to take.
 */

import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ArtifactId, BlobId, RefName, RunId, RunKey, TreeId } from '../../core/ids.ts';
import { type ArtifactRecord, artifactText, defaultArtifactType } from '../../core/records/artifact.ts';
import { runBytes } from '../../core/records/parse-record.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import type { RunCode, RunCommand, RunEdge, RunInput, RunRecord } from '../../core/records/run.ts';
import { type RunIdentity, runKey, sortIdentity } from '../../core/run-key.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Fact, Guard, NamedArtifactRecord } from '../../ports/manifest.ts';
import type { HeldLock } from '../../ports/store-lock.ts';
import type { StagedEntry } from '../../ports/workspace.ts';
import type { StoreContext } from '../context.ts';
import { actorIdOf, artifactTagsFact, authorText, ensureActor, eventDraft, refFact } from '../log/governance.ts';
import { WriteSession } from '../objects/write-session.ts';
import { type Tip, tipOf } from './head.ts';
import { editTree } from './tree-editor.ts';
import { type Leaf, sameLeaf, TreeReader } from './trees.ts';

/** What a run is, before it is known which run comes before it. */
export interface RunDraft {
  readonly message: string;
  readonly identity: RunIdentity;
  readonly inputs: readonly RunInput[];
  /** Files, links, empty directories and removals. */
  readonly changes: readonly StagedEntry[];
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

export interface RecordedArtifact {
  readonly artifactId: ArtifactId;
  readonly path: string;
  readonly sha256: BlobId;
  readonly size: number;
  readonly type: string;
  readonly logicalKey: string;
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

interface Outputs {
  readonly leaves: Map<string, Leaf>;
  readonly removed: readonly string[];
  readonly named: NamedArtifactRecord[];
  readonly artifacts: RecordedArtifact[];
}

function makeArtifacts(session: WriteSession, changes: readonly StagedEntry[]): Outputs {
  const leaves = new Map<string, Leaf>();
  const removed: string[] = [];
  const named: NamedArtifactRecord[] = [];
  const artifacts: RecordedArtifact[] = [];
  for (const change of changes) {
    const { path } = change;
    if (change.kind === 'removal') removed.push(path);
    else if (change.kind === 'directory') leaves.set(path, { kind: 'directory' });
    else if (change.kind === 'link') leaves.set(path, { kind: 'link', target: change.target ?? '' });
    else {
      const record: ArtifactRecord = {
        schema: 'cairn.artifact/1',
        type: change.type ?? defaultArtifactType,
        schemaVersion: change.schemaVersion ?? 1,
        logicalKey: change.logicalKey ?? path,
        file: { sha256: change.blob as BlobId, size: change.size ?? 0 },
      };
      const { type, schemaVersion, logicalKey, file } = record;
      const id = session.record<ArtifactId>(artifactText(type, schemaVersion, logicalKey, file.sha256, file.size));
      leaves.set(path, { kind: 'file', artifact: id, executable: change.executable === true });
      named.push({ id, record });
      artifacts.push({ artifactId: id, path, sha256: file.sha256, size: file.size, type, logicalKey });
    }
  }
  return { leaves, removed: removed.sort(), named, artifacts };
}

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
  const outputTree = await editTree(reader, session, undefined, outputs.leaves);
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
      const onlyOutputs = tip === undefined && applied.removed.length === 0;
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
        status: draft.status,
        tags: draft.tags,
        metrics: draft.metrics,
      };
      const id = current.record<RunId>(runBytes(record));
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
              outputs: outputs.artifacts.map(({ path, artifactId }) => ({ path, artifact: artifactId })),
              artifacts: outputs.named,
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
        artifacts: outputs.artifacts,
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
