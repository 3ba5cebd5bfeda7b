/** The second wall: what a client that goes around cairn cannot do. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ManifestPlace, manifestPlace, tell } from './a-manifest.ts';

let place: ManifestPlace;
let before: string;
beforeAll(async () => {
  place = manifestPlace();
  const manifest = await place.open();
  await tell(manifest);
  await manifest.close();
  before = contents();
});
afterAll(() => place.remove());

/** Every row of every table, as text. */
function contents(): string {
  const db = new Sqlite(place.path, { readonly: true });
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all() as string[];
  const rows = tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).raw().all()]);
  db.close();
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function names(type: 'table' | 'view'): string[] {
  const db = new Sqlite(place.path, { readonly: true });
  const found = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = ? AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .pluck()
    .all(type);
  db.close();
  return found as string[];
}

function columns(table: string): { readonly name: string; readonly pk: number }[] {
  const db = new Sqlite(place.path, { readonly: true });
  const found = db.prepare(`SELECT name, pk FROM pragma_table_info(?)`).all(table);
  db.close();
  return found as { name: string; pk: number }[];
}

/** Statements that would change a table: each column, all rows, rows put over themselves, and rows added. */
function attempts(table: string): string[] {
  const own = columns(table);
  const shifted = own.map(({ name, pk }) =>
    pk > 0
      ? `CASE typeof(${name}) WHEN 'integer' THEN ${name} + 1000000 WHEN 'blob' THEN zeroblob(4) ELSE ${name} || 'x' END`
      : name,
  );
  return [
    ...own.map(({ name }) => `UPDATE ${table} SET ${name} = ${name}`),
    `DELETE FROM ${table}`,
    `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`,
    `REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
    `INSERT OR IGNORE INTO ${table} SELECT ${shifted.join(', ')} FROM ${table}`,
    `INSERT INTO ${table} SELECT ${shifted.join(', ')} FROM ${table} ORDER BY 1 DESC LIMIT 1`,
  ];
}

const switches = [0, 1].flatMap((recursive) =>
  [0, 1].flatMap((foreign) => [0, 1].map((checks) => ({ recursive, foreign, checks }))),
);
const setting = ({ recursive, foreign, checks }: (typeof switches)[number]): string =>
  `PRAGMA recursive_triggers=${recursive}; PRAGMA foreign_keys=${foreign}; PRAGMA ignore_check_constraints=${checks};`;

describe('a connection that is not cairn\u2019s', () => {
  test('can change no table, whatever it switches on or off', () => {
    for (const set of switches) {
      const db = new Sqlite(place.path);
      db.exec(setting(set));
      for (const statement of names('table').flatMap(attempts)) expect(() => db.exec(statement), statement).toThrow();
      db.close();
    }
    expect(contents()).toBe(before);
  });

  test('can change no view', () => {
    const db = new Sqlite(place.path);
    for (const view of names('view')) {
      const [first] = columns(view);
      for (const statement of [
        `DELETE FROM ${view}`,
        `UPDATE ${view} SET ${first?.name} = 1`,
        `INSERT INTO ${view} SELECT * FROM ${view}`,
      ]) {
        expect(() => db.exec(statement), statement).toThrow('it is a view');
      }
    }
    db.close();
    expect(contents()).toBe(before);
  });

  test('reads every view', () => {
    const db = new Sqlite(place.path, { readonly: true });
    for (const view of names('view')) expect(db.prepare(`SELECT * FROM ${view}`).all().length, view).toBeGreaterThan(0);
    db.close();
  });
});

const program = spawnSync('sqlite3', ['--version']).status === 0;

describe.skipIf(!program)('the sqlite3 program', () => {
  test('is refused every change, whatever it switches on or off', () => {
    for (const set of switches) {
      const statements = names('table').flatMap(attempts);
      const run = spawnSync('sqlite3', [place.path], {
        input: `${setting(set)}\n${statements.join(';\n')};\n`,
        encoding: 'utf8',
      });
      expect(run.stderr.split('\n').filter((line) => line.includes('rror')).length).toBe(statements.length);
    }
    expect(contents()).toBe(before);
  });

  test('reads every view, and finds the database sound', () => {
    for (const view of names('view')) {
      expect(
        execFileSync('sqlite3', ['-readonly', place.path, `SELECT count(*) > 0 FROM ${view}`], { encoding: 'utf8' }),
        view,
      ).toBe('1\n');
    }
    expect(execFileSync('sqlite3', [place.path, 'PRAGMA integrity_check'], { encoding: 'utf8' })).toBe('ok\n');
  });
});

describe('a connection that has the function, honest', () => {
  /** Tables whose rows are only where bytes are, or bookkeeping. */
  const storage = new Set(['frame', 'log_end', 'migration', 'object', 'pack', 'stage_batch', 'text', 'actor']);
  const open = (): Sqlite.Database => {
    const db = new Sqlite(place.path);
    db.pragma('trusted_schema = ON');
    db.function('cairn_sha256', { deterministic: true }, (value: unknown) =>
      createHash('sha256')
        .update(value as string)
        .digest(),
    );
    return db;
  };
  const refused = (db: Sqlite.Database, statement: string): void => {
    db.exec('BEGIN');
    expect(() => db.exec(statement), statement).toThrow(/SQLITE_CONSTRAINT_TRIGGER|: /);
    db.exec('ROLLBACK');
  };

  test('still cannot change lineage, events or status', () => {
    for (const set of switches) {
      const db = open();
      db.exec(setting(set));
      for (const table of names('table').filter((name) => !storage.has(name))) {
        // The text of a message may be set to what it is not; only its erasure is allowed.
        for (const statement of attempts(table)) refused(db, statement);
      }
      db.close();
    }
    expect(contents()).toBe(before);
  });

  test('still cannot change what an object, a text or an actor is', () => {
    const db = open();
    for (const column of [
      'object_id',
      'kind',
      'sha256',
      'size',
      'blob_id',
      'type_id',
      'version',
      'key',
      'key_hash',
      'first_run',
    ]) {
      const other =
        column === 'sha256' ? 'zeroblob(32)' : column === 'key' ? "key || 'x'" : `coalesce(${column}, 0) + 1000000`;
      refused(db, `UPDATE object SET ${column} = ${other} WHERE key IS NOT NULL AND first_run IS NOT NULL`);
    }
    refused(db, 'DELETE FROM object WHERE key IS NOT NULL');
    refused(db, 'DELETE FROM object WHERE kind = 0');
    refused(db, 'DELETE FROM object WHERE object_id IN (SELECT tree_id FROM run)');
    refused(db, 'INSERT OR REPLACE INTO object SELECT * FROM object LIMIT 1');
    refused(
      db,
      `INSERT INTO object SELECT object_id + 1000000, kind, sha256, size, place, at, used_ms, blob_id, type_id, version, key, key_hash, first_run FROM object LIMIT 1`,
    );
    refused(db, "UPDATE text SET text = 'x'");
    refused(db, 'DELETE FROM text');
    refused(db, "INSERT INTO text VALUES (1000000, 'file')");
    refused(db, "UPDATE actor SET name = 'Eve'");
    refused(db, "INSERT INTO actor VALUES (1000000, 'x', 'Eve', 'eve@example.org')");
    refused(db, 'DELETE FROM actor');
    refused(db, 'DELETE FROM migration');
    refused(db, 'DELETE FROM log_end');
    db.exec('BEGIN; UPDATE object SET place = 0, at = 0, used_ms = 1; UPDATE log_end SET length = 5; ROLLBACK');
    db.close();
    expect(contents()).toBe(before);
  });

  test('cannot append an event that is not what its hash or its columns say', () => {
    const db = open();
    const last = db
      .prepare('SELECT seq, lower(hex(event_id)) AS id, record FROM event ORDER BY seq DESC LIMIT 1')
      .get() as {
      seq: number;
      id: string;
      record: string;
    };
    const subject = { kind: 'ref', id: 'heads/evil' };
    const good = {
      ...JSON.parse(last.record),
      action: 'ref.update',
      subject,
      seq: last.seq + 1,
      previous: last.id,
      subjectPrevious: '0'.repeat(64),
    };
    const insert = (record: object, change: object = {}): void => {
      const text = JSON.stringify(record);
      const hash = (...parts: (string | Uint8Array)[]): Uint8Array =>
        createHash('sha256')
          .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
          .digest();
      const row = {
        seq: last.seq + 1,
        id: hash(text),
        record: text,
        leaf: hash(Uint8Array.of(0), text),
        timestamp: good.timestamp,
        actor: 1,
        action: 'ref.update',
        kind: 'ref',
        subject: 'heads/evil',
        payload: null,
        ...change,
      };
      db.prepare(
        'INSERT INTO event VALUES (@seq, @id, @record, @leaf, @timestamp, @actor, @action, @kind, @subject, @payload)',
      ).run(row);
    };
    const bad: [object, object][] = [
      [good, { id: new Uint8Array(32) }],
      [good, { leaf: new Uint8Array(32) }],
      [good, { timestamp: '2030-01-01T00:00:00.000Z' }],
      [good, { action: 'run.commit' }],
      [good, { kind: 'run' }],
      [good, { subject: 'heads/main' }],
      [good, { payload: 1 }],
      [good, { actor: 2 }],
      [{ ...good, seq: good.seq + 1 }, { seq: last.seq + 2 }],
      [{ ...good, seq: good.seq + 1 }, {}],
      [{ ...good, previous: 'a'.repeat(64) }, {}],
      [{ ...good, subjectPrevious: 'a'.repeat(64) }, {}],
      [{ ...good, timestamp: '2020-01-01T00:00:00.000Z' }, { timestamp: '2020-01-01T00:00:00.000Z' }],
      [{ ...good, schema: 'cairn.event/2' }, {}],
    ];
    db.exec('BEGIN');
    for (const [record, change] of bad)
      expect(() => insert(record, change), JSON.stringify([record, change])).toThrow();
    insert(good);
    const unrelated = "UPDATE ref SET run_id = 1, seq = (SELECT max(seq) FROM event) WHERE name = 'heads/main'";
    expect(() => db.exec(unrelated)).toThrow('the newest event does not say so');
    expect(() => db.exec('UPDATE artifact_state SET reason = 1')).toThrow();
    db.exec("INSERT INTO ref SELECT 1000, 'heads/evil', 1, max(seq), NULL FROM event");
    db.exec('ROLLBACK');
    db.close();
    expect(contents()).toBe(before);
  });
});
