/**
 * cairn.facts/1: every value that an evaluation read, with the digest of what it was read from. Facts and policy alone decide
 * (verify/policy/decide.ts): no clock, no store, no network. Who has them can decide again.
 *
 * Values of evidence stand in the form of core/lossless-json.ts.
 */
import { canonicalBytes } from '../canonical-json.ts';
import type { EvidenceFault, EvidenceFormat } from '../evidence/evidence.ts';
import type { ActorId, ArtifactId, BlobId, CandidateId, RunId, RunKey } from '../ids.ts';
import type { JsonValue } from '../json-value.ts';
import type { DatasetIdentity } from '../run-key.ts';
import type { Timestamp } from '../time.ts';
import type { CandidateRecord } from './candidate.ts';
import type { Level } from './report.ts';

export type EvidenceStatus = 'active' | 'superseded' | 'tombstoned';

/** One artifact of the candidate's evidence, as it was found. */
export interface EvidenceFacts {
  readonly role: string;
  readonly artifact: ArtifactId;
  readonly sha256: BlobId;
  readonly format: EvidenceFormat;
  /** What reading gave (core/evidence/read-evidence.ts), the value encoded. */
  readonly content:
    | { readonly value: JsonValue; readonly faults: readonly EvidenceFault[] }
    | { readonly error: string };
  /** Produced by the candidate's run, or standing in its ancestry. */
  readonly inAncestry: boolean;
  readonly status: EvidenceStatus;
  /** Left out for evidence without a signature. */
  readonly signature?: { readonly verified: boolean; readonly detail: string };
}

/** The candidate's run: what says which data, code and configuration it had. */
export interface RunFacts {
  readonly id: RunId;
  readonly runKey: RunKey;
  readonly status: 'succeeded' | 'failed';
  readonly datasets: readonly DatasetIdentity[];
  readonly engineVersion: string;
  readonly configVersion: string;
  readonly researchSpecVersion?: string;
  readonly pipelineContractVersion?: string;
  readonly seedVersion: number;
  readonly configHash: string;
  readonly external?: { readonly runKey?: string; readonly datasetIdV2?: string };
  /** What the run's parameters say (`walk_forward` or `walk_forward_used`), when they say it. */
  readonly walkForward?: boolean;
  readonly gitCommit?: string;
  readonly gitDirty?: boolean;
}

/** Which rule of the split plan is broken, and in words. */
export const foldRules = [
  'plan',
  'windows',
  'overlap',
  'purge_and_embargo',
  'embargo_after_test',
  'fit_window',
  'asof_lag',
] as const;
export type FoldRule = (typeof foldRules)[number];

export interface FoldOutcome {
  readonly foldId: string;
  /** Empty when the fold holds. */
  readonly failures: readonly { readonly rule: FoldRule; readonly reason: string }[];
}

/** The split plan held against the dataset's distinct times. */
export interface FoldCheck {
  /** No fold fails, and there is one. */
  readonly ok: boolean;
  /** Number of distinct times. */
  readonly bars: number;
  readonly folds: readonly FoldOutcome[];
}

export interface FoldCheckFacts {
  readonly plan: ArtifactId;
  /** The artifact whose times were read. */
  readonly dataset?: ArtifactId;
  readonly outcome: FoldCheck | { readonly error: string };
}

/** What an external program of the policy said. */
export interface ProgramFacts {
  readonly id: string;
  /** Digest of the program that ran. */
  readonly sha256: string;
  readonly outcome:
    | { readonly passed: boolean; readonly blockers: readonly string[]; readonly warnings: readonly string[] }
    | { readonly error: string };
}

export interface WaiverFacts {
  readonly subject: string;
  readonly reason: string;
  readonly by: ActorId;
  /** Roles of that actor at the time. */
  readonly roles: readonly string[];
}

export interface FactsRecord {
  readonly schema: 'cairn.facts/1';
  readonly level: Level;
  readonly evaluatedAt: Timestamp;
  readonly candidate: { readonly id: CandidateId } & Pick<
    CandidateRecord,
    'signalName' | 'horizon' | 'estimator' | 'familyId' | 'datasetId' | 'configHash'
  >;
  readonly run: RunFacts;
  readonly actors: {
    /** Who created the candidate. */
    readonly creator: ActorId;
    readonly runActor: ActorId;
    readonly evaluator: ActorId;
    /** Who produced the evidence, sorted. */
    readonly evidenceProducers: readonly ActorId[];
  };
  /** Sorted by role, then artifact. */
  readonly evidence: readonly EvidenceFacts[];
  /** There when a split plan is in evidence. */
  readonly foldCheck?: FoldCheckFacts;
  readonly programs: readonly ProgramFacts[];
  readonly waivers: readonly WaiverFacts[];
}

export function factsBytes(facts: FactsRecord): Uint8Array {
  return canonicalBytes(facts);
}
