/** What came of a publication, as programs are told. */
import { type CodedError, isCodedError } from '../core/errors.ts';
import type { ArtifactId, BlobId, RunId, TableHash } from '../core/ids.ts';
import type { Published } from '../store/publish/request.ts';

export interface PublishArtifactResult {
  readonly success: boolean;
  /** The artifact was there already. */
  readonly deduped: boolean;
  /** How it was recognised; null for what is new. */
  readonly mode: 'file_hash' | 'content_hash' | null;
  /** `artifactId` again when it was there already. */
  readonly existingArtifactId: ArtifactId | null;
  /** The artifact that stands for what was published. */
  readonly artifactId: ArtifactId | null;
  /** Where other programs can read the bytes in place; null unless they are a file of their own, stored as it is. */
  readonly path: string | null;
  readonly pathParquet: string | null;
  /** The sidecar that was asked for. */
  readonly pathSidecar: string | null;
  readonly error: PublishError | null;
  readonly status: 'active' | 'superseded' | null;
  /** The run that records this publication. */
  readonly runInstanceId: RunId | null;
  /** This publication was known, and nothing was added. */
  readonly repeated: boolean;
  readonly supersededArtifactId: ArtifactId | null;
  /** SHA-256 of the file that was published. */
  readonly fileHash: BlobId | null;
  readonly contentHash: TableHash | null;
  readonly rowCount: number | null;
  /** Remarks for people. */
  readonly notes: readonly string[];
}

export interface PublishError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly data: { readonly [name: string]: unknown };
}

export function resultOf(published: Published, path: string | null, pathSidecar: string | null): PublishArtifactResult {
  const { artifact, mode, status, run, repeated, superseded, blob, content, notes } = published;
  return {
    success: true,
    deduped: mode !== undefined,
    mode: mode ?? null,
    existingArtifactId: mode === undefined ? null : artifact,
    artifactId: artifact,
    path,
    pathParquet: path,
    pathSidecar,
    error: null,
    status,
    runInstanceId: run,
    repeated,
    supersededArtifactId: superseded ?? null,
    fileHash: blob,
    contentHash: content?.sha256 ?? null,
    rowCount: content?.rows ?? null,
    notes,
  };
}

/** A failure as a result says it. Rethrows what is no failure of a request. */
export function failedResult(error: unknown): PublishArtifactResult {
  if (!isCodedError(error)) throw error;
  return {
    success: false,
    deduped: false,
    mode: null,
    existingArtifactId: null,
    artifactId: null,
    path: null,
    pathParquet: null,
    pathSidecar: null,
    error: publishError(error),
    status: null,
    runInstanceId: null,
    repeated: false,
    supersededArtifactId: null,
    fileHash: null,
    contentHash: null,
    rowCount: null,
    notes: [],
  };
}

export function publishError({ code, message, hint, data }: CodedError): PublishError {
  return { code, message, hint: hint ?? null, data };
}
