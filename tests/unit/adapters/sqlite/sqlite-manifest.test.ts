import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileEventLog } from '../../../../src/adapters/fs/file-event-log.ts';
import type { RunId } from '../../../../src/core/ids.ts';
import {
  apply,
  artifact,
  codeOf,
  collect,
  commit,
  dumpText,
  idOf,
  main,
  refFact,
  sampleRun,
  tagsFact,
} from '../../../conformance/manifest-sample.ts';
import { type ManifestPlace, manifestPlace, migrationsDir, tell } from './a-manifest.ts';

let place: ManifestPlace;
beforeEach(() => {
  place = manifestPlace();
});
afterEach(() => place.remove());
const logOf = (): ReturnType<typeof openFileEventLog> => openFileEventLog({ directory: join(place.root, 'log') });

describe('a process that dies', () => {
  test('between the log and the commit leaves lines that the next writer cuts off', async () => {
    const first = await place.open();
    const run = await commit(first, { name: 'one' });
    const sound = logOf();
    const dying = await place.open({
      log: {
        ...sound,
        append: async (at, lines) => {
          await sound.append(at, lines);
          throw new Error('killed');
        },
      },
    });
    const lost = sampleRun({ name: 'lost' });
    expect(await codeOf(apply(dying, [{ kind: 'objects', objects: lost.objects }, lost.fact]))).toBe('INTERNAL');
    expect((await collect(logOf().read())).length).toBe(2);
    expect(await dying.runs([lost.id])).toStrictEqual([undefined]);
    await dying.close();
    expect((await first.logHead()).size).toBe(1);
    await apply(first, [refFact(main, undefined, run.id)]);
    const actions = (await collect(logOf().read())).map(
      ({ line }) => JSON.parse(Buffer.from(line).toString()).action as string,
    );
    expect(actions).toStrictEqual(['run.commit', 'ref.update']);
    expect(await first.check()).toStrictEqual([]);
    await first.close();
  });

  test('inside a transaction leaves the manifest as it was before', async () => {
    const manifest = await place.open();
    const run = await commit(manifest, { name: 'one' });
    await manifest.close();
    const script = `
      const { openSqliteManifest } = await import(${JSON.stringify(join(import.meta.dirname, '../../../../src/adapters/sqlite/sqlite-manifest.ts'))});
      const { sampleRun, startMs } = await import(${JSON.stringify(join(import.meta.dirname, '../../../conformance/manifest-sample.ts'))});
      const log = { append: async () => process.kill(process.pid, 'SIGKILL') };
      const manifest = await openSqliteManifest({ path: ${JSON.stringify(place.path)}, migrationsDir: ${JSON.stringify(migrationsDir)}, log });
      const run = sampleRun({ name: 'two' });
      await manifest.apply({ facts: [{ kind: 'objects', objects: run.objects }, run.fact], nowMs: startMs, clock: 'wall' });`;
    await expect(promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])).rejects.toMatchObject({
      signal: 'SIGKILL',
    });
    const after = await place.open();
    expect((await after.listRuns({}, { limit: 0 })).rows.map(({ id }) => id)).toStrictEqual([run.id]);
    expect(await after.check()).toStrictEqual([]);
    await commit(after, { name: 'three' });
    expect((await collect(logOf().read())).length).toBe(2);
    await after.close();
  });

  test('a log that is shorter than what was committed stops every writer', async () => {
    const manifest = await place.open();
    await commit(manifest, { name: 'one' });
    writeFileSync(join(place.root, 'log', 'events-000001.jsonl'), '');
    expect(await codeOf(commit(manifest, { name: 'two' }))).toBe('LOG_CORRUPT');
    expect((await manifest.stats()).runs).toBe(1);
    await manifest.close();
  });
});

describe('several at once', () => {
  test('connections take turns, and wait without an error', async () => {
    const manifests = await Promise.all(Array.from({ length: 4 }, () => place.open()));
    await Promise.all(
      manifests.flatMap((manifest, writer) =>
        Array.from({ length: 5 }, (_, index) => commit(manifest, { name: `${writer} ${index}` })),
      ),
    );
    for (const manifest of manifests) expect((await manifest.stats()).runs).toBe(20);
    expect((await collect(logOf().read())).length).toBe(20);
    for (const manifest of manifests) await manifest.close();
  });

  test('a writer that is told how long to wait gives up with BUSY, and says after two seconds that it waits', async () => {
    const manifest = await place.open();
    const blocker = new Sqlite(place.path);
    blocker.exec('BEGIN IMMEDIATE');
    const lines: string[] = [];
    const waiting = await place.open({ waitMs: 2300, onWait: (line) => lines.push(line) });
    expect(await codeOf(commit(waiting, { name: 'one' }))).toBe('BUSY');
    expect(lines).toStrictEqual([expect.stringContaining(place.path)]);
    const patient = commit(manifest, { name: 'two' });
    expect(await manifest.listRuns({}, { limit: 0 })).toStrictEqual({ rows: [], cursor: undefined });
    blocker.exec('ROLLBACK');
    blocker.close();
    await patient;
    expect((await waiting.stats()).runs).toBe(1);
    await manifest.close();
    await waiting.close();
  });

  test('reads wait while a batch waits for the log', async () => {
    let release = (): void => undefined;
    const sound = logOf();
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const manifest = await place.open({
      log: { ...sound, append: (at, lines) => gate.then(() => sound.append(at, lines)) },
    });
    const writing = commit(manifest, { name: 'one' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    let answer: number | undefined;
    const reading = manifest.stats().then(({ runs }) => {
      answer = runs;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answer).toBeUndefined();
    release();
    await Promise.all([writing, reading]);
    expect(answer).toBe(1);
    await manifest.close();
  });
});

describe('files', () => {
  test('closing leaves one file, and closing twice is harmless', async () => {
    const manifest = await place.open();
    await tell(manifest);
    expect(existsSync(`${place.path}-wal`)).toBe(true);
    await Promise.all([manifest.close(), manifest.close()]);
    expect(readdirSync(place.root).sort()).toStrictEqual(['log', 'manifest.sqlite']);
  });

  test('a large log of writes is folded in although another process has it open', async () => {
    const other = await place.open();
    const manifest = await place.open();
    await commit(manifest, {
      outputs: Array.from({ length: 6000 }, (_, index) => artifact(`some/longer/path/${index}`)),
    });
    expect(statSync(`${place.path}-wal`).size).toBeGreaterThan(1024 * 1024 - 1);
    await manifest.close();
    expect(statSync(`${place.path}-wal`).size).toBe(0);
    expect((await other.stats()).artifacts).toBe(6000);
    await other.close();
  });

  test('a reader changes nothing', async () => {
    const manifest = await place.open();
    await tell(manifest);
    const dump = await dumpText(manifest);
    await manifest.close();
    const before = readFileSync(place.path);
    const reader = await place.open({ readOnly: true });
    expect(await dumpText(reader)).toBe(dump);
    expect(await codeOf(commit(reader, {}))).toBe('READ_ONLY');
    await reader.close();
    expect(readFileSync(place.path)).toStrictEqual(before);
  });

  test('twenty thousand files cost less than 300 bytes each', async () => {
    const manifest = await place.open();
    const outputs = Array.from({ length: 20_000 }, (_, index) => artifact(`data/part-${index >> 8}/file-${index}.bin`));
    await commit(manifest, { outputs });
    await manifest.close();
    expect(statSync(place.path).size / outputs.length).toBeLessThan(230);
  });
});

describe('audit SQL', () => {
  const lineageSql = `SELECT al.artifact_id, al.run_key, al.dataset_id_v2, al.artifact_type, al.relative_path, al.sha256, al.engine_version,
    al.config_version, al.schema_versions_json, al.plugin_manifest_json FROM artifact_lineage al WHERE al.run_key = :run_key ORDER BY al.created_utc`;

  test('that existed before still runs, over an index', async () => {
    const manifest = await place.open();
    const one = artifact('tables/a', { type: 'table', version: 4 });
    const run = await commit(manifest, {
      name: 'one',
      outputs: [one, ['b', artifact('keys/b')]],
      identity: { params: { n: 1 }, external: { datasetIdV2: 'outer' } },
      record: { plugins: [{ name: 'p', version: '1' }] },
    });
    await commit(manifest, { name: 'two', outputs: [one], inputs: [artifact('in')] });
    await manifest.close();
    const db = new Sqlite(place.path, { readonly: true });
    const rows = db.prepare(lineageSql).all({ run_key: run.record.runKey });
    const same = {
      run_key: run.record.runKey,
      dataset_id_v2: 'outer',
      engine_version: '1.0',
      config_version: '2',
      schema_versions_json: '{"artifactTypes":{"file":1,"table":4},"seedVersion":1}',
      plugin_manifest_json: '[{"name":"p","version":"1"}]',
    };
    const { id, blob } = artifact('keys/b');
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual({
      ...same,
      artifact_id: one.id,
      artifact_type: 'table',
      relative_path: 'tables/a',
      sha256: one.blob,
    });
    expect(rows).toContainEqual({ ...same, artifact_id: id, artifact_type: 'file', relative_path: 'b', sha256: blob });
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${lineageSql}`).all({ run_key: 'x' }) as { detail: string }[];
    expect(plan.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('run_by_key'));
    expect(plan.filter(({ detail }) => detail.startsWith('SCAN'))).toStrictEqual([]);
    const edges = db
      .prepare('SELECT child_artifact_id, relation FROM artifact_edges WHERE parent_artifact_id = ?')
      .all(artifact('in').id);
    expect(edges).toStrictEqual([{ child_artifact_id: one.id, relation: 'derived_from' }]);
    db.close();
  });

  test('the columns of the views are those that the design names', async () => {
    await (await place.open()).close();
    const db = new Sqlite(place.path, { readonly: true });
    const columns = (view: string): string[] =>
      db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(view) as string[];
    for (const [view, named] of Object.entries({
      artifact_lineage: `artifact_id run_instance_id run_key dataset_id_v2 artifact_type relative_path sha256 created_utc engine_version
        config_version schema_versions_json plugin_manifest_json schema_version logical_key size content_hash row_count min_ts max_ts`,
      artifact_edges: 'child_artifact_id parent_artifact_id relation',
      governance_events: `event_id event_sha256 timestamp actor action candidate_id eligibility_report_id run_key dataset_id_v2
        artifact_refs_json record leaf_hash`,
      objects: 'sha256 namespace size stored_size encoding pack offset',
    })) {
      expect(columns(view)).toStrictEqual(expect.arrayContaining(named.split(/\s+/)));
    }
    for (const view of [
      'artifacts',
      'artifact_status',
      'artifact_tags',
      'runs',
      'run_parents',
      'run_params',
      'run_metrics',
      'run_tags',
      'refs',
      'ref_log',
      'holds',
    ]) {
      expect(columns(view).length, view).toBeGreaterThan(1);
    }
    db.close();
  });
});

describe('check', () => {
  test('names dropped triggers, missing rows and rows that refer to nothing', async () => {
    const manifest = await place.open();
    await tell(manifest);
    expect(await manifest.check()).toStrictEqual([]);
    const db = new Sqlite(place.path);
    db.exec('PRAGMA foreign_keys = OFF; DROP TRIGGER object_delete; DROP TRIGGER event_delete');
    db.exec(
      'DELETE FROM event WHERE seq = 3; DELETE FROM object WHERE object_id = (SELECT min(object_id) FROM object WHERE kind = 0)',
    );
    db.close();
    const problems = await manifest.check();
    expect(problems).toContainEqual(expect.stringContaining('the schema is not the one'));
    expect(problems).toContainEqual(expect.stringContaining('1 artifacts without a blob'));
    expect(problems).toContainEqual(expect.stringContaining('1 events that are missing'));
    expect(problems).toContainEqual(expect.stringMatching(/refers to a row of event that does not exist/));
    await manifest.close();
  });

  test('what a rule refuses is reported with the rule', async () => {
    const manifest = await place.open();
    const one = artifact('a');
    await commit(manifest, { outputs: [one] });
    const fact = tagsFact(one, { a: 'b' });
    const elsewhere = {
      ...fact,
      event: { ...('event' in fact ? fact.event : {}), subject: { kind: 'artifact', id: idOf<RunId>('other') } },
    };
    await expect(apply(manifest, [elsewhere as never])).rejects.toMatchObject({
      code: 'MANIFEST_REFUSED',
      data: { rule: 'artifact_tag: the newest event does not say so' },
    });
    expect((await manifest.logHead()).size).toBe(1);
    await manifest.close();
  });
});
