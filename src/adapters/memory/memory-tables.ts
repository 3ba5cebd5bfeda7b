/**
 * The state of the manifest in memory: maps whose changes can be taken back, so that a batch applies whole or not at all.
 */
import type { ActorId, ArtifactId, EventId, ObjectId, RefName, RunId } from '../../core/ids.ts';
import type { ArtifactRecord } from '../../core/records/artifact.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type { LogPosition } from '../../ports/event-log.ts';
import type {
  ActorEntry,
  ArtifactStatus,
  HoldSubject,
  Namespace,
  ObjectEntry,
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

export type ObjectKey = `${Namespace}:${string}`;
export const objectKey = (namespace: Namespace, id: string): ObjectKey => `${namespace}:${id}`;

export class MemoryTables {
  readonly journal = new Journal();
  readonly objects = new Table<ObjectKey, ObjectEntry>(this.journal);
  readonly packs = new Table<string, number>(this.journal);
  readonly stages = new Table<string, readonly ObjectId[]>(this.journal);
  readonly actors = new Table<ActorId, ActorEntry>(this.journal);
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
