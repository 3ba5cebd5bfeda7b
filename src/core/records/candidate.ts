/**
 * cairn.candidate/1: a claim under review. It says which run, which signal and horizon, and which artifacts are its evidence;
 * the same claim has the same id, and its evidence cannot be exchanged afterwards.
 */
import { canonicalBytes } from '../canonical-json.ts';
import type { ArtifactId, PayloadId, RunId } from '../ids.ts';

export interface EvidenceItem {
  /** `validation_bundle`, `rc_summary`, …: docs/guides/evidence.md. */
  readonly role: string;
  readonly artifact: ArtifactId;
}

export interface CandidateRecord {
  readonly schema: 'cairn.candidate/1';
  readonly run: RunId;
  readonly signalName: string;
  /** The primary horizon, in bars. */
  readonly horizon: number;
  readonly estimator?: string;
  readonly familyId?: string;
  /** `datasetIdV2` of the run, or what the creator claims instead. */
  readonly datasetId: string;
  /** SHA-256 of the canonical parameters of the run. */
  readonly configHash: string;
  /** Sorted by role, then artifact; each once. */
  readonly evidence: readonly EvidenceItem[];
  /** Free text is erasable: it lies in a payload. */
  readonly notes?: PayloadId;
}

export function candidateBytes(candidate: CandidateRecord): Uint8Array {
  return canonicalBytes(candidate);
}
