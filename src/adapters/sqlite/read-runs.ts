/** Runs as entries: one statement a table over all runs asked for. */

import type { JsonValue } from '../../core/canonical-json.ts';
import type { ActorId, RunId, RunKey, TreeId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { RunEntry } from '../../ports/manifest.ts';
import { paramOf } from './apply-run-values.ts';
import type { Connection, SqlValue } from './connection.ts';
import { inSlices, runIdOf } from './lookups.ts';

const runSql = `SELECT r.run_id AS row, lower(hex(ro.sha256)) AS id, r.seq, r.run_key AS runKey, r.message, r.author, c.id AS actor,
    r.created_utc AS createdAt, r.status, lower(hex(tr.sha256)) AS tree, lower(hex(ou.sha256)) AS outputs, r.output_count AS artifacts,
    r.engine_version AS engineVersion, r.config_version AS configVersion, r.config_hash AS configHash, r.dataset_id_v2 AS datasetIdV2,
    r.git_commit AS gitCommit, r.git_dirty AS gitDirty, EXISTS (SELECT 1 FROM retirement x WHERE x.run_id = r.run_id) AS retired,
    EXISTS (SELECT 1 FROM run_input n CROSS JOIN artifact_state s ON s.artifact_id = n.artifact_id
            WHERE n.run_id = r.run_id AND s.status <> 'active') AS stale
  FROM json_each(?) i CROSS JOIN run r ON r.run_id = i.value CROSS JOIN object ro ON ro.object_id = r.record_id
    CROSS JOIN object tr ON tr.object_id = r.tree_id CROSS JOIN object ou ON ou.object_id = r.outputs_id
    CROSS JOIN actor c ON c.actor_id = r.actor_id`;

interface RunRow {
  readonly row: number;
  readonly id: RunId;
  readonly seq: number;
  readonly runKey: RunKey;
  readonly message: string | null;
  readonly author: string;
  readonly actor: ActorId;
  readonly createdAt: Timestamp;
  readonly status: RunEntry['status'];
  readonly tree: TreeId;
  readonly outputs: TreeId;
  readonly artifacts: number;
  readonly engineVersion: string;
  readonly configVersion: string;
  readonly configHash: string;
  readonly datasetIdV2: string | null;
  readonly gitCommit: string | null;
  readonly gitDirty: number | null;
  readonly retired: number;
  readonly stale: number;
}

const byRun = (table: string, columns: string, join: string, order: string): string =>
  `SELECT v.run_id, ${columns} FROM json_each(?) i CROSS JOIN ${table} v ON v.run_id = i.value ${join} ORDER BY ${order}`;
const joinName = 'CROSS JOIN text n ON n.text_id = v.name_id';
const parentsSql = byRun(
  'run_parent',
  'lower(hex(o.sha256))',
  'CROSS JOIN object o ON o.object_id = v.parent_id',
  'v.run_id, v.ordinal',
);
const paramsSql = byRun('run_param', 'n.text, v.type, v.value', joinName, 'n.text');
const metricsSql = byRun('run_metric', 'n.text, v.value', joinName, 'n.text');
const tagsSql = byRun('run_tag', 'n.text, v.value', joinName, 'n.text');

/** Rows of a table by their first column, the run. */
function grouped<Rest extends readonly unknown[]>(rows: readonly (readonly [number, ...Rest])[]): Map<number, Rest[]> {
  const groups = new Map<number, Rest[]>();
  for (const [run, ...rest] of rows) {
    const group = groups.get(run);
    if (group === undefined) groups.set(run, [rest as unknown as Rest]);
    else group.push(rest as unknown as Rest);
  }
  return groups;
}

/** Entries of run rows, in their order. */
export function runEntries(connection: Connection, rows: readonly number[]): RunEntry[] {
  const entries: RunEntry[] = [];
  inSlices(rows, 4096, (slice) => {
    const ids = JSON.stringify(slice);
    const parents = grouped(connection.tuples<[number, RunId]>(parentsSql, ids));
    const params = grouped(connection.tuples<[number, string, string, SqlValue]>(paramsSql, ids));
    const metrics = grouped(connection.tuples<[number, string, number]>(metricsSql, ids));
    const tags = grouped(connection.tuples<[number, string, string]>(tagsSql, ids));
    for (const { row, ...run } of connection.all<RunRow>(runSql, ids)) {
      const runParams = params.get(row) ?? [];
      entries.push({
        ...run,
        parents: (parents.get(row) ?? []).map(([parent]) => parent),
        message: run.message ?? undefined,
        datasetIdV2: run.datasetIdV2 ?? undefined,
        gitCommit: run.gitCommit ?? undefined,
        gitDirty: run.gitDirty === null ? undefined : run.gitDirty === 1,
        retired: run.retired === 1,
        stale: run.stale === 1,
        params: Object.fromEntries(
          runParams.map(([name, type, value]): [string, JsonValue] => [name, paramOf(type, value)]),
        ),
        metrics: Object.fromEntries(metrics.get(row) ?? []),
        tags: Object.fromEntries(tags.get(row) ?? []),
      });
    }
  });
  return entries;
}

export function readRuns(connection: Connection, ids: readonly RunId[]): (RunEntry | undefined)[] {
  const rows = ids.map((id) => runIdOf(connection, id));
  const entries = runEntries(
    connection,
    rows.filter((row) => row !== undefined),
  );
  let next = 0;
  return rows.map((row) => (row === undefined ? undefined : entries[next++]));
}
