/**
 * The second half of reindex: the log, line by line, applied to a manifest that knows what is stored. Events come in
 * batches, so that the records they name are read together; the facts keep the order of the log, which is the only order
 * there is.
 */
import { utf8Decode } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import {
  type ApprovalId,
  type ArtifactId,
  type BlobId,
  type CandidateId,
  type ContentId,
  type ObjectId,
  type PayloadId,
  type PolicyId,
  parseObjectId,
  type ReportId,
  type RunId,
  type TreeId,
} from '../../core/ids.ts';
import type { ArtifactRecord } from '../../core/records/artifact.ts';
import type { CandidateRecord } from '../../core/records/candidate.ts';
import type { ContentRecord } from '../../core/records/content.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import {
  parseArtifactRecord,
  parseCandidateRecord,
  parseContentRecord,
  parsePayloadRecord,
  parseReportRecord,
  parseRunRecord,
} from '../../core/records/parse-record.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { ReportRecord } from '../../core/records/report.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { parseTree, type TreeRecord } from '../../core/records/tree.ts';
import type { LogPosition } from '../../ports/event-log.ts';
import type { Fact, NamedArtifactRecord, RunOutput, StoredObject } from '../../ports/manifest.ts';
import { DigestSet } from './digest-set.ts';
import { factOf } from './event-facts.ts';
import type { EventRecords } from './event-payload.ts';
import { type RecordContext, type UnreadableRecord, visitRecords } from './record-batches.ts';

const unreadable: UnreadableRecord = (id, cause) =>
  new CodedError('OBJECT_CORRUPT', `record ${id}, which the log names, cannot be read`, {
    hint: 'Without it the manifest cannot be rebuilt: restore the object directory from a backup.',
    data: { object: id, namespace: 'record' },
    ...(cause === undefined ? {} : { cause }),
  });

/** Everything that a batch of events names, read once. */
class BatchRecords implements EventRecords {
  readonly runs = new Map<RunId, RunRecord>();
  readonly payloads = new Map<PayloadId, PayloadRecord>();
  readonly trees = new Map<TreeId, TreeRecord>();
  readonly artifacts = new Map<ArtifactId, ArtifactRecord>();
  readonly contents = new Map<ContentId, ContentRecord>();

  readonly candidates = new Map<CandidateId, CandidateRecord>();
  readonly reports = new Map<ReportId, ReportRecord>();
  /** Policies and approvals. */
  readonly texts = new Map<PolicyId | ApprovalId, string>();

  payload(event: SealedEvent): PayloadRecord | undefined {
    const id = event.record.payload;
    return id === undefined ? undefined : this.payloads.get(id);
  }

  candidate(id: CandidateId): ReturnType<EventRecords['candidate']> {
    const record = this.candidates.get(id) as CandidateRecord;
    return { record, notes: record.notes === undefined ? undefined : this.payloads.get(record.notes)?.text };
  }

  report(id: ReportId): ReportRecord {
    return this.reports.get(id) as ReportRecord;
  }

  text(id: PolicyId | ApprovalId): string {
    return this.texts.get(id) as string;
  }

  run(id: RunId): ReturnType<EventRecords['run']> {
    const record = this.runs.get(id) as RunRecord;
    const outputs: RunOutput[] = [];
    this.#collect(record.outputs, '', outputs);
    const artifacts: NamedArtifactRecord[] = [];
    for (const artifact of new Set([...outputs.map((output) => output.artifact), ...inputsOf(record)])) {
      const found = this.artifacts.get(artifact);
      if (found !== undefined) artifacts.push({ id: artifact, record: found });
    }
    const message = this.payloads.get(record.message)?.text;
    if (record.contents === undefined) return { record, message, outputs, artifacts };
    const contents = record.contents.map((content) => {
      return { id: content, record: this.contents.get(content) as ContentRecord };
    });
    return { record, message, outputs, artifacts, contents };
  }

  #collect(id: TreeId, prefix: string, into: RunOutput[]): void {
    for (const entry of (this.trees.get(id) as TreeRecord).entries) {
      const path = prefix + entry.name;
      if ('tree' in entry) this.#collect(entry.tree, `${path}/`, into);
      else if ('artifact' in entry) into.push({ path, artifact: entry.artifact });
    }
  }
}

function inputsOf(run: RunRecord): ArtifactId[] {
  return run.inputs.map((input) => input.artifact);
}

export class Replay {
  readonly #context: RecordContext;
  readonly #seenArtifacts = new DigestSet();
  /** Artifacts whose bytes an event gave up; a later one may have taken that back. */
  readonly erased = new Set<ArtifactId>();
  events = 0;
  runs = 0;

  /** `context.manifest` is the new one. */
  constructor(context: RecordContext) {
    this.#context = context;
  }

  /** `logEnd` is the position in the log behind the last of the events. */
  async apply(events: readonly SealedEvent[], logEnd: LogPosition, nowMs: number): Promise<void> {
    const records = await this.#read(events);
    const absent = await this.#absentBlobs(records);
    const facts: Fact[] = absent.length > 0 ? [{ kind: 'objects', objects: absent }] : [];
    for (const event of events) {
      const fact = factOf(event, records);
      if (fact.kind === 'erase') this.erased.add(fact.artifact);
      if (fact.kind === 'run') this.runs++;
      facts.push(fact);
    }
    const applied = await this.#context.manifest.apply({ facts, nowMs, clock: 'wall', logEnd });
    if (applied.events.length !== events.length) {
      throw new CodedError(
        'LOG_CORRUPT',
        `the log says something twice between events ${this.events + 1} and ${this.events + events.length}`,
      );
    }
    this.events += events.length;
  }

  async #read(events: readonly SealedEvent[]): Promise<BatchRecords> {
    const records = new BatchRecords();
    const runs: RunId[] = [];
    const payloads: PayloadId[] = [];
    const named = (action: SealedEvent['record']['action']): ObjectId[] =>
      events.flatMap(({ record }) => (record.action === action ? [record.subject.id as ObjectId] : []));
    for (const { record } of events) {
      if (record.action === 'run.commit') runs.push(record.subject.id as RunId);
      if (record.payload !== undefined) payloads.push(record.payload);
    }
    await this.#visit(runs, (id, bytes) => records.runs.set(id, parseRunRecord(bytes)));
    const contents: ContentId[] = [];
    for (const run of records.runs.values()) {
      payloads.push(run.message);
      contents.push(...(run.contents ?? []));
    }
    await this.#visit(contents, (id, bytes) => records.contents.set(id, parseContentRecord(bytes)));
    await this.#visit(named('candidate.create') as CandidateId[], (id, bytes) =>
      records.candidates.set(id, parseCandidateRecord(bytes)),
    );
    for (const { notes } of records.candidates.values()) if (notes !== undefined) payloads.push(notes);
    await this.#visit(named('candidate.evaluate') as ReportId[], (id, bytes) =>
      records.reports.set(id, parseReportRecord(bytes)),
    );
    // A payload may have been erased; whether an event can do without it is its own business.
    const found = await this.#context.manifest.objects('record', payloads);
    const present = payloads.filter(
      (_, index) => found[index] !== undefined && found[index].location.kind !== 'absent',
    );
    await this.#visit(present, (id, bytes) => records.payloads.set(id, parsePayloadRecord(bytes)));
    await this.#readTexts(records, events, named('policy.activate') as PolicyId[]);
    await this.#readTrees(records);
    await this.#readArtifacts(records);
    return records;
  }

  /** Policies, and the approvals that payloads name. */
  async #readTexts(
    records: BatchRecords,
    events: readonly SealedEvent[],
    ids: (PolicyId | ApprovalId)[],
  ): Promise<void> {
    for (const event of events) {
      const id = event.record.action === 'approve' ? records.payload(event)?.values?.['approval'] : undefined;
      if (typeof id === 'string') ids.push(parseObjectId(id) as ApprovalId);
    }
    await this.#visit(ids, (id, bytes) => records.texts.set(id, utf8Decode(bytes)));
  }

  async #visit<Id extends ObjectId>(ids: readonly Id[], visit: (id: Id, bytes: Uint8Array) => void): Promise<void> {
    await visitRecords(this.#context, [...new Set(ids)], visit, unreadable);
  }

  async #readTrees(records: BatchRecords): Promise<void> {
    let level = [...records.runs.values()].map((run) => run.outputs);
    while (level.length > 0) {
      const next: TreeId[] = [];
      await this.#visit(level, (id, bytes) => {
        const tree = parseTree(bytes);
        records.trees.set(id, tree);
        for (const entry of tree.entries) if ('tree' in entry) next.push(entry.tree);
      });
      level = next.filter((id) => !records.trees.has(id));
    }
  }

  /** Records of artifacts that no earlier batch has named. */
  async #readArtifacts(records: BatchRecords): Promise<void> {
    const ids: ArtifactId[] = [];
    for (const tree of records.trees.values())
      for (const entry of tree.entries) if ('artifact' in entry) ids.push(entry.artifact);
    for (const run of records.runs.values()) ids.push(...inputsOf(run));
    const fresh = ids.filter((id) => this.#seenArtifacts.add(id));
    await this.#visit(fresh, (id, bytes) => records.artifacts.set(id, parseArtifactRecord(bytes)));
  }

  /** Blobs that artifacts name and that are not there: let go, or lost. */
  async #absentBlobs(records: BatchRecords): Promise<StoredObject[]> {
    const sizes = new Map<BlobId, number>();
    for (const { file } of records.artifacts.values()) sizes.set(file.sha256, file.size);
    const ids = [...sizes.keys()];
    const found = await this.#context.manifest.objects('blob', ids);
    // A blob that is known as absent may have no size yet: a content that was taken from it says none.
    return ids
      .filter((_, index) => found[index] === undefined || found[index].location.kind === 'absent')
      .map((id) => ({ namespace: 'blob', id, size: sizes.get(id) as number, location: { kind: 'absent' } }));
  }
}
