/** What a run's files become: an artifact record a file, and the leaves of its trees. */
import type { ArtifactId, BlobId } from '../../core/ids.ts';
import { type ArtifactRecord, artifactText, defaultArtifactType } from '../../core/records/artifact.ts';
import type { NamedArtifactRecord } from '../../ports/manifest.ts';
import type { StagedEntry } from '../../ports/workspace.ts';
import type { WriteSession } from '../objects/write-session.ts';
import type { Leaf } from './trees.ts';

export interface RecordedArtifact {
  readonly artifactId: ArtifactId;
  readonly path: string;
  readonly sha256: BlobId;
  readonly size: number;
  readonly type: string;
  readonly logicalKey: string;
}

export interface Outputs {
  readonly leaves: Map<string, Leaf>;
  readonly removed: readonly string[];
  readonly named: NamedArtifactRecord[];
  readonly artifacts: RecordedArtifact[];
}

export function makeArtifacts(session: WriteSession, changes: readonly StagedEntry[]): Outputs {
  const leaves = new Map<string, Leaf>();
  const removed: string[] = [];
  const named: NamedArtifactRecord[] = [];
  const artifacts: RecordedArtifact[] = [];
  for (const change of changes) {
    const { path } = change;
    if (change.kind === 'removal') removed.push(path);
    else if (change.kind === 'directory') leaves.set(path, { kind: 'directory' });
    else if (change.kind === 'link') leaves.set(path, { kind: 'link', target: change.target ?? '' });
    else {
      const record: ArtifactRecord = {
        schema: 'cairn.artifact/1',
        type: change.type ?? defaultArtifactType,
        schemaVersion: change.schemaVersion ?? 1,
        logicalKey: change.logicalKey ?? path,
        file: { sha256: change.blob as BlobId, size: change.size ?? 0 },
      };
      const { type, schemaVersion, logicalKey, file } = record;
      const id = session.record<ArtifactId>(artifactText(type, schemaVersion, logicalKey, file.sha256, file.size));
      leaves.set(path, { kind: 'file', artifact: id, executable: change.executable === true });
      named.push({ id, record });
      artifacts.push({ artifactId: id, path, sha256: file.sha256, size: file.size, type, logicalKey });
    }
  }
  return { leaves, removed: removed.sort(), named, artifacts };
}
