/** The dump from memory: the rows that the views of migrations/sqlite show, in the same order. */
import { toHex, utf8Decode } from '../../core/bytes.ts';
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import type { ActorId } from '../../core/ids.ts';
import { configHash } from '../../core/run-key.ts';
import type { Namespace } from '../../ports/manifest.ts';
import { rolesAt } from './memory-apply-actors.ts';
import {
  artifactIds,
  artifacts,
  by,
  type DumpRow,
  edges,
  lineage,
  schemaVersionsOf,
  statuses,
  timeOf,
} from './memory-dump-artifacts.ts';
import {
  actOf,
  approvalRows,
  candidateRows,
  governanceRefRows,
  keyRows,
  policyRows,
  promotionEventRows,
  reportRows,
} from './memory-dump-governance.ts';
import { acceptedRefs } from './memory-governance.ts';
import { datasetIdOf, isStale } from './memory-runs.ts';
import type { MemoryTables, StoredRun } from './memory-tables.ts';

type Named = { has(namespace: Namespace, id: never): boolean };

export function* dumpMemory(
  tables: MemoryTables,
  named: Named,
): Generator<{ readonly name: string; readonly row: DumpRow }> {
  for (const [name, rows] of sections(tables, named)) for (const row of rows()) yield { name, row };
}

function sections(tables: MemoryTables, named: Named): [name: string, rows: () => DumpRow[]][] {
  const runs = [...tables.runs.values()].sort(by((run) => run.id));
  const ofRuns = (rows: (run: StoredRun) => DumpRow[]) => (): DumpRow[] => runs.flatMap(rows);
  return [
    ['actor_keys', () => keyRows(tables)],
    ['actors', () => actors(tables)],
    ['approvals', () => approvalRows(tables)],
    ['artifact_edges', ofRuns((run) => edges(tables, run))],
    ['artifact_lineage', ofRuns((run) => lineage(tables, run))],
    ['artifact_status', () => statuses(tables)],
    ['artifact_tags', () => artifactIds(tables).flatMap((id) => named2('artifact_id', id, tables.tags.get(id) ?? {}))],
    ['artifacts', () => artifacts(tables)],
    ['eligibility_reports', () => reportRows(tables)],
    ['governance_events', () => events(tables)],
    [
      'governance_refs',
      () =>
        governanceRefRows(tables).sort(
          by(
            (row) => row['event_id'] as number,
            (row) => String(row['role']),
            (row) => String(row['artifact_id']),
          ),
        ),
    ],
    ['holds', () => holds(tables)],
    ['objects', () => objects(tables, named)],
    ['policies', () => policyRows(tables)],
    ['promotion_candidates', () => candidateRows(tables)],
    ['promotion_events', () => promotionEventRows(tables)],
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
function named2(column: string, id: string, values: { readonly [name: string]: JsonValue }): DumpRow[] {
  const pairs = Object.entries(values).sort(by(([name]) => name));
  return pairs.map(([name, value]) => ({ [column]: id, name, value }));
}

function actors(tables: MemoryTables): DumpRow[] {
  const known = [...tables.actors.values()].sort(by(({ id }) => id));
  return known.map(({ id, name, mail }) => ({
    actor_id: id,
    name,
    mail,
    roles_json: canonicalize(rolesAt(tables, id, Number.MAX_SAFE_INTEGER)),
  }));
}

export function actorText(tables: MemoryTables, id: ActorId): string | undefined {
  const actor = tables.actors.get(id);
  return actor === undefined ? undefined : `${actor.name} <${actor.mail}>`;
}

function events(tables: MemoryTables): DumpRow[] {
  return [...tables.events.values()].map(({ id, record, bytes, leafHash }) => {
    const { kind, id: subject } = record.subject;
    const run = kind === 'run' ? tables.runs.get(subject as never) : undefined;
    const acted = actOf(tables, record);
    const own = acted?.run ?? (run?.seq === record.seq ? run : undefined);
    return {
      event_id: record.seq,
      event_sha256: id,
      timestamp: record.timestamp,
      actor: actorText(tables, record.actor) ?? record.actor,
      action: record.action,
      candidate_id: acted?.candidate ?? null,
      eligibility_report_id: acted?.report ?? null,
      run_key: own?.record.runKey ?? null,
      dataset_id_v2: (own === undefined ? undefined : datasetIdOf(own)) ?? null,
      artifact_refs_json: canonicalize(kind === 'artifact' ? [subject] : (acted?.evidence ?? [])),
      subject_kind: kind,
      subject_id: subject,
      actor_id: record.actor,
      record: utf8Decode(bytes),
      leaf_hash: toHex(leafHash),
    };
  });
}

function holds(tables: MemoryTables): DumpRow[] {
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

function objects(tables: MemoryTables, named: Named): DumpRow[] {
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

function refLog(tables: MemoryTables): DumpRow[] {
  return [...tables.moves.values()]
    .sort(by(({ seq }) => seq))
    .map(({ seq, name, from, to, message, timestamp, actor, fromCandidate, toCandidate }) => ({
      event_id: seq,
      name,
      from_run_instance_id: from ?? null,
      to_run_instance_id: to ?? null,
      message: message ?? null,
      timestamp,
      actor_id: actor,
      from_candidate_id: fromCandidate ?? null,
      to_candidate_id: toCandidate ?? null,
    }));
}

function refs(tables: MemoryTables): DumpRow[] {
  const present = [...tables.refs.entries()]
    .filter(([, { target }]) => target !== undefined)
    .sort(by(([name]) => name));
  const accepted = new Map(acceptedRefs(tables, '').map((ref) => [ref.name, ref.candidate]));
  return present.map(([name, { target, seq }]) => ({
    name,
    run_instance_id: target ?? null,
    event_id: seq,
    candidate_id: accepted.get(name) ?? null,
  }));
}

function params({ id, record }: StoredRun): DumpRow[] {
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

function runRow(tables: MemoryTables, run: StoredRun): DumpRow {
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
