/**
 * cairn.dataset/1: content identity of a set of artifacts, independent of where they lie and of the order they are named in.
 *
 * The id is the SHA-256 of the canonical JSON of `{schema: "cairn.dataset/1", entries: [{type, schemaVersion, logicalKey,
 * algorithm, sha256}, …]}`, entries sorted by these fields in this order (texts by UTF-8 bytes) and each named once.
 * Whether an order was declared is not in the hash: it only decides the mode.
 */
import { compareUtf8 } from './bytes.ts';
import { canonicalize } from './canonical-json.ts';
import type { DatasetIdentity } from './run-key.ts';
import { sha256Hex } from './sha256.ts';

export interface DatasetEntry {
  readonly type: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  /** `file`: sha256 of the bytes. `cairn.table/1`: sha256 of the table content. */
  readonly algorithm: 'file' | 'cairn.table/1';
  readonly sha256: string;
  /** For table content: the specification names sort keys, so the order is not that of the file. */
  readonly orderDeclared?: boolean;
}

export const datasetAlgorithm = 'cairn.dataset/1';

function compareEntries(left: DatasetEntry, right: DatasetEntry): number {
  return (
    compareUtf8(left.type, right.type) ||
    left.schemaVersion - right.schemaVersion ||
    compareUtf8(left.logicalKey, right.logicalKey) ||
    compareUtf8(left.algorithm, right.algorithm) ||
    compareUtf8(left.sha256, right.sha256)
  );
}

/** Identity of a dataset of artifacts; a set, so an entry given twice counts once, and it may be empty. */
export function datasetOfArtifacts(
  entries: readonly DatasetEntry[],
): DatasetIdentity & { readonly algorithm: typeof datasetAlgorithm } {
  const sorted = [...entries].sort(compareEntries);
  const unique = sorted.filter((entry, index) => {
    const previous = sorted[index - 1];
    return previous === undefined || compareEntries(previous, entry) !== 0;
  });
  const named = unique.map(({ type, schemaVersion, logicalKey, algorithm, sha256 }) => {
    return { type, schemaVersion, logicalKey, algorithm, sha256 };
  });
  const sha256 = sha256Hex(canonicalize({ schema: datasetAlgorithm, entries: named }));
  const strict = entries.every((entry) => entry.algorithm === 'file' || entry.orderDeclared === true);
  return { id: sha256, algorithm: datasetAlgorithm, mode: strict ? 'STRICT' : 'FAST_DEV', sha256 };
}
