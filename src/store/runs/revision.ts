/**
 * Revisions: how people and scripts name things. `HEAD`, `main`, `tags/v1`, `accepted/x`, an id or a unique prefix of 4
 * or more digits, any of these with `~N` (N first parents back) and `:<path>` (an artifact inside a run).
 */
import { CodedError } from '../../core/errors.ts';
import { type ArtifactId, type CandidateId, isIdPrefix, type ReportId, type RunId } from '../../core/ids.ts';
import { normalizePath, parseRefName } from '../../core/names.ts';
import type { TreeEntry } from '../../core/records/tree.ts';
import type { Found, FoundKind } from '../../ports/manifest.ts';
import type { StoreContext, WorkspaceContext } from '../context.ts';
import { isCaptured } from './captured-paths.ts';
import { runEntry } from './head.ts';
import { TreeReader } from './trees.ts';

/** `head` gives the ref of the workspace; without a workspace `HEAD` cannot be named. */
export type RevisionContext = StoreContext & Partial<Pick<WorkspaceContext, 'state'>>;

export interface Resolved {
  readonly kind: FoundKind | 'tree';
  readonly id: string;
  /** The run that was named on the way, when one was; of a candidate or report, the one that it is about. */
  readonly run?: RunId;
  /** The path inside that run. */
  readonly path?: string;
  /** What stands at the path. */
  readonly entry?: TreeEntry;
}

function notFound(rev: string, hint: string): CodedError {
  return new CodedError('REV_NOT_FOUND', `nothing answers to ${JSON.stringify(rev)}`, { hint, data: { rev } });
}

async function resolveRef(context: RevisionContext, name: string): Promise<RunId | undefined> {
  for (const full of [name, `heads/${name}`, `tags/${name}`]) {
    if (!/^(heads|tags|accepted)\/./.test(full)) continue;
    let target: RunId | undefined;
    try {
      target = await context.manifest.ref(parseRefName(full));
    } catch (error) {
      if (error instanceof CodedError && error.code === 'BAD_REF_NAME') continue;
      throw error;
    }
    if (target !== undefined) return target;
  }
  return undefined;
}

/** Kinds that a prefix may name, the likeliest meaning first: a run's record is also a record. */
async function resolvePrefix(context: RevisionContext, prefix: string): Promise<Resolved> {
  const found = await context.manifest.find(prefix, 16);
  const ids = [...new Set(found.map((one) => one.id))];
  if (ids.length > 1) {
    throw new CodedError('REV_AMBIGUOUS', `${prefix} is short for ${ids.length === 16 ? 'many' : ids.length} things`, {
      hint: `Give more digits: ${found
        .slice(0, 4)
        .map((one) => `${one.id.slice(0, 16)}… (${one.kind})`)
        .join(', ')}`,
      data: { rev: prefix, candidates: found.map((one) => ({ kind: one.kind, id: one.id })) },
    });
  }
  const order: readonly FoundKind[] = ['run', 'artifact', 'candidate', 'report', 'policy', 'event', 'blob', 'record'];
  const best = order.map((kind) => found.find((one) => one.kind === kind)).find((one) => one !== undefined);
  if (best === undefined) throw notFound(prefix, 'List runs with `cairn log --all`, artifacts with `cairn ls`.');
  const run = await runBehind(context, best);
  return run === undefined ? best : { ...best, run };
}

/** The run that something stands for: itself, or what a candidate and its reports are about. */
async function runBehind(context: RevisionContext, { kind, id }: Found): Promise<RunId | undefined> {
  switch (kind) {
    case 'run':
      return id as RunId;
    case 'candidate':
      return (await context.manifest.candidates([id as CandidateId]))[0]?.record.run;
    case 'report':
      return (await context.manifest.reports([id as ReportId]))[0]?.record.runInstanceId;
    default:
      return undefined;
  }
}

async function resolveBase(context: RevisionContext, rev: string): Promise<Resolved> {
  const back = /^(.+)~(\d*)$/.exec(rev);
  if (back !== null) {
    const steps = back[2] === '' ? 1 : Number(back[2]);
    let at = await resolveBase(context, back[1] as string);
    if (at.kind !== 'run')
      throw new CodedError('BAD_ARGUMENT', `${back[1]} is no run, so it has no parents`, { data: { rev } });
    for (let step = 0; step < steps; step++) {
      const [parent] = (await runEntry(context, at.id as RunId)).parents;
      if (parent === undefined)
        throw notFound(rev, `The history has only ${step} run${step === 1 ? '' : 's'} before ${back[1]}.`);
      at = { kind: 'run', id: parent, run: parent };
    }
    return at;
  }
  if (rev === 'HEAD' || rev === '@') {
    if (context.state === undefined) {
      throw new CodedError('NO_WORKSPACE', 'HEAD is the current branch of a workspace, and there is none here', {
        hint: 'Run the command inside a workspace, or name a branch.',
      });
    }
    const ref = await context.state.head();
    const target = await context.manifest.ref(parseRefName(ref));
    if (target === undefined)
      throw notFound(
        rev,
        `The branch ${ref.replace(/^heads\//, '')} has no run yet: \`cairn commit\` makes the first.`,
      );
    return { kind: 'run', id: target, run: target };
  }
  const target = await resolveRef(context, rev);
  if (target !== undefined) return { kind: 'run', id: target, run: target };
  const lower = rev.toLowerCase();
  if (isIdPrefix(lower)) return resolvePrefix(context, lower);
  throw notFound(rev, 'Give an id (4 digits or more), HEAD, a branch, a tag, or <revision>:<path>.');
}

/** Resolves any revision. Throws REV_NOT_FOUND, REV_AMBIGUOUS, PATH_NOT_FOUND or a usage error. */
export async function resolveRevision(context: RevisionContext, rev: string): Promise<Resolved> {
  if (rev === '') throw new CodedError('BAD_ARGUMENT', 'the revision is empty');
  const colon = rev.indexOf(':');
  if (colon < 0) return resolveBase(context, rev);
  const base = await resolveBase(context, colon === 0 ? 'HEAD' : rev.slice(0, colon));
  const { run } = base;
  if (run === undefined)
    throw new CodedError('BAD_ARGUMENT', `${rev.slice(0, colon)} is no run, so it has no paths`, { data: { rev } });
  const path = normalizePath(rev.slice(colon + 1));
  const { tree, outputs } = await runEntry(context, run);
  // What cairn captured of a command is among the run's outputs and in no working tree.
  const entry = await new TreeReader(context).lookup(isCaptured(path) ? outputs : tree, path);
  if (entry === undefined) {
    throw new CodedError('PATH_NOT_FOUND', `run ${run.slice(0, 12)} has no path ${JSON.stringify(path)}`, {
      hint: `List its paths with \`cairn ls ${run.slice(0, 12)}\`.`,
      data: { run, path },
    });
  }
  if ('artifact' in entry) return { kind: 'artifact', id: entry.artifact, run, path, entry };
  if ('tree' in entry) return { kind: 'tree', id: entry.tree, run, path, entry };
  return { kind: 'record', id: tree, run, path, entry };
}

/** The run that a revision stands for: a candidate and its reports stand for the candidate's. undefined for anything else. */
export function runOf({ kind, run }: Resolved): RunId | undefined {
  return kind === 'run' || kind === 'candidate' || kind === 'report' ? run : undefined;
}

/** A revision that must name a run. */
export async function resolveRun(context: RevisionContext, rev: string): Promise<RunId> {
  const found = await resolveRevision(context, rev);
  const run = runOf(found);
  if (run !== undefined) return run;
  throw new CodedError(
    'BAD_ARGUMENT',
    `${JSON.stringify(rev)} names ${found.kind === 'artifact' ? 'an' : 'a'} ${found.kind}, and a run is needed`,
    {
      data: { rev, kind: found.kind },
    },
  );
}

/** A revision that must name an artifact; a blob stands for its only artifact. */
export async function resolveArtifact(context: RevisionContext, rev: string): Promise<ArtifactId> {
  const found = await resolveRevision(context, rev);
  if (found.kind === 'artifact') return found.id as ArtifactId;
  if (found.kind === 'blob') {
    const { rows } = await context.manifest.listArtifacts({ blob: found.id as never }, { limit: 2 });
    if (rows.length === 1) return (rows[0] as { id: ArtifactId }).id;
    if (rows.length > 1) {
      throw new CodedError('REV_AMBIGUOUS', `${rev} is the content of more than one artifact`, {
        hint: 'Name the artifact by its own id or by <run>:<path>.',
        data: { rev, candidates: rows.map((row) => ({ kind: 'artifact', id: row.id })) },
      });
    }
  }
  throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(rev)} names a ${found.kind}, and an artifact is needed`, {
    hint: 'Name it by its id or by <run>:<path>.',
    data: { rev, kind: found.kind },
  });
}
