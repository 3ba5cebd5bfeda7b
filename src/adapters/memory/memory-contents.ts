/** Table contents and publications: every run is asked, newest or oldest first as the question wants it. */
import type { ArtifactId, BlobId, ObjectId, PublicationId, RunId } from '../../core/ids.ts';
import type { ArtifactContent, ContentQuestion, NamedContentRecord } from '../../ports/manifest.ts';
import type { MemoryTables } from './memory-tables.ts';

/** Records that lineage keeps for a content. */
export function namedByContent({ id, record }: NamedContentRecord): ObjectId[] {
  return [id, record.spec];
}

export function newestContent(tables: MemoryTables, blob: BlobId): ArtifactContent | undefined {
  for (const { contents } of tables.runsNewestFirst()) {
    const newest = contents.findLast(({ record }) => record.blob === blob);
    if (newest === undefined) continue;
    const { sha256, spec, rows, minTs, maxTs } = newest.record;
    return { sha256, spec, rows, minTs, maxTs };
  }
  return undefined;
}

/** The first by production; of several that one run produced, the one with the lowest id. */
export function artifactWithContent(tables: MemoryTables, question: ContentQuestion): ArtifactId | undefined {
  const { type, schemaVersion, logicalKey, spec, sha256 } = question;
  const runs = tables.runsNewestFirst().reverse();
  const blobs = new Set(
    runs.flatMap(({ contents }) =>
      contents.flatMap(({ record }) => (record.spec === spec && record.sha256 === sha256 ? [record.blob] : [])),
    ),
  );
  const answers = (id: ArtifactId): boolean => {
    const record = tables.artifacts.get(id);
    return (
      record?.type === type &&
      record.schemaVersion === schemaVersion &&
      record.logicalKey === logicalKey &&
      blobs.has(record.file.sha256)
    );
  };
  for (const { outputs } of runs) {
    const [first] = outputs
      .map(({ artifact }) => artifact)
      .filter(answers)
      .sort();
    if (first !== undefined) return first;
  }
  return undefined;
}

export function publicationIn(tables: MemoryTables, publication: PublicationId): RunId | undefined {
  for (const { id, record } of tables.runs.values()) if (record.publication === publication) return id;
  return undefined;
}
