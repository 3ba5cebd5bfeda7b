/**
 * The state of the manifest in memory: maps whose changes can be taken back, so that a batch applies whole or not at all.
 */
import type {
  ActorId,
  ApprovalId,
  ArtifactId,
  CandidateId,
  EventId,
  ObjectId,
  PolicyId,
  RefName,
  ReportId,
  RunId,
} from '../../core/ids.ts';
import type { ArtifactRecord } from '../../core/records/artifact.ts';
import type { CandidateRecord } from '../../core/records/candidate.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import type { ReportRecord } from '../../core/records/report.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type { LogPosition } from '../../ports/event-log.ts';
import type {
  ActorEntry,
  ApprovalEntry,
  ArtifactStatus,
  CandidateStatus,
  HoldSubject,
  KeyEntry,
  NamedContentRecord,
  Namespace,
  ObjectEntry,
  PolicyEntry,
  RefLogEntry,
  RunOutput,
} from '../../ports/manifest.ts';

/** What to do, in reverse order, to be back at the beginning of the batch. */
export class Journal {
  #undo: (() => void)[] = [];

  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  commit(): void {
    this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }
}

/** A map that notes every change. Values are replaced, never changed. */
export class Table<Key, Value> {
  readonly #rows = new Map<Key, Value>();
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get(key: Key): Value | undefined {
    return this.#rows.get(key);
  }

  has(key: Key): boolean {
    return this.#rows.has(key);
  }

  set(key: Key, value: Value): void {
    const known = this.#rows.has(key);
    const before = this.#rows.get(key);
    this.#journal.note(() => {
      if (known) this.#rows.set(key, before as Value);
      else this.#rows.delete(key);
    });
    this.#rows.set(key, value);
  }

  delete(key: Key): void {
    if (!this.#rows.has(key)) return;
    const before = this.#rows.get(key) as Value;
    this.#journal.note(() => {
      this.#rows.set(key, before);
    });
    this.#rows.delete(key);
  }

  get size(): number {
    return this.#rows.size;
  }

  values(): IterableIterator<Value> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#rows.entries();
  }
}

export interface StoredRun {
  readonly id: RunId;
  /** Order among runs, from 1. */
  readonly number: number;
  readonly seq: number;
  readonly record: RunRecord;
  readonly message: string | undefined;
  readonly outputs: readonly RunOutput[];
  readonly contents: readonly NamedContentRecord[];
}

export interface ArtifactState {
  readonly status: ArtifactStatus;
  readonly by: ArtifactId | undefined;
  readonly reason: string | undefined;
  readonly erased: boolean;
  readonly seq: number;
}

export interface StoredHold {
  readonly subject: HoldSubject;
  readonly reason: string | undefined;
  readonly seq: number;
}

export interface StoredActor extends Omit<ActorEntry, 'roles'> {
  /** In the order of their events. */
  readonly roles: readonly { readonly role: string; readonly seq: number; readonly held: boolean }[];
}

export interface StoredKey extends Omit<KeyEntry, 'addedAt' | 'revoked'> {
  readonly revoked: Omit<NonNullable<KeyEntry['revoked']>, 'at'> | undefined;
}

export type StoredPolicy = Omit<PolicyEntry, 'activatedAt' | 'active'>;

export interface StoredCandidate {
  readonly id: CandidateId;
  readonly record: CandidateRecord;
  readonly notes: string | undefined;
  readonly seq: number;
  readonly status: CandidateStatus;
  readonly statusSeq: number;
  readonly report: ReportId | undefined;
  readonly name: RefName | undefined;
}

export interface StoredReport {
  readonly id: ReportId;
  readonly record: ReportRecord;
  readonly seq: number;
}

export type StoredApproval = Omit<ApprovalEntry, 'timestamp' | 'roles' | 'rolesNow' | 'keyRevoked'>;

export type ObjectKey = `${Namespace}:${string}`;
export const objectKey = (namespace: Namespace, id: string): ObjectKey => `${namespace}:${id}`;

export class MemoryTables {
  readonly journal = new Journal();
  readonly objects = new Table<ObjectKey, ObjectEntry>(this.journal);
  readonly packs = new Table<string, number>(this.journal);
  readonly stages = new Table<string, readonly ObjectId[]>(this.journal);
  readonly actors = new Table<ActorId, StoredActor>(this.journal);
  readonly keys = new Table<string, StoredKey>(this.journal);
  readonly policies = new Table<PolicyId, StoredPolicy>(this.journal);
  readonly candidates = new Table<CandidateId, StoredCandidate>(this.journal);
  readonly reports = new Table<ReportId, StoredReport>(this.journal);
  readonly approvals = new Table<ApprovalId, StoredApproval>(this.journal);
  /** What the payloads of governance events say, by event. */
  readonly payloads = new Table<number, string>(this.journal);
  readonly events = new Table<number, SealedEvent>(this.journal);
  readonly eventSeqs = new Table<EventId, number>(this.journal);
  readonly artifacts = new Table<ArtifactId, ArtifactRecord>(this.journal);
  readonly runs = new Table<RunId, StoredRun>(this.journal);
  readonly states = new Table<ArtifactId, ArtifactState>(this.journal);
  readonly tags = new Table<ArtifactId, { readonly [name: string]: string }>(this.journal);
  readonly refs = new Table<RefName, { readonly target: RunId | undefined; readonly seq: number }>(this.journal);
  readonly moves = new Table<number, RefLogEntry>(this.journal);
  readonly holds = new Table<string, StoredHold>(this.journal);
  readonly retirements = new Table<RunId, { readonly reason: string | undefined; readonly seq: number }>(this.journal);
  readonly #end = new Table<'end', LogPosition>(this.journal);

  get end(): LogPosition {
    return this.#end.get('end') ?? { segment: 1, length: 0 };
  }

  set end(position: LogPosition) {
    this.#end.set('end', position);
  }

  /** Newest first. */
  runsNewestFirst(): StoredRun[] {
    return [...this.runs.values()].sort((left, right) => right.number - left.number);
  }

  /** Runs that produced the artifact, newest first. */
  producers(artifact: ArtifactId): StoredRun[] {
    return this.runsNewestFirst().filter((run) => run.outputs.some((output) => output.artifact === artifact));
  }

  statusOf(artifact: ArtifactId): ArtifactStatus {
    return this.states.get(artifact)?.status ?? 'active';
  }
}
