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
import { matchContents, writeContents } from './apply-contents.ts';
import { addEvent } from './apply-events.ts';
import { type ArtifactPlan, artifactColumns, giveSize, type PlannedArtifact } from './apply-objects.ts';
import { writeRunValues } from './apply-run-values.ts';
import type { ApplyState, ArtifactRow } from './apply-state.ts';
import { findObjects, inSlices } from './lookups.ts';
import { digestsOf } from './numbers.ts';
import type { RunPlan } from './plan-runs.ts';

type RunFact = Extract<Fact, { kind: 'run' }>;

const insertRun = `INSERT INTO run (run_id, record_id, seq, open, run_key, message_id, message, author, actor_id, created_utc, status,
  tree_id, outputs_id, output_count, engine_version, config_version, config_hash, dataset_id_v2, git_commit, git_dirty,
  schema_versions_json, plugin_manifest_json, has_edges, context_id, publication)
  VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

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
    schemaVersions(state, fact, plan.artifacts),
    canonicalize(record.plugins),
    record.edges === undefined ? 0 : 1,
    record.context === undefined ? null : state.object('record', record.context),
    record.publication === undefined ? null : Buffer.from(record.publication, 'hex'),
  );
  writeProductions(state, run, fact.outputs, plan.artifacts);
  writeContents(state, run, fact);
  matchContents(state, run, fact, plan.artifacts);
  writeInputs(state, run, record, plan.artifacts);
  writeRunValues(state, run, record);
  connection.run('UPDATE run SET open = 0 WHERE run_id = ?', run);
  return true;
}

/** The external id when there is one, else that of the only dataset; several datasets have none between them. */
function datasetIdV2({ identity }: RunRecord): string | undefined {
  return identity.external?.datasetIdV2 ?? (identity.datasets.length === 1 ? identity.datasets[0]?.id : undefined);
}

/** Versions of the formats that the run wrote (the highest of a type) and of its pins that are versions. */
function schemaVersions(state: ApplyState, { record: { identity }, outputs }: RunFact, plan: ArtifactPlan): string {
  const highest = new Map<string, number>();
  for (const { artifact } of outputs) {
    const { type, version } = artifactOf(state, plan, artifact);
    if (version > (highest.get(type) ?? 0)) highest.set(type, version);
  }
  const { researchSpecVersion, pipelineContractVersion, seedVersion } = identity;
  return canonicalize({
    artifactTypes: Object.fromEntries(highest),
    seedVersion,
    ...(researchSpecVersion === undefined ? {} : { researchSpecVersion }),
    ...(pipelineContractVersion === undefined ? {} : { pipelineContractVersion }),
  });
}

/** Those of them that the store has are known to `artifactOf` afterwards. */
function findArtifacts(state: ApplyState, ids: readonly string[]): void {
  inSlices(ids, 16_384, (slice) => {
    const columns = 'o.object_id, o.key, o.first_run, t.text, o.version';
    for (const [position, row, key, firstRun, type, version] of findObjects<
      [number, string | null, number | null, string, number]
    >(state.connection, 1, digestsOf(slice), columns, 'LEFT JOIN text t ON t.text_id = o.type_id')) {
      const hex = slice[position] as string;
      state.objectRows.record.set(hex, row);
      if (key !== null) state.artifacts.set(hex, { row, key, type, version, firstRun: firstRun ?? undefined });
    }
  });
}

/** The artifacts that the batch's runs name, looked up at once: a batch of publications is many runs of one output. */
export function findNamedArtifacts(state: ApplyState, runs: ReadonlyMap<string, number>): void {
  const ids = new Set<string>();
  for (const fact of state.batch.facts) {
    if (fact.kind !== 'run' || !runs.has(fact.id)) continue;
    for (const { artifact } of fact.outputs) ids.add(artifact);
    for (const { artifact } of fact.record.inputs) ids.add(artifact);
  }
  findArtifacts(state, [...ids]);
}

/** Every artifact that the fact names gets its row's columns and is known to `artifactOf` afterwards. */
function ensureArtifacts(state: ApplyState, fact: RunFact, plan: ArtifactPlan): void {
  const missing = new Set<string>();
  const note = (id: string): void => {
    if (plan.get(id)?.row === undefined && !state.artifacts.has(id)) missing.add(id);
  };
  for (const { id } of fact.artifacts) note(id);
  for (const { artifact } of fact.outputs) note(artifact);
  for (const { artifact } of fact.record.inputs) note(artifact);
  for (const { child, parent } of fact.record.edges ?? []) {
    note(child);
    note(parent);
  }
  findArtifacts(state, [...missing]);
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
function makeArtifact(state: ApplyState, hex: string, { record }: PlannedArtifact): void {
  const known = state.knownObject('blob', record.file.sha256);
  if (known !== undefined) giveSize(state, known, record.file.size);
  const blob = known ?? state.object('blob', record.file.sha256, record.file.size);
  const row = state.object('record', hex);
  const columns = artifactColumns(state, { record, firstRun: undefined, row }, blob === row - 1 ? null : blob);
  state.connection.run(
    'UPDATE object SET blob_id = ?, type_id = ?, version = ?, key = ?, key_hash = ? WHERE object_id = ?',
    columns.blobId,
    columns.typeId,
    columns.version,
    columns.key,
    columns.keyHash,
    row,
  );
  state.artifacts.set(hex, { row, key: columns.key, type: record.type, version: columns.version, firstRun: undefined });
}

/** An artifact that `ensureArtifacts` has seen. */
function artifactOf(state: ApplyState, plan: ArtifactPlan, id: ArtifactId): ArtifactRow {
  const known = state.artifacts.get(id);
  if (known !== undefined) return known;
  const { row, record, firstRun } = plan.get(id) as PlannedArtifact;
  return { row: row as number, key: record.logicalKey, type: record.type, version: record.schemaVersion, firstRun };
}

function writeProductions(state: ApplyState, run: number, outputs: readonly RunOutput[], plan: ArtifactPlan): void {
  const { connection } = state;
  const usual: number[] = [];
  const insert = connection.prepare('INSERT INTO production (run_id, artifact_id, path_id, again) VALUES (?, ?, ?, ?)');
  refuseRepeated(outputs);
  for (const { path, artifact } of outputs) {
    const known = artifactOf(state, plan, artifact);
    if (known.firstRun === undefined) {
      connection.run('UPDATE object SET first_run = ? WHERE object_id = ?', run, known.row);
      known.firstRun = run;
    }
    if (path === known.key && known.firstRun === run) usual.push(known.row);
    else insert.run(run, known.row, path === known.key ? 0 : state.text(path), known.firstRun === run ? 0 : 1);
  }
  if (usual.length < 4) {
    for (const row of usual) insert.run(run, row, 0, 0);
    return;
  }
  usual.sort((left, right) => left - right);
  connection.run(
    'INSERT INTO production (run_id, artifact_id, path_id, again) SELECT @run, value, 0, 0 FROM json_each(@ids)',
    { run, ids: JSON.stringify(usual) },
  );
}

/** A tree has one thing at a path. Outputs usually come in order, and then nothing needs to be remembered. */
function refuseRepeated(outputs: readonly RunOutput[]): void {
  if (outputs.every(({ path }, index) => index === 0 || (outputs[index - 1] as RunOutput).path < path)) return;
  const paths = new Set<string>();
  for (const { path } of outputs) {
    if (paths.has(path))
      throw new CodedError('RECORD_INVALID', `a run has two outputs at ${JSON.stringify(path)}`, { data: { path } });
    paths.add(path);
  }
}

function writeInputs(state: ApplyState, run: number, record: RunRecord, plan: ArtifactPlan): void {
  const { connection } = state;
  const insert = connection.prepare(
    'INSERT INTO run_input (run_id, ordinal, artifact_id, relation_id, path_id, producer_id) VALUES (?, ?, ?, ?, ?, ?)',
  );
  record.inputs.forEach((input, ordinal) => {
    insert.run(
      run,
      ordinal,
      artifactOf(state, plan, input.artifact).row,
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
      artifactOf(state, plan, child).row,
      artifactOf(state, plan, parent).row,
      state.text(relation),
    );
  }
}
