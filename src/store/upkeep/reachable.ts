/**
 * What must be kept, found by walking the records themselves: refs and runs → trees → artifact records → blobs, with the
 * payloads, contexts, patches and table contents on the way. A content keeps its specification and not the blob it was
 * taken from: that is what lets a publication that is known by content go without its bytes. The manifest says where the walk begins and where records lie; what follows
 * from a record is read from the record, so a wrong index cannot make garbage of what a run needs.
 *
 * Roots: every run that is not retired, every ref, every hold, every staged blob, every payload of an event, every candidate
 * with its evidence. A retired
 * run keeps its records (lineage stays) and gives up its blobs. There is no such thing as partly read: a record that
 * cannot be had throws GC_INCOMPLETE.
 */
import { parseCanonical } from '../../core/canonical-json.ts';
import type { ArtifactId, BlobId, ContentId, ObjectId, RunId, TreeId } from '../../core/ids.ts';
import { parseArtifactRecord, parseContentRecord, parseRunRecord } from '../../core/records/parse-record.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { parseTree } from '../../core/records/tree.ts';
import type { HoldSubject, Manifest, Namespace } from '../../ports/manifest.ts';
import { DigestSet } from './digest-set.ts';
import { type RecordContext, visitRecords } from './record-batches.ts';

export interface Reachable {
  has(namespace: Namespace, id: ObjectId): boolean;
  readonly blobs: number;
  readonly records: number;
  /** Blobs that a hold or a staging area needs: no tombstone may take these. */
  isHeld(id: BlobId): boolean;
}

export interface ReachableOptions {
  /** Count the blobs of retired runs too: everything that the log names. */
  readonly withRetiredBlobs?: boolean;
  /** Count what staging areas need. */
  readonly withStaged: boolean;
  /** Runs to be treated as retired: what would follow if they were. */
  readonly asRetired?: ReadonlySet<RunId>;
}

/** Artifact records held unread before they are read together. */
const pendingLimit = 4000;
const pageSize = 500;

/** Every run, page by page. */
export async function* everyRun(manifest: Manifest): AsyncGenerator<{ readonly id: RunId; readonly retired: boolean }> {
  let cursor: string | undefined;
  do {
    const page = await manifest.listRuns({}, { limit: pageSize, cursor });
    yield* page.rows;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Walks from roots it is given, marking as it goes. What was marked once is not walked again. */
export class Walk {
  readonly records = new DigestSet();
  readonly blobs = new DigestSet();
  readonly #context: RecordContext;
  readonly #trees = new DigestSet();
  readonly #artifacts = new DigestSet();
  readonly #contents = new DigestSet();

  constructor(context: RecordContext) {
    this.#context = context;
  }

  /** The records of runs and, with `blobs`, the content of all their files. */
  async runs(ids: readonly RunId[], blobs: boolean): Promise<void> {
    const trees: TreeId[] = [];
    const artifacts: ArtifactId[] = [];
    const contents: ContentId[] = [];
    await visitRecords(this.#context, ids, (id, bytes) => {
      const run = parseRunRecord(bytes);
      this.records.add(id);
      this.records.add(run.message);
      if (run.context !== undefined) this.records.add(run.context);
      trees.push(run.outputs, run.tree);
      artifacts.push(...namedBy(run));
      contents.push(...(run.contents ?? []));
    });
    await this.contents(contents);
    await this.#walkTrees(trees, artifacts, blobs);
    await this.artifacts(artifacts, blobs);
  }

  /** The records of contents and of the specifications they were taken under. */
  async contents(ids: readonly ContentId[]): Promise<void> {
    const unread = [...new Set(ids)].filter((id) => this.#contents.add(id));
    await visitRecords(this.#context, unread, (id, bytes) => {
      this.records.add(id);
      this.records.add(parseContentRecord(bytes).spec);
    });
  }

  async artifacts(ids: readonly ArtifactId[], blobs: boolean): Promise<void> {
    for (const id of ids) this.records.add(id);
    if (!blobs) return;
    const unread = [...new Set(ids)].filter((id) => this.#artifacts.add(id));
    await visitRecords(this.#context, unread, (_, bytes) => {
      this.blobs.add(parseArtifactRecord(bytes).file.sha256);
    });
  }

  /** An object of either namespace; a directory with everything in it. */
  async object(id: ObjectId): Promise<void> {
    this.blobs.add(id);
    this.records.add(id);
    const [record] = await this.#context.manifest.objects('record', [id]);
    if (record === undefined || record.location.kind === 'absent') return;
    const trees: TreeId[] = [];
    const artifacts: ArtifactId[] = [];
    const contents: ContentId[] = [];
    await visitRecords(this.#context, [id], (_, bytes) => {
      const schema = (parseCanonical(bytes) as { schema?: unknown }).schema;
      if (schema === 'cairn.tree/1') trees.push(id as TreeId);
      else if (schema === 'cairn.artifact/1') artifacts.push(id as ArtifactId);
      else if (schema === 'cairn.content/1') contents.push(id as ContentId);
    });
    await this.contents(contents);
    await this.#walkTrees(trees, artifacts, true);
    await this.artifacts(artifacts, true);
  }

  async #walkTrees(roots: readonly TreeId[], artifacts: ArtifactId[], blobs: boolean): Promise<void> {
    // A tree walked for its records alone is walked again when a kept run needs its blobs.
    const isNew = (id: TreeId): boolean =>
      blobs ? this.#trees.add(id) : !this.#trees.has(id) && !this.records.has(id);
    let level = [...new Set(roots)].filter(isNew);
    while (level.length > 0) {
      const next: TreeId[] = [];
      const batch = level.splice(0, 200);
      for (const id of batch) this.records.add(id);
      await visitRecords(this.#context, batch, (_, bytes) => {
        for (const entry of parseTree(bytes).entries) {
          if ('tree' in entry) next.push(entry.tree);
          else if ('artifact' in entry) artifacts.push(entry.artifact);
        }
      });
      // Depth first, so that what waits stays small.
      level = [...new Set(next)].filter(isNew).concat(level);
      if (artifacts.length > pendingLimit) await this.artifacts(artifacts.splice(0), blobs);
    }
  }
}

/** Artifacts that a run record names itself. */
function namedBy(run: RunRecord): ArtifactId[] {
  const named = run.inputs.map((input) => input.artifact);
  for (const edge of run.edges ?? []) named.push(edge.child, edge.parent);
  if (run.code.patch !== undefined) named.push(run.code.patch);
  return named;
}

async function walkHolds(walk: Walk, subjects: readonly HoldSubject[]): Promise<void> {
  const named = (kind: HoldSubject['kind']): string[] =>
    subjects.filter((one) => one.kind === kind).map((one) => one.id);
  await walk.runs(named('run') as RunId[], true);
  await walk.artifacts(named('artifact') as ArtifactId[], true);
  for (const id of named('object')) await walk.object(id as ObjectId);
}

/** Records that events name: their payloads, what they are about, and what those say in turn. */
async function markEvents(manifest: Manifest, walk: Walk): Promise<void> {
  const { records } = walk;
  let cursor: string | undefined;
  do {
    const page = await manifest.events({ ascending: true }, { limit: 1000, cursor });
    for (const { event } of page.rows) {
      const { payload, subject } = event.record;
      if (payload !== undefined) records.add(payload);
      if (isRecordKind(subject.kind)) records.add(subject.id);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}

const isRecordKind = (kind: string): boolean => ['artifact', 'candidate', 'report', 'policy'].includes(kind);

/**
 * What claims rest on: their records with notes, facts and approvals, and their evidence to the last byte, whether they were
 * accepted or refused, because either must be open to whoever asks why.
 */
async function walkCandidates(manifest: Manifest, walk: Walk): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await manifest.listCandidates({}, { limit: pageSize, cursor });
    for (const { id, record } of page.rows) {
      if (record.notes !== undefined) walk.records.add(record.notes);
      const evidence = record.evidence.map(({ artifact }) => artifact);
      for (const report of await manifest.reportsOf(id)) {
        walk.records.add(report.record.facts);
        evidence.push(...report.record.evidence);
        for (const approval of await manifest.approvals(report.id)) walk.records.add(approval.id);
      }
      await walk.artifacts(evidence, true);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Throws GC_INCOMPLETE when any record that it has to read cannot be read. */
export async function findReachable(context: RecordContext, options: ReachableOptions): Promise<Reachable> {
  const { manifest } = context;
  const holds = (await manifest.holds()).map((hold) => hold.subject);
  const staged = options.withStaged ? await manifest.stagedBlobs() : new Set<ObjectId>();
  // Holds have a walk of their own, because what they keep must be told apart.
  const held = new Walk(context);
  await walkHolds(held, holds);
  for (const id of staged) held.blobs.add(id);

  const walk = new Walk(context);
  const tips = await manifest.refs('');
  await walk.runs([...new Set(tips.map((ref) => ref.target))], true);
  const retired: RunId[] = [];
  let batch: RunId[] = [];
  for await (const run of everyRun(manifest)) {
    if (run.retired || options.asRetired?.has(run.id) === true) retired.push(run.id);
    else if (batch.push(run.id) === pageSize) await walk.runs(batch.splice(0), true);
  }
  await walk.runs(batch, true);
  for (let at = 0; at < retired.length; at += pageSize) {
    batch = retired.slice(at, at + pageSize);
    await walk.runs(batch, options.withRetiredBlobs === true);
  }
  await markEvents(manifest, walk);
  await walkCandidates(manifest, walk);
  return {
    has: (namespace, id) =>
      namespace === 'blob' ? walk.blobs.has(id) || held.blobs.has(id) : walk.records.has(id) || held.records.has(id),
    blobs: walk.blobs.size,
    records: walk.records.size,
    isHeld: (id) => held.blobs.has(id),
  };
}
