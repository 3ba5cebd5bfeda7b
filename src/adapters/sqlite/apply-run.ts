/**
 * A run with everything it names: its row, its productions, inputs, edges, parents and typed values. The row is open while
 * they are written; the triggers let nothing be added to a closed run.
 */
import { canonicalize } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { configHash } from '../../core/run-key.ts';
import type { Fact, RunOutput } from '../../ports/manifest.ts';
import { addEvent } from './apply-events.ts';
import { type ArtifactPlan, artifactColumns, type PlannedArtifact } from './apply-objects.ts';
import type { ApplyState, ArtifactRow } from './apply-state.ts';
import { writeRunValues } from './apply-run-values.ts';
import { findObjects, inSlices, runIdOf } from './lookups.ts';
import { digestsOf } from './numbers.ts';

type RunFact = Extract<Fact, { kind: 'run' }>;

export interface RunPlan {
  readonly artifacts: ArtifactPlan;
  /** Run numbers of the runs that are new. */
  readonly runs: ReadonlyMap<string, number>;
}

/** What the batch's new runs will say, before any of its facts is applied. */
export function planRuns(state: ApplyState): RunPlan {
  const runs = new Map<string, number>();
  const artifacts = new Map<string, PlannedArtifact>();
  let next = (state.connection.value<number | null>('SELECT max(run_id) FROM run') ?? 0) + 1;
  for (const fact of state.batch.facts) {
    if (fact.kind !== 'run' || runs.has(fact.id) || runIdOf(state.connection, fact.id) !== undefined) continue;
    const run = next++;
    runs.set(fact.id, run);
    const produced = new Set(fact.outputs.map(({ artifact }) => artifact));
    for (const { id, record } of fact.artifacts) {
      const firstRun = artifacts.get(id)?.firstRun ?? (produced.has(id) ? run : undefined);
      artifacts.set(id, { record, firstRun });
    }
  }
  return { runs, artifacts };
}

const insertRun = `INSERT INTO run (run_id, record_id, seq, open, run_key, message_id, message, author, actor_id, created_utc, status,
  tree_id, outputs_id, output_count, engine_version, config_version, config_hash, dataset_id_v2, git_commit, git_dirty,
  schema_versions_json, plugin_manifest_json, has_edges, context_id)
  VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Returns false, and changes nothing, when the run is known. */
export function recordRun(state: ApplyState, fact: RunFact, plan: RunPlan): boolean {
  const { connection } = state;
  const run = plan.runs.get(fact.id);
  if (run === undefined || connection.value('SELECT 1 FROM run WHERE run_id = ?', run) !== undefined) return false;
  const { record } = fact;
  const seq = addEvent(state, fact.event);
  ensureArtifacts(state, fact, plan.artifacts);
  const identity = record.identity;
  connection.run(
    insertRun,
    run,
    state.object('record', fact.id),
    seq,
    record.runKey,
    state.object('record', record.message),
    fact.message ?? null,
    record.author,
    state.actor(record.actor),
    record.createdAt,
    record.status,
    state.object('record', record.tree),
    state.object('record', record.outputs),
    fact.outputs.length,
    identity.engineVersion,
    identity.configVersion,
    configHash(identity.params),
    datasetIdV2(record) ?? null,
    record.code.gitCommit ?? null,
    record.code.gitDirty === undefined ? null : Number(record.code.gitDirty),
    schemaVersions(fact),
    canonicalize(record.plugins),
    record.edges === undefined ? 0 : 1,
    record.context === undefined ? null : state.object('record', record.context),
  );
  writeProductions(state, run, fact.outputs);
  writeInputs(state, run, record);
  writeRunValues(state, run, record);
  connection.run('UPDATE run SET open = 0 WHERE run_id = ?', run);
  return true;
}

/** The external id when there is one, else that of the only dataset; several datasets have none between them. */
function datasetIdV2({ identity }: RunRecord): string | undefined {
  return identity.external?.datasetIdV2 ?? (identity.datasets.length === 1 ? identity.datasets[0]?.id : undefined);
}

/** Versions of the formats that the run wrote (the highest of a type) and of its pins that are versions of a format. */
function schemaVersions({ record: { identity }, artifacts, outputs }: RunFact): string {
  const produced = new Set<string>(outputs.map(({ artifact }) => artifact));
  const artifactTypes: { [type: string]: number } = {};
  for (const { id, record } of artifacts) {
    if (!produced.has(id)) continue;
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

/** Every artifact of the fact gets its row's columns, and `state.artifacts` knows all that the run names. */
function ensureArtifacts(state: ApplyState, fact: RunFact, plan: ArtifactPlan): void {
  const missing = new Set<string>();
  const note = (id: string): void => {
    if (!state.artifacts.has(id)) missing.add(id);
  };
  for (const { id } of fact.artifacts) note(id);
  for (const { artifact } of fact.outputs) note(artifact);
  for (const { artifact } of fact.record.inputs) note(artifact);
  for (const { child, parent } of fact.record.edges ?? []) {
    note(child);
    note(parent);
  }
  inSlices([...missing], 16_384, (slice) => {
    const columns = 'o.object_id, o.key, o.first_run';
    for (const [position, id, key, firstRun] of findObjects<[number, string | null, number | null]>(
      state.connection,
      1,
      digestsOf(slice),
      columns,
    )) {
      const hex = slice[position] as string;
      state.objectRows.record.set(hex, id);
      if (key !== null) state.artifacts.set(hex, { id, key, firstRun: firstRun ?? undefined });
    }
  });
  for (const hex of missing) {
    if (state.artifacts.has(hex)) continue;
    const planned = plan.get(hex);
    if (planned === undefined) {
      throw new CodedError('OBJECT_NOT_FOUND', `run ${fact.id} names artifact ${hex}, whose record is not known`, {
        data: { run: fact.id, artifact: hex },
      });
    }
    makeArtifact(state, hex, planned);
  }
}

/** The record's row exists, or is made as absent; now it becomes an artifact's. */
function makeArtifact(state: ApplyState, hex: string, planned: PlannedArtifact): void {
  const { record } = planned;
  const blob = state.object('blob', record.file.sha256, record.file.size);
  const id = state.object('record', hex);
  const columns = artifactColumns(state, { record, firstRun: undefined }, blob === id - 1 ? null : blob);
  state.connection.run(
    'UPDATE object SET blob_id = ?, type_id = ?, version = ?, key = ?, key_hash = ? WHERE object_id = ?',
    columns.blobId,
    columns.typeId,
    columns.version,
    columns.key,
    columns.keyHash,
    id,
  );
  state.artifacts.set(hex, { id, key: columns.key, firstRun: undefined });
}

function known(state: ApplyState, artifact: ArtifactId): ArtifactRow {
  return state.artifacts.get(artifact) as ArtifactRow;
}

function writeProductions(state: ApplyState, run: number, outputs: readonly RunOutput[]): void {
  const { connection } = state;
  const usual: number[] = [];
  const paths = new Set<string>();
  const insert = connection.prepare('INSERT INTO production (run_id, artifact_id, path_id, again) VALUES (?, ?, ?, ?)');
  for (const { path, artifact } of outputs) {
    if (paths.has(path)) {
      throw new CodedError('RECORD_INVALID', `a run has two outputs at ${JSON.stringify(path)}`, { data: { path } });
    }
    paths.add(path);
    const row = known(state, artifact);
    if (row.firstRun === undefined) {
      connection.run('UPDATE object SET first_run = ? WHERE object_id = ?', run, row.id);
      row.firstRun = run;
    }
    if (path === row.key && row.firstRun === run) usual.push(row.id);
    else insert.run(run, row.id, path === row.key ? 0 : state.text(path), row.firstRun === run ? 0 : 1);
  }
  if (usual.length === 0) return;
  usual.sort((left, right) => left - right);
  connection.run(
    'INSERT INTO production (run_id, artifact_id, path_id, again) SELECT @run, value, 0, 0 FROM json_each(@ids)',
    { run, ids: JSON.stringify(usual) },
  );
}

function writeInputs(state: ApplyState, run: number, record: RunRecord): void {
  const { connection } = state;
  const insert = connection.prepare(
    'INSERT INTO run_input (run_id, ordinal, artifact_id, relation_id, path_id, producer_id) VALUES (?, ?, ?, ?, ?, ?)',
  );
  record.inputs.forEach((input, ordinal) => {
    insert.run(
      run,
      ordinal,
      known(state, input.artifact).id,
      state.text(input.relation),
      input.path === undefined ? null : state.text(input.path),
      input.run === undefined ? null : state.object('record', input.run),
    );
  });
  const edges = new Set<string>();
  for (const { child, parent, relation } of record.edges ?? []) {
    const edge = `${child} ${parent} ${relation}`;
    if (edges.has(edge)) continue;
    edges.add(edge);
    connection.run(
      'INSERT INTO run_edge (run_id, child_id, parent_id, relation_id) VALUES (?, ?, ?, ?)',
      run,
      known(state, child).id,
      known(state, parent).id,
      state.text(relation),
    );
  }
}
