/**
 * Evidence by role: what a file of each role holds, as it is read. docs/guides/evidence.md explains every role with a complete
 * example, and evidence-schemas.ts has the fields. A role outside this list may be given too; it is then read without a schema.
 */
import type { LosslessValue } from '../lossless-json.ts';

export const evidenceRoles = [
  'validation_bundle',
  'rc_summary',
  'regime_summary',
  'execution_evidence',
  'capacity_curve',
  'fold_causality_attestation',
  'split_plan',
] as const;
export type EvidenceRole = (typeof evidenceRoles)[number];

/** How the bytes are read. `opaque` bytes are pinned by their hash and not read. */
export const evidenceFormats = ['json', 'csv', 'opaque'] as const;
export type EvidenceFormat = (typeof evidenceFormats)[number];

/** Where a value is not what the role's schema says. */
export interface EvidenceFault {
  /** `$.meta.run_key`. */
  readonly path: string;
  readonly why: string;
}

/**
 * What reading gave: the value with its faults (none: it fits its schema), or why it cannot be read. Tables (regime summary,
 * capacity curve) are a list of rows, whatever they were written as; opaque evidence is null.
 */
export type EvidenceContent =
  | { readonly value: LosslessValue; readonly faults: readonly EvidenceFault[] }
  | { readonly error: string };

export function isEvidenceRole(role: string): role is EvidenceRole {
  return evidenceRoles.some((known) => known === role);
}

/** Roles whose file is a table: CSV or JSON. */
export const tableRoles: readonly string[] = ['regime_summary', 'capacity_curve'] satisfies EvidenceRole[];

/** How a file of a role is read, by its name: a capacity curve may be a picture; everything that is checked is JSON or CSV. */
export function evidenceFormat(role: string, name: string): EvidenceFormat {
  const lower = name.toLowerCase();
  if (lower.endsWith('.json')) return 'json';
  if (lower.endsWith('.csv') && (tableRoles.includes(role) || !isEvidenceRole(role))) return 'csv';
  return role === 'capacity_curve' || !isEvidenceRole(role) ? 'opaque' : 'json';
}
