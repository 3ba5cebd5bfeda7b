/**
 * cairn.content/1: the table content of a blob under a specification. Derived from the blob, and kept beside the artifact
 * because it says what the blob said even when the blob itself was never stored (a publication that was known by content).
 */
import { canonicalBytes } from '../canonical-json.ts';
import type { BlobId, TableHash, TableSpecId } from '../ids.ts';

export const tableAlgorithm = 'cairn.table/1';

export interface ContentRecord {
  readonly schema: 'cairn.content/1';
  readonly blob: BlobId;
  readonly spec: TableSpecId;
  readonly algorithm: typeof tableAlgorithm;
  readonly sha256: TableHash;
  /** Number of rows. */
  readonly rows: number;
  /** First and last value of the time column that is not null, as core/table-content writes times. */
  readonly minTs?: string;
  readonly maxTs?: string;
}

export function contentBytes(content: ContentRecord): Uint8Array {
  return canonicalBytes(content);
}
