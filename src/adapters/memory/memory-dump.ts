/** The dump from memory: the rows that the views of migrations/sqlite show, in the same order. */
import { compareUtf8, toHex, utf8Decode } from '../../core/bytes.ts';
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import type { ActorId, ArtifactId } from '../../core/ids.ts';
import { configHash } from '../../core/run-key.ts';
import type { Namespace } from '../../ports/manifest.ts';
import { outputsOf } from './memory-artifacts.ts';
import { datasetIdOf, isStale } from './memory-runs.ts';
import type { MemoryTables, StoredRun } from './memory-tables.ts';

type Row = { readonly [column: string]: JsonValue };
type Named = { has(namespace: Namespace, id: never): boolean };
const unknown = { content_hash: null, row_count: null, min_ts: null, max_ts: null };

/** Strings that are ids or ASCII names sort as they are; nothing else is a sort key here but paths and names. */
function by<Item>(...keys: ((item: Item) => string | number)[]): (left: Item, right: Item) => number {
  return (left, right) => {
    for (const key of keys) {
      const [a, b] = [key(left), key(right)];
      const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareUtf8(String(a), String(b));
      if (order !== 0) return order;
    }
    return 0;
  };
}

export function* dumpMemory(
  tables: MemoryTables,
  named: Named,
): Generator<{ readonly name: string; readonly row: Row }> {
  for (const [name, rows] of sections(tables, named)) for (const row of rows()) yield { name, row };
}

function sections(tables: MemoryTables, named: Named): [name: string, rows: () => Row[]][] {
  const runs = [...tables.runs.values()].sort(by((run) => run.id));
  const ofRuns = (rows: (run: StoredRun) => Row[]) => (): Row[] => runs.flatMap(rows);
  return [
    ['actors', () => actors(tables)],
    ['artifact_edges', ofRuns((run) => edges(tables, run))],
    ['artifact_lineage', ofRuns((run) => lineage(tables, run))],
    ['artifact_status', () => statuses(tables)],
    ['artifact_tags', () => artifactIds(tables).flatMap((id) => named2('artifact_id', id, tables.tags.get(id) ?? {}))],
    ['artifacts', () => artifacts(tables)],
    ['governance_events', () => events(tables)],
    ['holds', () => holds(tables)],
    ['objects', () => objects(tables, named)],
    ['ref_log', () => refLog(tables)],
    ['refs', () => refs(tables)],
    [
      'run_inputs',
      ofRuns(({ id, record }) =>
        record.inputs.map(({ artifact, relation, path, run }, ordinal) => {
          const producer = run ?? null;
          return {
            run_instance_id: id,
            ordinal,
            artifact_id: artifact,
            relation,
            path: path ?? null,
            producer_run_instance_id: producer,
          };
        }),
      ),
    ],
    ['run_metrics', ofRuns(({ id, record }) => named2('run_instance_id', id, record.metrics))],
    ['run_params', ofRuns(params)],
    [
      'run_parents',
      ofRuns(({ id, record }) =>
        record.parents.map((parent, ordinal) => ({ run_instance_id: id, ordinal, parent_run_instance_id: parent })),
      ),
    ],
    [
      'run_relations',
      ofRuns(({ id, record }) =>
        record.relations.map(({ run, relation }, ordinal) => ({
          run_instance_id: id,
          ordinal,
          other_run_instance_id: run,
          relation,
        })),
      ),
    ],
    [
      'run_removed',
      ofRuns(({ id, record }) =>
        [...new Set(record.removed)].sort(by((path) => path)).map((path) => ({ run_instance_id: id, path })),
      ),
    ],
    ['run_tags', ofRuns(({ id, record }) => named2('run_instance_id', id, record.tags))],
    ['runs', () => [...tables.runs.values()].sort(by((run) => run.seq)).map((run) => runRow(tables, run))],
  ];
}

/** One row a name, by name. */
function named2(column: string, id: string, values: { readonly [name: string]: JsonValue }): Row[] {
  const pairs = Object.entries(values).sort(by(([name]) => name));
  return pairs.map(([name, value]) => ({ [column]: id, name, value }));
}

function artifactIds(tables: MemoryTables): ArtifactId[] {
  return [...tables.artifacts.entries()].map(([id]) => id).sort();
}

function actors(tables: MemoryTables): Row[] {
  const known = [...tables.actors.values()].sort(by(({ id }) => id));
  return known.map(({ id, name, mail, roles }) => ({ actor_id: id, name, mail, roles_json: canonicalize(roles) }));
}

function edges(tables: MemoryTables, run: StoredRun): Row[] {
  const found = new Map<string, Row>();
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

function lineage(tables: MemoryTables, run: StoredRun): Row[] {
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
        ...unknown,
      },
    ];
  });
}

function statuses(tables: MemoryTables): Row[] {
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

function timeOf(tables: MemoryTables, seq: number | undefined): string | null {
  return (seq === undefined ? undefined : tables.events.get(seq)?.record.timestamp) ?? null;
}

function artifacts(tables: MemoryTables): Row[] {
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
        ...unknown,
        created_at: tables.producers(id).at(-1)?.record.createdAt ?? null,
      },
    ];
  });
}

export function actorText(tables: MemoryTables, id: ActorId): string | undefined {
  const actor = tables.actors.get(id);
  return actor === undefined ? undefined : `${actor.name} <${actor.mail}>`;
}

function events(tables: MemoryTables): Row[] {
  return [...tables.events.values()].map(({ id, record, bytes, leafHash }) => {
    const { kind, id: subject } = record.subject;
    const run = kind === 'run' ? tables.runs.get(subject as never) : undefined;
    const own = run?.seq === record.seq ? run : undefined;
    return {
      event_id: record.seq,
      event_sha256: id,
      timestamp: record.timestamp,
      actor: actorText(tables, record.actor) ?? record.actor,
      action: record.action,
      candidate_id: null,
      eligibility_report_id: null,
      run_key: own?.record.runKey ?? null,
      dataset_id_v2: (own === undefined ? undefined : datasetIdOf(own)) ?? null,
      artifact_refs_json: kind === 'artifact' ? JSON.stringify([subject]) : '[]',
      subject_kind: kind,
      subject_id: subject,
      actor_id: record.actor,
      record: utf8Decode(bytes),
      leaf_hash: toHex(leafHash),
    };
  });
}

function holds(tables: MemoryTables): Row[] {
  const held = [...tables.holds.values()].sort(
    by(
      ({ subject }) => subject.kind,
      ({ subject }) => subject.id,
    ),
  );
  return held.map(({ subject, reason, seq }) => ({
    subject_kind: subject.kind,
    subject_id: subject.id,
    reason: reason ?? null,
    since: timeOf(tables, seq),
    event_id: seq,
  }));
}

function objects(tables: MemoryTables, named: Named): Row[] {
  const shown = [...tables.objects.values()].filter(({ namespace, id }) => named.has(namespace, id as never));
  return shown
    .sort(
      by(
        ({ namespace }) => namespace,
        ({ id }) => id,
      ),
    )
    .map(({ namespace, id, size, location }) => {
      return { namespace, sha256: id, size: namespace === 'record' && location.kind === 'absent' ? null : size };
    });
}

function refLog(tables: MemoryTables): Row[] {
  return [...tables.moves.values()]
    .sort(by(({ seq }) => seq))
    .map(({ seq, name, from, to, message, timestamp, actor }) => ({
      event_id: seq,
      name,
      from_run_instance_id: from ?? null,
      to_run_instance_id: to ?? null,
      message: message ?? null,
      timestamp,
      actor_id: actor,
    }));
}

function refs(tables: MemoryTables): Row[] {
  const present = [...tables.refs.entries()]
    .filter(([, { target }]) => target !== undefined)
    .sort(by(([name]) => name));
  return present.map(([name, { target, seq }]) => ({ name, run_instance_id: target ?? null, event_id: seq }));
}

function params({ id, record }: StoredRun): Row[] {
  const pairs = Object.entries(record.identity.params).sort(by(([name]) => name));
  return pairs.map(([name, value]) => ({ run_instance_id: id, name, ...typed(value) }));
}

function typed(value: JsonValue): { type: string; value: JsonValue } {
  if (value === null) return { type: 'null', value };
  if (typeof value === 'boolean') return { type: String(value), value: Number(value) };
  if (typeof value === 'string') return { type: 'text', value };
  if (typeof value === 'number') return { type: Number.isSafeInteger(value) ? 'integer' : 'real', value };
  return { type: Array.isArray(value) ? 'array' : 'object', value: canonicalize(value) };
}

function runRow(tables: MemoryTables, run: StoredRun): Row {
  const { id, seq, record, message } = run;
  const { identity, code } = record;
  const retirement = tables.retirements.get(id);
  return {
    run_instance_id: id,
    event_id: seq,
    run_key: record.runKey,
    message: message ?? null,
    author: record.author,
    actor_id: record.actor,
    created_utc: record.createdAt,
    status: record.status,
    tree: record.tree,
    outputs: record.outputs,
    output_count: run.outputs.length,
    engine_version: identity.engineVersion,
    config_version: identity.configVersion,
    config_hash: configHash(identity.params),
    dataset_id_v2: datasetIdOf(run) ?? null,
    git_commit: code.gitCommit ?? null,
    git_dirty: code.gitDirty === undefined ? null : Number(code.gitDirty),
    schema_versions_json: schemaVersionsOf(tables, run),
    plugin_manifest_json: canonicalize(record.plugins),
    retired: Number(retirement !== undefined),
    retired_reason: retirement?.reason ?? null,
    stale: Number(isStale(tables, run)),
  };
}
