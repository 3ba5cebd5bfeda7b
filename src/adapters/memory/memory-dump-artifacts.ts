/** The dump's rows of artifacts: how they were made, what they derive from, their status. */
import { compareUtf8 } from '../../core/bytes.ts';
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import type { ArtifactId, BlobId } from '../../core/ids.ts';
import { outputsOf } from './memory-artifacts.ts';
import { newestContent } from './memory-contents.ts';
import { datasetIdOf } from './memory-runs.ts';
import type { MemoryTables, StoredRun } from './memory-tables.ts';

export type DumpRow = { readonly [column: string]: JsonValue };

/** Strings that are ids or ASCII names sort as they are; nothing else is a sort key here but paths and names. */
export function by<Item>(...keys: ((item: Item) => string | number)[]): (left: Item, right: Item) => number {
  return (left, right) => {
    for (const key of keys) {
      const [a, b] = [key(left), key(right)];
      const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareUtf8(String(a), String(b));
      if (order !== 0) return order;
    }
    return 0;
  };
}

export function artifactIds(tables: MemoryTables): ArtifactId[] {
  return [...tables.artifacts.entries()].map(([id]) => id).sort();
}

export function edges(tables: MemoryTables, run: StoredRun): DumpRow[] {
  const found = new Map<string, DumpRow>();
  const add = (child: string, parent: string, relation: string): void => {
    const row = { child_artifact_id: child, parent_artifact_id: parent, relation, run_instance_id: run.id };
    found.set(`${child} ${parent} ${relation}`, row);
  };
  if (run.record.edges !== undefined)
    for (const { child, parent, relation } of run.record.edges) add(child, parent, relation);
  else {
    for (const output of outputsOf(tables, run.id)) {
      for (const { artifact, relation } of run.record.inputs) add(output.artifact, artifact, relation);
    }
  }
  return [...found].sort(by(([key]) => key)).map(([, row]) => row);
}

function contentColumns(tables: MemoryTables, blob: BlobId): DumpRow {
  const content = newestContent(tables, blob);
  return {
    content_hash: content?.sha256 ?? null,
    row_count: content?.rows ?? null,
    min_ts: content?.minTs ?? null,
    max_ts: content?.maxTs ?? null,
  };
}

export function schemaVersionsOf(tables: MemoryTables, { record: { identity }, outputs }: StoredRun): string {
  const artifactTypes: { [type: string]: number } = {};
  for (const { artifact } of outputs) {
    const record = tables.artifacts.get(artifact);
    if (record !== undefined)
      artifactTypes[record.type] = Math.max(artifactTypes[record.type] ?? 0, record.schemaVersion);
  }
  const { researchSpecVersion, pipelineContractVersion, seedVersion } = identity;
  return canonicalize({
    artifactTypes,
    seedVersion,
    ...(researchSpecVersion === undefined ? {} : { researchSpecVersion }),
    ...(pipelineContractVersion === undefined ? {} : { pipelineContractVersion }),
  });
}

export function lineage(tables: MemoryTables, run: StoredRun): DumpRow[] {
  const { identity, createdAt, runKey, plugins } = run.record;
  const versions = schemaVersionsOf(tables, run);
  return outputsOf(tables, run.id).flatMap(({ path, artifact }) => {
    const record = tables.artifacts.get(artifact);
    if (record === undefined) return [];
    return [
      {
        artifact_id: artifact,
        run_instance_id: run.id,
        run_key: runKey,
        dataset_id_v2: datasetIdOf(run) ?? null,
        artifact_type: record.type,
        relative_path: path,
        sha256: record.file.sha256,
        created_utc: createdAt,
        engine_version: identity.engineVersion,
        config_version: identity.configVersion,
        schema_versions_json: versions,
        plugin_manifest_json: canonicalize(plugins),
        schema_version: record.schemaVersion,
        logical_key: record.logicalKey,
        size: record.file.size,
        ...contentColumns(tables, record.file.sha256),
      },
    ];
  });
}

export function statuses(tables: MemoryTables): DumpRow[] {
  return artifactIds(tables).map((id) => {
    const state = tables.states.get(id);
    return {
      artifact_id: id,
      status: state?.status ?? 'active',
      superseded_by: state?.by ?? null,
      reason: state?.reason ?? null,
      erased: Number(state?.erased ?? false),
      event_id: state?.seq ?? null,
      changed_utc: timeOf(tables, state?.seq),
    };
  });
}

export function timeOf(tables: MemoryTables, seq: number | undefined): string | null {
  return (seq === undefined ? undefined : tables.events.get(seq)?.record.timestamp) ?? null;
}

export function artifacts(tables: MemoryTables): DumpRow[] {
  return artifactIds(tables).flatMap((id) => {
    const record = tables.artifacts.get(id);
    if (record === undefined) return [];
    return [
      {
        artifact_id: id,
        artifact_type: record.type,
        schema_version: record.schemaVersion,
        logical_key: record.logicalKey,
        status: tables.statusOf(id),
        file_hash: record.file.sha256,
        size: record.file.size,
        ...contentColumns(tables, record.file.sha256),
        created_at: tables.producers(id).at(-1)?.record.createdAt ?? null,
      },
    ];
  });
}
