/** What showing one thing gives, for each kind of thing. */
import type { JsonValue } from '../../core/canonical-json.ts';
import type { RefName, ReportId, RunId, TreeId } from '../../core/ids.ts';
import type { ContextRecord } from '../../core/records/context.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { ReportRecord } from '../../core/records/report.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type {
  ArtifactEntry,
  CandidateEntry,
  EventEntry,
  ObjectEntry,
  Production,
  RunEntry,
} from '../../ports/manifest.ts';
import type { ShownCandidate } from '../governance/candidate-details.ts';
import type { Leaf } from './trees.ts';

export interface ShownFile {
  readonly path: string;
  readonly leaf: Leaf;
  /** Of a file. */
  readonly artifact: ArtifactEntry | undefined;
}

export interface ShownRun {
  readonly kind: 'run';
  readonly entry: RunEntry;
  readonly record: RunRecord;
  readonly refs: readonly RefName[];
  readonly inputs: readonly {
    readonly input: RunRecord['inputs'][number];
    readonly artifact: ArtifactEntry | undefined;
  }[];
  /** The first of its outputs, by path. */
  readonly outputs: readonly ShownFile[];
  readonly more: boolean;
  readonly held: boolean;
  /** Claims about it, newest first. */
  readonly candidates: readonly CandidateEntry[];
  /** What it ran on; undefined where the record names none, or it was erased. */
  readonly context: ContextRecord | undefined;
}

export interface ShownArtifact {
  readonly kind: 'artifact';
  readonly entry: ArtifactEntry;
  readonly path: string | undefined;
  /** Runs that produced it and runs that used it, newest first. */
  readonly producedBy: readonly { readonly production: Production; readonly run: RunEntry | undefined }[];
  readonly usedBy: readonly RunEntry[];
  /** Claims that rest on it, newest first. */
  readonly candidates: readonly CandidateEntry[];
  readonly object: ObjectEntry | undefined;
  readonly held: boolean;
}

export interface ShownObject {
  readonly kind: 'object';
  readonly object: ObjectEntry;
  readonly artifacts: readonly ArtifactEntry[];
}

export interface ShownDirectory {
  readonly kind: 'directory';
  readonly tree: TreeId;
  readonly run: RunId | undefined;
  readonly path: string;
  readonly files: readonly ShownFile[];
  readonly more: boolean;
}

export interface ShownEvent {
  readonly kind: 'event';
  readonly entry: EventEntry;
  readonly payload: PayloadRecord | undefined;
}

export interface ShownRecord {
  readonly kind: 'record';
  readonly id: string;
  readonly value: JsonValue;
}

export interface ShownReport {
  readonly kind: 'report';
  readonly id: ReportId;
  readonly record: ReportRecord;
}

export type Shown =
  | ShownRun
  | ShownArtifact
  | ShownCandidate
  | ShownReport
  | ShownObject
  | ShownDirectory
  | ShownEvent
  | ShownRecord;
