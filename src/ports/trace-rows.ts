/** What a trace asks of the manifest: how runs made what they made, a few runs at a time and never more than it wants. */
import type { JsonValue } from '../core/canonical-json.ts';
import type { ArtifactId, RunId } from '../core/ids.ts';
import type { LineageEdge, Production } from './manifest-rows.ts';

/** A run, and the artifacts that it is asked about. */
export interface TraceStep {
  readonly run: RunId;
  readonly artifacts: readonly ArtifactId[];
}

export interface TracedInput {
  readonly artifact: ArtifactId;
  readonly relation: string;
  /** Where the run read it, when it says so. */
  readonly path: string | undefined;
  /** The run that produced it, when the run says so. */
  readonly producer: RunId | undefined;
}

export interface TracedRun {
  readonly run: RunId;
  /** Versions of the output types and of the pins that are versions. */
  readonly schemaVersions: JsonValue;
  readonly plugins: JsonValue;
  /** Where the run put the artifacts that were asked about; what it did not produce is left out. */
  readonly productions: readonly Production[];
  /** In the order of the run's record. */
  readonly inputs: readonly TracedInput[];
  /** Of the artifacts that were asked about, where the run says which derive from what; else all derive from every input. */
  readonly edges: readonly LineageEdge[] | undefined;
  /** The limit ended the inputs or the edges. */
  readonly more: boolean;
}

export interface TraceReads {
  /**
   * For every step in that order; undefined for an unknown run. At most `limit` inputs and as many edges a run; 0 for all.
   * MUST cost what it answers, however many runs and artifacts there are.
   */
  tracedRuns(steps: readonly TraceStep[], limit: number): Promise<readonly (TracedRun | undefined)[]>;
}
