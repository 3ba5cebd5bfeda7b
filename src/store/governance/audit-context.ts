/** What an audit is given: a store to read, signatures to check, and a place for a manifest of its own. */
import type { CandidateEntry, Manifest, ReportEntry } from '../../ports/manifest.ts';
import type { CheckingContext } from './signing-context.ts';

/** An empty manifest that only the audit knows. */
export interface Scratch {
  readonly manifest: Manifest;
  /** Closes and removes it. */
  discard(): Promise<void>;
}

export type AuditContext = CheckingContext & { readonly scratchManifest: () => Promise<Scratch> };

/** A candidate that stands as candidate or accepted. */
export interface Standing {
  readonly entry: CandidateEntry;
  /** What the status stands on; undefined when it is not there, which is a finding of its own. */
  readonly report: ReportEntry | undefined;
}
