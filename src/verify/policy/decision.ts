/** What deciding gives: the parts of a report that follow from policy and facts, and how each check came out. */
import type { ActorId } from '../../core/ids.ts';
import type { JsonValue } from '../../core/json-value.ts';
import type { ApprovalRequirement, Finding, Waiver } from '../../core/records/report.ts';

export type CheckOutcome = 'pass' | 'block' | 'warn' | 'waived' | 'skipped' | 'undecided';

/** One check as it was made: for `policy test` and for people. */
export interface CheckTrace {
  readonly check: string;
  readonly outcome: CheckOutcome;
  readonly role?: string;
  /** What is wrong, or why it was skipped. */
  readonly message?: string;
  /** Single values that its expressions read, by path, in the order of reading; at most 50. Numbers as core/lossless-json.ts writes them. */
  readonly values: readonly { readonly path: string; readonly value: JsonValue }[];
}

export interface Decision {
  readonly passed: boolean;
  /** Empty exactly when `passed`. */
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly metrics: { readonly [name: string]: JsonValue };
  readonly thresholds: { readonly [name: string]: JsonValue };
  readonly approvals: readonly ApprovalRequirement[];
  /** Sorted, each once. */
  readonly interested: readonly ActorId[];
  /** Those that took effect. */
  readonly waivers: readonly Waiver[];
  readonly checks: readonly CheckTrace[];
}
