/** Everything worth knowing about one thing, whatever it is: run, artifact, candidate, report, object, directory, event or record. */
import { parseCanonical } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import type { ActorId, ArtifactId, BlobId, EventId, ObjectId, ReportId, RunId, TreeId } from '../../core/ids.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { CandidateEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import type { ShownCandidate } from '../governance/candidate-details.ts';
import type { CheckingContext } from '../governance/signing-context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { readRecord } from '../objects/object-reader.ts';
import { readRun } from './compare-runs.ts';
import { runEntry } from './head.ts';
import { refsByRun } from './history.ts';
import { type Resolved, type RevisionContext, resolveRevision } from './revision.ts';
import { readContext } from './run-context.ts';
import type {
  Shown,
  ShownArtifact,
  ShownDirectory,
  ShownEvent,
  ShownFile,
  ShownObject,
  ShownReport,
  ShownRun,
} from './shown.ts';
import { type Leaf, TreeReader } from './trees.ts';

export type * from './shown.ts';

type ShowContext = RevisionContext & CheckingContext;

/** Runs named beside an artifact. */
const namedRuns = 20;

/** The first leaves of a tree in the order of its entries, without reading directories behind them. */
async function firstLeaves(reader: TreeReader, tree: TreeId, limit: number, path = ''): Promise<[string, Leaf][]> {
  const found: [string, Leaf][] = [];
  for (const entry of (await reader.tree(tree)).entries) {
    if (limit > 0 && found.length >= limit) break;
    const at = path === '' ? entry.name : `${path}/${entry.name}`;
    if ('artifact' in entry)
      found.push([at, { kind: 'file', artifact: entry.artifact, executable: entry.executable === true }]);
    else if ('link' in entry) found.push([at, { kind: 'link', target: entry.link }]);
    else {
      const below = await firstLeaves(reader, entry.tree, limit === 0 ? 0 : limit - found.length, at);
      found.push(...(below.length === 0 ? ([[at, { kind: 'directory' }]] as [string, Leaf][]) : below));
    }
  }
  return found;
}

async function shownFiles(
  context: StoreContext,
  tree: TreeId,
  limit: number,
  path = '',
): Promise<{ files: ShownFile[]; more: boolean }> {
  const leaves = await firstLeaves(new TreeReader(context), tree, limit === 0 ? 0 : limit + 1, path);
  const more = limit > 0 && leaves.length > limit;
  const shown = more ? leaves.slice(0, limit) : leaves;
  const ids = shown.flatMap(([, leaf]) => (leaf.kind === 'file' ? [leaf.artifact] : []));
  const entries = new Map((await context.manifest.artifacts(ids)).map((entry) => [entry?.id, entry]));
  return {
    more,
    files: shown.map(([at, leaf]) => ({
      path: at,
      leaf,
      artifact: leaf.kind === 'file' ? entries.get(leaf.artifact) : undefined,
    })),
  };
}

async function isHeld(context: StoreContext, kind: 'run' | 'artifact', id: string): Promise<boolean> {
  return (await context.manifest.holds()).some(({ subject }) => subject.kind === kind && subject.id === id);
}

async function showRun(context: StoreContext, id: RunId, limit: number): Promise<ShownRun> {
  const entry = await runEntry(context, id);
  const record = await readRun(context, id);
  const inputs = await context.manifest.artifacts(record.inputs.map((input) => input.artifact));
  const { files, more } = await shownFiles(context, record.outputs, limit);
  return {
    kind: 'run',
    entry,
    record,
    refs: (await refsByRun(context)).get(id) ?? [],
    inputs: record.inputs.map((input, index) => ({ input, artifact: inputs[index] })),
    outputs: files,
    more,
    held: await isHeld(context, 'run', id),
    candidates: (await context.manifest.listCandidates({ run: id }, { limit: namedRuns })).rows,
    context: await readContext(context, record),
  };
}

async function showArtifact(context: StoreContext, id: ArtifactId, path: string | undefined): Promise<ShownArtifact> {
  const entry = await artifactEntry(context, id);
  const productions = await context.manifest.productions(id, namedRuns);
  const producers = await context.manifest.runs(productions.map((production) => production.run));
  const consumers = await context.manifest.runs(await context.manifest.consumers(id, namedRuns));
  const [object] = await context.manifest.objects('blob', [entry.blob]);
  return {
    kind: 'artifact',
    entry,
    path,
    producedBy: productions.map((production, index) => ({ production, run: producers[index] })),
    usedBy: consumers.filter((run) => run !== undefined),
    candidates: await candidatesOn(context, id),
    object,
    held: await isHeld(context, 'artifact', id),
  };
}

async function candidatesOn({ manifest }: StoreContext, artifact: ArtifactId): Promise<CandidateEntry[]> {
  const found = (await manifest.candidates(await manifest.candidatesOn([artifact]))).filter((one) => one !== undefined);
  return found.sort((left, right) => right.seq - left.seq).slice(0, namedRuns);
}

async function showObject(context: StoreContext, id: BlobId, limit: number): Promise<ShownObject> {
  const [object] = await context.manifest.objects('blob', [id]);
  if (object === undefined)
    throw new CodedError('OBJECT_NOT_FOUND', `the store has no blob ${id}`, { data: { object: id } });
  return { kind: 'object', object, artifacts: (await context.manifest.listArtifacts({ blob: id }, { limit })).rows };
}

async function showEvent(context: StoreContext, id: EventId): Promise<ShownEvent> {
  const event = await context.manifest.event(id);
  if (event === undefined) throw new CodedError('REV_NOT_FOUND', `the log has no event ${id}`, { data: { event: id } });
  const actor = await context.manifest.actor(event.record.actor as ActorId);
  const actorName = actor === undefined ? undefined : actor.mail === '' ? actor.name : `${actor.name} <${actor.mail}>`;
  let payload: PayloadRecord | undefined;
  const [object] =
    event.record.payload === undefined ? [] : await context.manifest.objects('record', [event.record.payload]);
  if (object !== undefined && object.location.kind !== 'absent') {
    // Loaded only here: what `show` mostly shows needs no schema, and schemas cost start-up.
    const { parsePayloadRecord } = await import('../../core/records/parse-record.ts');
    payload = parsePayloadRecord(await readRecord(context, object.id));
  }
  return { kind: 'event', entry: { event, actorName }, payload };
}

function directory(found: Resolved, files: { files: ShownFile[]; more: boolean }): ShownDirectory {
  return { kind: 'directory', tree: found.id as TreeId, run: found.run, path: found.path ?? '', ...files };
}

async function showClaim(context: ShowContext, rev: string): Promise<ShownCandidate> {
  // Loaded only here: checking approvals is more than what `show` mostly does.
  const { showCandidate } = await import('../governance/candidate-details.ts');
  return showCandidate(context, rev);
}

async function showReport(context: StoreContext, id: ReportId): Promise<ShownReport> {
  const [report] = await context.manifest.reports([id]);
  if (report !== undefined) return { kind: 'report', id, record: report.record };
  throw new CodedError('REV_NOT_FOUND', `the store has no report ${id}`, { data: { report: id } });
}

/** `limit` bounds the files that are listed; 0 for all. */
export async function showRevision(context: ShowContext, rev: string, limit: number): Promise<Shown> {
  // The name stands for the candidate; with a path or `~` behind it for its run.
  if (/^accepted\/[^:~]+$/.test(rev)) return showClaim(context, rev);
  const found = await resolveRevision(context, rev);
  switch (found.kind) {
    case 'run':
      return showRun(context, found.id as RunId, limit);
    case 'artifact':
      return showArtifact(context, found.id as ArtifactId, found.path);
    case 'blob':
      return showObject(context, found.id as BlobId, limit);
    case 'event':
      return showEvent(context, found.id as EventId);
    case 'candidate':
      return showClaim(context, found.id);
    case 'report':
      return showReport(context, found.id as ReportId);
    case 'tree':
      return directory(found, await shownFiles(context, found.id as TreeId, limit, found.path));
    case 'policy':
    case 'record': {
      if (found.entry !== undefined && 'link' in found.entry) {
        return { kind: 'record', id: found.id, value: { link: found.entry.link, path: found.path ?? '' } };
      }
      return { kind: 'record', id: found.id, value: parseCanonical(await readRecord(context, found.id as ObjectId)) };
    }
  }
}
