/**
 * cairn.artifact/1: what a thing is. Nothing of when, where or by whom: the same file under the same type and key has
 * the same artifact id on every machine and in every version.
 */
import type { BlobId } from '../ids.ts';

export interface ArtifactRecord {
  readonly schema: 'cairn.artifact/1';
  /** Kind of thing: `file` unless said otherwise. */
  readonly type: string;
  /** Version of the type's own format, from 1. */
  readonly schemaVersion: number;
  /** What the thing is called by those who look for it; the workspace path unless said otherwise. */
  readonly logicalKey: string;
  readonly file: { readonly sha256: BlobId; readonly size: number };
}

export const defaultArtifactType = 'file';

/**
 * The canonical text of an artifact record. Written out because a commit of 20,000 files makes 20,000 of them; a test
 * holds it equal to `canonicalize`.
 */
export function artifactText(
  type: string,
  schemaVersion: number,
  logicalKey: string,
  sha256: string,
  size: number,
): string {
  return `{"file":{"sha256":"${sha256}","size":${size}},"logicalKey":${JSON.stringify(logicalKey)},"schema":"cairn.artifact/1","schemaVersion":${schemaVersion},"type":${JSON.stringify(type)}}`;
}
