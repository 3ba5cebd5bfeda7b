/**
 * The identity of a publication: what was published, from what, and how. Saying it again adds nothing.
 *
 * The id is the SHA-256 of the canonical JSON of `{schema: "cairn.publication/1", artifact, blob, runKey, inputs, writer,
 * code, tags}`: the artifact that stands for what was published, the bytes that were produced (another blob than the
 * artifact's where only the table content is the same), inputs as `{artifact, relation}` sorted by both and each once, code
 * as `{gitCommit?, gitDirty?}`. Time, host, author and path are no part of it.
 */
import { compareUtf8 } from './bytes.ts';
import { canonicalize } from './canonical-json.ts';
import type { ArtifactId, BlobId, PublicationId, RunKey } from './ids.ts';
import { sha256Hex } from './sha256.ts';

export interface Publication {
  readonly artifact: ArtifactId;
  readonly blob: BlobId;
  readonly runKey: RunKey;
  readonly inputs: readonly { readonly artifact: ArtifactId; readonly relation: string }[];
  readonly writer: { readonly name: string; readonly version: string };
  readonly code: { readonly gitCommit?: string; readonly gitDirty?: boolean };
  readonly tags: { readonly [name: string]: string };
}

function sortedInputs(inputs: Publication['inputs']): Publication['inputs'] {
  const named = new Map(inputs.map(({ artifact, relation }) => [`${artifact} ${relation}`, { artifact, relation }]));
  return [...named.values()].sort(
    (left, right) => compareUtf8(left.artifact, right.artifact) || compareUtf8(left.relation, right.relation),
  );
}

/** `hash` is a quicker SHA-256, where there is one. Throws BAD_JSON for a text that canonical JSON cannot hold. */
export function publicationId(publication: Publication, hash: (text: string) => string = sha256Hex): PublicationId {
  const { artifact, blob, runKey, inputs, writer, code, tags } = publication;
  const named = {
    schema: 'cairn.publication/1',
    artifact,
    blob,
    runKey,
    inputs: sortedInputs(inputs).map(({ artifact: input, relation }) => ({ artifact: input, relation })),
    writer: { name: writer.name, version: writer.version },
    code: {
      ...(code.gitCommit === undefined ? {} : { gitCommit: code.gitCommit }),
      ...(code.gitDirty === undefined ? {} : { gitDirty: code.gitDirty }),
    },
    tags: { ...tags },
  };
  return hash(canonicalize(named)) as PublicationId;
}
