/** The artifact id of a staged file, computed without storing anything. */
import type { ArtifactId } from '../../core/ids.ts';
import { artifactText, defaultArtifactType } from '../../core/records/artifact.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { StagedEntry } from '../../ports/workspace.ts';

export function artifactIdOf(entry: StagedEntry): ArtifactId {
  return sha256Hex(
    artifactText(
      entry.type ?? defaultArtifactType,
      entry.schemaVersion ?? 1,
      entry.logicalKey ?? entry.path,
      entry.blob ?? '',
      entry.size ?? 0,
    ),
  ) as ArtifactId;
}
