/**
 * cairn.report/1: the outcome of one evaluation of a candidate for a level. Immutable; the same evidence, policy and time give
 * the same report everywhere.
 */
import { canonicalBytes } from '../canonical-json.ts';
import type { ActorId, ArtifactId, CandidateId, FactsId, PolicyId, RunId, RunKey } from '../ids.ts';
import type { JsonValue } from '../json-value.ts';
import type { Timestamp } from '../time.ts';

export const levels = ['exploratory', 'candidate', 'accepted'] as const;
export type Level = (typeof levels)[number];

/** One thing that is wrong, in words of its own. */
export interface Finding {
  /** Which check says so: stable, lower case with underscores. */
  readonly check: string;
  readonly message: string;
  /** Role of the evidence that it is about, when it is about one. */
  readonly role?: string;
}

/** So many different, independent people with this role must have signed. */
export interface ApprovalRequirement {
  readonly role: string;
  readonly count: number;
}

export interface Waiver {
  /** The check or evidence role that is waived. */
  readonly subject: string;
  readonly reason: string;
  readonly by: ActorId;
}

export interface ReportRecord {
  readonly schema: 'cairn.report/1';
  readonly candidate: CandidateId;
  readonly level: Level;
  readonly passed: boolean;
  /** Empty exactly when `passed`. */
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Values of the primary horizon that the decision rests on, by name. */
  readonly metrics: { readonly [name: string]: JsonValue };
  readonly thresholds: { readonly [name: string]: JsonValue };
  readonly policy: PolicyId;
  readonly facts: FactsId;
  /** Artifacts that were read, sorted. */
  readonly evidence: readonly ArtifactId[];
  readonly runKey: RunKey;
  readonly runInstanceId: RunId;
  readonly datasetIdV2?: string;
  readonly engineVersion: string;
  readonly configVersion: string;
  readonly approvals: readonly ApprovalRequirement[];
  /** Who may not approve: the people behind the roles that the policy wants independent, sorted. */
  readonly interested: readonly ActorId[];
  readonly waivers: readonly Waiver[];
  readonly evaluator: ActorId;
  readonly evaluatedAt: Timestamp;
}

export function reportBytes(report: ReportRecord): Uint8Array {
  return canonicalBytes(report);
}
