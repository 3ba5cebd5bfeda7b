/**
 * cairn.policy/1: what each level requires, normalised: everything that a policy file leaves out or inherits is written out, so
 * that the record alone says what was decided by. Its id is its digest, and stands in every report.
 *
 * `parsePolicy` (core/policy-file/parse-policy.ts) makes it from a file; verify/policy/decide.ts applies it.
 */
import { canonicalBytes } from '../canonical-json.ts';
import type { ApprovalRequirement, Level } from './report.ts';

/** A number, a text, true or false, a list of these; null switches off what depends on it. */
export type Threshold = null | boolean | number | string | readonly (boolean | number | string)[];
export type Thresholds = { readonly [name: string]: Threshold };

/** Versions that evidence must carry, and that must be those of the candidate's run. */
export const policyPins = [
  'dataset_id_v2',
  'run_key',
  'engine_version',
  'config_version',
  'research_spec_version',
  'pipeline_contract_version',
] as const;
export type PolicyPin = (typeof policyPins)[number];

export const independentRoles = ['creator', 'runActor', 'evaluator', 'evidenceProducer'] as const;
export type IndependentRole = (typeof independentRoles)[number];

export type Severity = 'block' | 'warn';

export interface Waivable {
  /** A check's id or an evidence role. */
  readonly subject: string;
  /** Who may waive it: one of these roles. */
  readonly roles: readonly string[];
  readonly reasonRequired: boolean;
}

export interface LevelPolicy {
  /** `warn`: whatever would block is a warning, and the level always passes. */
  readonly enforce: Severity;
  /** Roles that must be in evidence, sorted. */
  readonly evidence: readonly string[];
  /** Sorted. */
  readonly pins: readonly PolicyPin[];
  /** All thresholds that hold at this level. */
  readonly thresholds: Thresholds;
  readonly approvals: readonly ApprovalRequirement[];
  /** Whoever acted as one of these does not count as an approver. Sorted. */
  readonly independent: readonly IndependentRole[];
  readonly waivable: readonly Waivable[];
}

export interface PolicyCheck {
  readonly id: string;
  /** Levels at which it is made, in the order of `levels`. */
  readonly levels: readonly Level[];
  /** CEL; left out: always. */
  readonly when?: string;
  /** CEL: true when all is well. */
  readonly assert: string;
  /** What is wrong, with `{path.of.a.value}` for values; `{{` and `}}` are braces. */
  readonly message: string;
  readonly severity: Severity;
  /** Role of the evidence that it is about. */
  readonly role?: string;
}

/** A program that is asked too: JSON on stdin, its decision on stdout. What it said is among the facts. */
export interface PolicyProgram {
  readonly id: string;
  readonly argv: readonly string[];
  /** SHA-256 of the program's file: another one blocks. */
  readonly sha256: string;
  readonly levels: readonly Level[];
}

export interface PolicyRecord {
  readonly schema: 'cairn.policy/1';
  readonly name: string;
  readonly version: string;
  readonly levels: { readonly [level in Level]: LevelPolicy };
  /** In the order in which they are made. */
  readonly checks: readonly PolicyCheck[];
  readonly programs: readonly PolicyProgram[];
}

export function policyBytes(policy: PolicyRecord): Uint8Array {
  return canonicalBytes(policy);
}
