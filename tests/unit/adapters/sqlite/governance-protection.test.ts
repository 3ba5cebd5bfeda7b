/** The second wall around governance: what nobody gets past who goes around cairn, with its function or without. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../../../../src/adapters/sqlite/connection.ts';
import { canonicalize, type JsonValue } from '../../../../src/core/canonical-json.ts';
import type { CandidateRecord } from '../../../../src/core/records/candidate.ts';
import {
  approvalFact,
  candidateFact,
  type FactOf,
  policyFact,
  promoteFact,
  reportFact,
  stage,
} from '../../../conformance/governance-sample.ts';
import { apply, idOf } from '../../../conformance/manifest-sample.ts';
import { type ManifestPlace, manifestPlace, tell } from './a-manifest.ts';

let place: ManifestPlace;
let before: string;
const { run, candidate: told, regimes } = stage();
/** Passed for `candidate`, and nothing more; and one whose evidence is withdrawn. */
const mine = candidateFact(run, { signal: 'mine' });
const twin = candidateFact(run, { signal: 'twin' });
const stale = candidateFact(run, { signal: 'stale', evidence: [['regime_summary', regimes]] });
const approvals = [{ role: 'approver', count: 1 }];
const [old, failed] = [reportFact(twin, 'candidate'), reportFact(twin, 'candidate', { failed: true, seconds: 1 })];
const [passed, high] = [reportFact(mine, 'candidate'), reportFact(mine, 'accepted', { approvals })];
const onStale = reportFact(stale, 'candidate');

beforeAll(async () => {
  place = manifestPlace();
  const manifest = await place.open();
  await tell(manifest);
  await apply(manifest, [mine, twin, stale, old, failed, passed, high, onStale], 200);
  await apply(manifest, [promoteFact(mine, passed)], 201);
  await manifest.close();
  before = contents();
});
afterAll(() => place.remove());

function reading<Result>(work: (db: Sqlite.Database) => Result): Result {
  const db = new Sqlite(place.path, { readonly: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** Every row of every table, as text. */
function contents(): string {
  const rows = reading((db) => tables().map((table) => [table, db.prepare(`SELECT * FROM ${table}`).raw().all()]));
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function tables(): string[] {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
  return reading((db) => db.prepare(sql).pluck().all()) as string[];
}

const clauses = ['', 'OR ABORT', 'OR FAIL', 'OR IGNORE', 'OR REPLACE', 'OR ROLLBACK'];

/** Everything that could change a table, under every conflict clause. */
function attempts(table: string): string[] {
  const columns = reading((db) => db.prepare('SELECT name, pk FROM pragma_table_info(?)').all(table)) as {
    name: string;
    pk: number;
  }[];
  const withoutRowid = reading((db) => db.prepare('SELECT wr FROM pragma_table_list(?)').pluck().get(table)) === 1;
  const names = columns.map(({ name }) => name).join(', ');
  const other = columns.map(({ name, pk }) =>
    pk === 0
      ? name
      : `CASE typeof(${name}) WHEN 'integer' THEN ${name} + 1000000 WHEN 'blob' THEN zeroblob(4) ELSE ${name} || 'x' END`,
  );
  const rowids = withoutRowid
    ? []
    : clauses.map((or) => `INSERT ${or} INTO ${table} (rowid, ${names}) SELECT 1, ${names} FROM ${table} LIMIT 1`);
  return [
    `DELETE FROM ${table}`,
    `REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
    ...rowids,
    ...clauses.flatMap((or) => [
      ...columns.map(({ name }) => `UPDATE ${or} ${table} SET ${name} = ${name}`),
      ...columns.filter(({ pk }) => pk > 0).map(({ name }) => `UPDATE ${or} ${table} SET ${name} = 1`),
      `INSERT ${or} INTO ${table} SELECT * FROM ${table}`,
      `INSERT ${or} INTO ${table} SELECT ${other.join(', ')} FROM ${table} LIMIT 1`,
    ]),
  ];
}

const rowOf = (table: string, id: string): string =>
  `(SELECT ${table}_id FROM ${table} JOIN object o ON o.object_id = ${table}_id WHERE lower(hex(o.sha256)) = '${id}')`;
const up = (id: string, status: string, report: string): string =>
  `UPDATE candidate SET status = '${status}', report_id = ${report}, status_seq = (SELECT max(seq) FROM event)
   WHERE candidate_id = ${rowOf('candidate', id)}`;

/** What somebody would write who wants this to be accepted, or a past to be another. */
function wishes(): string[] {
  const made = reportFact(mine, 'accepted', { seconds: 99 });
  const record = `'${JSON.stringify(made.record)}'`;
  return [
    "UPDATE candidate SET status = 'accepted'",
    "UPDATE OR IGNORE candidate SET status = 'accepted' WHERE status = 'candidate'",
    up(mine.id, 'accepted', rowOf('report', high.id)),
    up(twin.id, 'candidate', rowOf('report', passed.id)),
    `INSERT INTO report SELECT max(object_id) + 1, ${rowOf('candidate', mine.id)}, 'accepted', 1, policy_id, facts_id, seq, 'local', ${record}
     FROM report, object`,
    `INSERT OR REPLACE INTO report SELECT report_id, candidate_id, level, 1, policy_id, facts_id, seq, origin, record FROM report`,
    'UPDATE report SET passed = 1',
    `UPDATE OR REPLACE report SET candidate_id = ${rowOf('candidate', twin.id)}`,
    'DELETE FROM report WHERE passed = 0',
    `INSERT INTO candidate SELECT 1, seq, run_id, signal_name, horizon, estimator, family_id, dataset_id, config_hash, notes_id, notes,
       record, 'accepted', status_seq, report_id FROM candidate LIMIT 1`,
    'INSERT INTO approval SELECT report_id, report_id, actor_id, fingerprint, seq, record FROM approval LIMIT 1',
    'UPDATE actor_key SET revoked_seq = NULL',
    'DELETE FROM candidate_evidence',
    "INSERT INTO actor_role SELECT actor_id, 'approver', max(seq), 1 FROM actor_role",
    `INSERT INTO event SELECT seq + 1, zeroblob(32), record, zeroblob(32), timestamp, actor_id, 'candidate.promote', 'candidate', '${mine.id}', NULL
     FROM event ORDER BY seq DESC LIMIT 1`,
    'DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)',
    `UPDATE ref SET candidate_id = ${rowOf('candidate', mine.id)} WHERE name LIKE 'accepted/%'`,
    'DELETE FROM production',
    "UPDATE artifact_state SET status = 'active'",
  ];
}

const switches = [0, 1].flatMap((recursive) =>
  [0, 1].flatMap((foreign) =>
    [0, 1].map((checks) => {
      return `PRAGMA recursive_triggers=${recursive}; PRAGMA foreign_keys=${foreign}; PRAGMA ignore_check_constraints=${checks};`;
    }),
  ),
);

describe('a connection without cairn\u2019s function', () => {
  test('changes nothing, with no conflict clause and whatever it switches', { timeout: 60_000 }, () => {
    const all = [...wishes(), ...tables().flatMap(attempts)];
    for (const set of switches) {
      const db = new Sqlite(place.path);
      db.exec(set);
      for (const statement of all) expect(() => db.exec(statement), statement).toThrow();
      db.close();
    }
    expect(contents()).toBe(before);
  });
});

const program = spawnSync('sqlite3', ['--version']).status === 0;
if (!program) console.warn('the sqlite3 program is not here: what it is refused is not tested');

describe.skipIf(!program)('the sqlite3 program', () => {
  test('changes nothing, with no conflict clause and whatever it switches', { timeout: 60_000 }, () => {
    const all = [...wishes(), ...tables().flatMap(attempts)];
    for (const set of switches) {
      // One line a statement: every error names its line.
      const input = `${set}\n${all.map((statement) => `${statement.replace(/\s+/g, ' ')};`).join('\n')}\n`;
      const { stderr } = spawnSync('sqlite3', [place.path], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
      const lines = new Set([...stderr.matchAll(/error near line (\d+)/g)].map(([, line]) => Number(line)));
      expect(all.filter((_, index) => !lines.has(index + 2))).toEqual([]);
    }
    expect(contents()).toBe(before);
  });
});

/** Writes on cairn's own connection, in a transaction that is never committed. */
class Forger {
  readonly db: Connection;
  constructor() {
    this.db = new Connection({ path: place.path, readOnly: false, busyMs: 1000 });
    this.db.exec('BEGIN');
  }
  close(): void {
    this.db.exec('ROLLBACK');
    this.db.close();
  }
  /** The row of a record with this text, made when it is not there. */
  object(text: string): number {
    const hash = createHash('sha256').update(text).digest();
    const sql = 'SELECT object_id FROM object WHERE sha256 = ? AND kind = 1';
    const known = this.db.value<number>(sql, hash);
    if (known !== undefined) return known;
    const id = (this.db.value<number>('SELECT max(object_id) FROM object') as number) + 1;
    this.db.run('INSERT INTO object (object_id, kind, sha256, size, place, at) VALUES (?, 1, ?, 1, -2, 0)', id, hash);
    return id;
  }
  row(table: string, id: string): number | null {
    return this.db.value<number>(`SELECT ${rowOf(table, id)}`) ?? null;
  }
  /** An event that continues the log as it should, whatever it says. */
  event(action: string, kind: string, id: string, values?: JsonValue): number {
    const last = this.db.get<{ seq: number; id: string; timestamp: string }>(
      'SELECT seq, lower(hex(event_id)) AS id, timestamp FROM event ORDER BY seq DESC LIMIT 1',
    ) as { seq: number; id: string; timestamp: string };
    const about = 'SELECT lower(hex(event_id)) FROM event WHERE subject_id = ? AND subject_kind = ? ORDER BY seq DESC';
    const payload = values === undefined ? undefined : canonicalize({ schema: 'cairn.payload/1', values });
    const payloadId = payload === undefined ? undefined : createHash('sha256').update(payload).digest('hex');
    const seq = last.seq + 1;
    const record = canonicalize({
      schema: 'cairn.event/1',
      seq,
      previous: last.id,
      timestamp: last.timestamp,
      clock: 'wall',
      actor: this.db.value<string>('SELECT id FROM actor WHERE actor_id = 1') as string,
      action,
      subject: { kind, id },
      subjectPrevious: this.db.value<string>(about, id, kind) ?? '0'.repeat(64),
      ...(payloadId === undefined ? {} : { payload: payloadId }),
    });
    const hash = (...parts: (string | Uint8Array)[]): Buffer =>
      createHash('sha256')
        .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
        .digest();
    this.db.run(
      'INSERT INTO event VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)',
      seq,
      hash(record),
      record,
      hash(Uint8Array.of(0), record),
      last.timestamp,
      action,
      kind,
      id,
      payload === undefined ? null : this.object(payload),
    );
    if (payload !== undefined) this.db.run('INSERT INTO event_payload VALUES (?, ?)', seq, payload);
    return seq;
  }
  promote(candidate: string, to: string, report: string, values: JsonValue = { to, report }, about = candidate): void {
    this.event('candidate.promote', 'candidate', about, values);
    this.db.run(
      'UPDATE candidate SET status = ?, report_id = ?, status_seq = (SELECT max(seq) FROM event) WHERE candidate_id = ?',
      to,
      this.row('report', report),
      this.row('candidate', candidate),
    );
  }
  /** `columns` instead of what the record says; `text` instead of its text. */
  report(
    fact: FactOf<'report'>,
    columns: { [name: string]: string | number | null } = {},
    text = canonicalize(fact.record),
  ): void {
    const id = this.object(text);
    const hex = createHash('sha256').update(text).digest('hex');
    const seq = this.event('candidate.evaluate', 'report', hex);
    const row = {
      report_id: id,
      candidate_id: this.row('candidate', fact.record.candidate),
      level: fact.record.level,
      passed: Number(fact.record.passed),
      policy_id: this.row('policy', fact.record.policy),
      facts_id:
        this.db.value<number>('SELECT object_id FROM object WHERE lower(hex(sha256)) = ?', fact.record.facts) ??
        this.foreign(fact.record.facts),
      seq,
      origin: 'local',
      record: text,
      ...columns,
    };
    this.db.run(
      `INSERT INTO report VALUES (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
      ...Object.values(row),
    );
  }
  foreign(hex: string): number {
    const id = (this.db.value<number>('SELECT max(object_id) FROM object') as number) + 1;
    const sql = 'INSERT INTO object (object_id, kind, sha256, size, place, at) VALUES (?, 1, ?, 0, -2, 0)';
    this.db.run(sql, id, Buffer.from(hex, 'hex'));
    return id;
  }
  approve(fact: FactOf<'approval'>, columns: { [name: string]: string | number | null } = {}): void {
    const id = this.object(fact.record);
    const seq = this.event('approve', 'report', fact.report, { approval: fact.id });
    const actor = this.db.value<number>('SELECT actor_id FROM actor WHERE id = ?', fact.actor) as number;
    const row = {
      id,
      report: this.row('report', fact.report),
      actor,
      key: fact.keyFingerprint,
      seq,
      record: fact.record,
      ...columns,
    };
    this.db.run('INSERT INTO approval VALUES (?, ?, ?, ?, ?, ?)', ...Object.values(row));
  }
  candidate(
    fact: FactOf<'candidate'>,
    columns: { [name: string]: string | number | null } = {},
    record: CandidateRecord = fact.record,
  ): void {
    const text = canonicalize(record);
    const id = this.object(text);
    const seq = this.event('candidate.create', 'candidate', fact.id);
    const row = {
      id,
      seq,
      run: this.db.value<number>(
        'SELECT run_id FROM run JOIN object ON object_id = record_id WHERE lower(hex(sha256)) = ?',
        record.run,
      ) as number,
      signal: record.signalName,
      horizon: record.horizon,
      estimator: record.estimator ?? null,
      family: record.familyId ?? null,
      dataset: record.datasetId,
      config: record.configHash,
      notes_id: null,
      notes: null,
      record: text,
      status: 'exploratory',
      status_seq: seq,
      report: null,
      ...columns,
    };
    this.db.run(
      `INSERT INTO candidate VALUES (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
      ...Object.values(row),
    );
  }
}

/** Each starts from the same store; `work` must be refused by a trigger. */
function forging(work: (forger: Forger) => void, by: string): void {
  const forger = new Forger();
  try {
    expect(() => work(forger), work.toString()).toThrow(new RegExp(`^${by}: `));
  } finally {
    forger.close();
  }
  expect(contents()).toBe(before);
}
function letThrough(work: (forger: Forger) => void): void {
  const forger = new Forger();
  try {
    work(forger);
  } finally {
    forger.close();
  }
}

describe('a connection that has the function', () => {
  const approval = approvalFact(high, 'Cleo', 'SHA256:cleo');
  const ben = approvalFact(high, 'Ben', 'SHA256:ben1');

  test('is refused a candidate that its event does not name, or names with something else', () => {
    const fresh = reportFact(twin, 'candidate', { seconds: 50 });
    letThrough((f) => {
      f.report(fresh);
      f.promote(twin.id, 'candidate', fresh.id);
    });
    const refusedThen = (work: (f: Forger) => void): void =>
      forging((f) => {
        f.report(fresh);
        work(f);
      }, 'candidate');
    refusedThen((f) => f.db.exec(up(twin.id, 'candidate', rowOf('report', fresh.id))));
    refusedThen((f) => f.promote(twin.id, 'candidate', fresh.id, { to: 'accepted', report: fresh.id }));
    refusedThen((f) => f.promote(twin.id, 'candidate', fresh.id, { to: 'candidate', report: old.id }));
    refusedThen((f) => f.promote(twin.id, 'candidate', fresh.id, {}));
    refusedThen((f) => f.promote(twin.id, 'candidate', fresh.id, { to: 'candidate', report: fresh.id }, mine.id));
    refusedThen((f) => f.promote(twin.id, 'accepted', fresh.id));
    refusedThen((f) => {
      f.event('candidate.reject', 'candidate', twin.id);
      f.db.exec(up(twin.id, 'candidate', rowOf('report', fresh.id)));
    });
    for (const [action, status] of [
      ['candidate.withdraw', 'rejected'],
      ['candidate.promote', 'rejected'],
      ['artifact.tag', 'rejected'],
    ] as const) {
      refusedThen((f) => {
        f.event(action, 'candidate', twin.id);
        f.db.exec(up(twin.id, status, 'NULL'));
      });
    }
    refusedThen((f) => {
      f.event('candidate.promote', 'candidate', twin.id, { to: 'candidate', report: fresh.id });
      f.event('retire', 'run', idOf('other'));
      f.db.exec(up(twin.id, 'candidate', rowOf('report', fresh.id)));
    });
    refusedThen((f) => {
      f.event('candidate.promote', 'candidate', twin.id, { to: 'candidate', report: fresh.id });
      f.db.exec(`${up(twin.id, 'candidate', rowOf('report', fresh.id)).replace('SET', "SET signal_name = 'x',")}`);
    });
  });

  test('is refused a promotion without the newest passing report of that candidate and level', () => {
    forging((f) => f.promote(twin.id, 'candidate', old.id), 'candidate');
    forging((f) => f.promote(twin.id, 'candidate', failed.id), 'candidate');
    forging((f) => f.promote(twin.id, 'candidate', passed.id), 'candidate');
    forging((f) => f.promote(twin.id, 'candidate', high.id), 'candidate');
    forging((f) => f.promote(stale.id, 'candidate', onStale.id), 'candidate');
    forging((f) => {
      f.report(reportFact(mine, 'accepted', { failed: true, seconds: 60 }));
      f.approve(approvalFact(high, 'Ben', 'SHA256:ben1'));
      f.promote(mine.id, 'accepted', high.id);
    }, 'candidate');
    const free = reportFact(mine, 'accepted', { seconds: 61 });
    letThrough((f) => {
      f.report(free);
      f.promote(mine.id, 'accepted', free.id);
    });
    forging((f) => {
      f.report(free);
      const { record, id } = policyFact('research', '3');
      const row = f.object(record);
      f.event('policy.activate', 'policy', id);
      f.db.run('INSERT INTO policy VALUES (?, ?, ?, ?)', row, 'research', '3', record);
      f.promote(mine.id, 'accepted', free.id);
    }, 'candidate');
  });

  test('is refused a promotion without its approvals', () => {
    // Cleo's key is revoked and Ben is no approver any more.
    forging((f) => f.promote(mine.id, 'accepted', high.id), 'candidate');
    forging((f) => f.approve(approval), 'approval');
    forging((f) => {
      f.approve(ben);
      f.promote(mine.id, 'accepted', high.id);
    }, 'candidate');
    const granted = (f: Forger, role: string, listed = role): void => {
      const seq = f.event('actor.grant', 'actor', ben.actor, { roles: [listed] });
      f.db.run('INSERT INTO actor_role SELECT actor_id, ?, ?, 1 FROM actor WHERE id = ?', role, seq, ben.actor);
    };
    letThrough((f) => {
      f.approve(ben);
      granted(f, 'approver');
      f.promote(mine.id, 'accepted', high.id);
    });
    forging((f) => granted(f, 'approver', 'ci'), 'actor_role');
    forging((f) => f.approve(ben, { actor: 1 }), 'approval');
    forging((f) => f.approve(ben, { key: 'SHA256:cleo' }), 'approval');
    forging((f) => f.approve(ben, { report: f.row('report', passed.id) }), 'approval');
    forging((f) => f.approve({ ...ben, report: passed.id }), 'approval');
    const strict = reportFact(mine, 'accepted', { approvals, interested: [ben.actor], seconds: 62 });
    forging((f) => {
      f.report(strict);
      f.approve(approvalFact(strict, 'Ben', 'SHA256:ben1'));
      granted(f, 'approver');
      f.promote(mine.id, 'accepted', strict.id);
    }, 'candidate');
    for (const odd of [[{ role: 'approver' }], [{ role: 'approver', count: 'x' }], [{ count: 1 }], [1], [null]]) {
      const report = reportFact(mine, 'accepted', { approvals: odd as never, seconds: 63 });
      forging((f) => {
        f.report(report);
        f.promote(mine.id, 'accepted', report.id);
      }, 'candidate');
    }
  });

  test('is refused a report that its record does not say', () => {
    const made = reportFact(mine, 'accepted', { seconds: 70 });
    const bad = reportFact(mine, 'accepted', { failed: true, seconds: 71 });
    letThrough((f) => f.report(made));
    const lies = [
      { passed: 0 },
      { level: 'candidate' },
      { origin: 'elsewhere' },
      { seq: 1 },
      { report_id: 1 },
      { policy_id: 1 },
      { facts_id: 1 },
      { record: canonicalize(bad.record) },
    ];
    for (const lie of lies) forging((f) => f.report(made, lie), 'report');
    forging((f) => f.report(made, { candidate_id: f.row('candidate', twin.id) }), 'report');
    forging((f) => f.report(bad, { passed: 1 }), 'report');
    const text = canonicalize(bad.record);
    forging(
      (f) => f.report(bad, { passed: 1 }, text.replace('"passed":false', '"passed":true,"passed":false')),
      'report',
    );
    forging((f) => f.report(bad, { passed: 1 }, text.replace('"passed":false', '"passed":true')), 'report');
    forging((f) => f.report(bad, { passed: 1 }, text.replace('"passed":false', '"passed":1')), 'report');
    forging((f) => f.report(made, {}, canonicalize({ ...made.record, schema: 'cairn.report/2' })), 'report');
    forging((f) => f.report(made, {}, canonicalize({ ...made.record, approvals: null as never })), 'report');
    forging((f) => f.report(made, {}, canonicalize({ ...made.record, runInstanceId: idOf('other run') })), 'report');
    forging((f) => f.report(made, { report_id: f.row('report', high.id) }), 'report');
  });

  test('is refused a candidate that its record does not say, or that does not begin at the beginning', () => {
    const made = candidateFact(run, { signal: 'made' });
    letThrough((f) => f.candidate(made));
    for (const status of ['candidate', 'accepted', 'rejected', ''])
      forging((f) => f.candidate(made, { status }), 'candidate');
    for (const lie of [
      { signal: 'x' },
      { horizon: 6 },
      { dataset: 'x' },
      { config: 'x' },
      { run: 1 },
      { report: 1 },
      { seq: 1 },
      { status_seq: 1 },
      { notes: 'x' },
      { estimator: 'x' },
    ])
      forging((f) => f.candidate(made, lie), 'candidate');
    const withEvidence = candidateFact(run, { signal: 'made', evidence: [['regime_summary', regimes]] });
    const fresh = reportFact(withEvidence, 'candidate', { seconds: 80 });
    // Evidence that the record names and nobody noted down.
    forging((f) => {
      f.candidate(withEvidence);
      f.report(fresh);
      f.promote(withEvidence.id, 'candidate', fresh.id);
    }, 'candidate');
    forging((f) => {
      f.candidate(withEvidence);
      f.db.exec(`INSERT INTO candidate_evidence SELECT max(candidate_id), 0, 'other', 1 FROM candidate`);
    }, 'candidate_evidence');
    forging(
      (f) =>
        f.db.exec('INSERT INTO candidate_evidence SELECT candidate_id, 7, role, artifact_id FROM candidate_evidence'),
      'candidate_evidence',
    );
  });

  test('is refused a name that no promotion gave', () => {
    const free = reportFact(mine, 'accepted', { seconds: 90 });
    const name = (f: Forger, values: { [name: string]: JsonValue }, given: string): void => {
      f.report(free);
      f.promote(mine.id, 'accepted', free.id, { to: 'accepted', report: free.id, ...values });
      f.db.exec(`INSERT INTO ref SELECT max(ref_id) + 1, '${given}', (SELECT run_id FROM candidate WHERE candidate_id = ${rowOf('candidate', mine.id)}),
        (SELECT max(seq) FROM event), ${rowOf('candidate', mine.id)} FROM ref`);
    };
    letThrough((f) => name(f, { name: 'accepted/new' }, 'accepted/new'));
    forging((f) => name(f, {}, 'accepted/new'), 'ref');
    forging((f) => name(f, { name: 'accepted/other' }, 'accepted/new'), 'ref');
    forging((f) => name(f, { name: 'heads/new' }, 'heads/new'), 'ref');
    forging((f) => {
      f.event('ref.update', 'ref', 'accepted/new');
      f.db.exec("INSERT INTO ref SELECT 1000, 'accepted/new', 1, max(seq), NULL FROM event");
    }, 'ref');
    forging((f) => {
      f.event('ref.update', 'ref', 'accepted/momentum');
      f.db.exec("UPDATE ref SET run_id = 1, seq = (SELECT max(seq) FROM event) WHERE name = 'accepted/momentum'");
    }, 'ref');
    forging((f) => {
      f.event('candidate.reject', 'candidate', told.id);
      f.db.exec("UPDATE ref SET run_id = 1, seq = (SELECT max(seq) FROM event) WHERE name = 'accepted/momentum'");
    }, 'ref');
    forging((f) => {
      f.event('ref.update', 'ref', 'heads/x');
      f.db.exec('INSERT INTO ref_move SELECT max(e.seq), 1, NULL, 1, NULL, NULL, NULL FROM event e');
    }, 'ref_move');
    // A name that stands for a candidate must go before the candidate does.
    forging((f) => {
      name(f, { name: 'accepted/new' }, 'accepted/new');
      f.event('candidate.withdraw', 'candidate', mine.id);
      f.db.exec(up(mine.id, 'exploratory', 'NULL'));
    }, 'candidate');
  });

  test('is refused keys, people and payloads that the newest event does not say', () => {
    const key = (f: Forger, values: JsonValue, fingerprint = 'k'): void => {
      const seq = f.event('key.add', 'key', 'k', values);
      f.db.run("INSERT INTO actor_key VALUES (?, 1, 'ff', 'ssh', ?, NULL, NULL)", fingerprint, seq);
    };
    const ada = reading((db) => db.prepare('SELECT id FROM actor WHERE actor_id = 1').pluck().get()) as string;
    letThrough((f) => key(f, { actor: ada, publicKey: 'ff', type: 'ssh' }));
    forging((f) => key(f, { actor: ben.actor, publicKey: 'ff', type: 'ssh' }), 'actor_key');
    forging((f) => key(f, { actor: ada, publicKey: 'fe', type: 'ssh' }), 'actor_key');
    forging((f) => key(f, { actor: ada, publicKey: 'ff', type: 'ssh' }, 'other'), 'actor_key');
    forging((f) => key(f, { actor: ada, publicKey: 'ff', type: 'ssh' }, 'SHA256:cleo'), 'actor_key');
    forging((f) => {
      f.event('key.revoke', 'key', 'SHA256:cleo');
      f.db.exec("UPDATE actor_key SET revoked_seq = (SELECT max(seq) FROM event) WHERE fingerprint = 'SHA256:ben1'");
    }, 'actor_key');
    forging((f) => f.db.exec('UPDATE actor_key SET revoked_seq = NULL, revoked_from = NULL'), 'actor_key');
    forging((f) => {
      f.event('actor.add', 'actor', idOf('Eve'), { name: 'Eve', mail: 'e', roles: [] });
      f.db.run('INSERT INTO actor VALUES (1000, ?, NULL, NULL)', idOf('Eve'));
      f.db.exec("UPDATE actor SET name = 'Ada', mail = 'e' WHERE actor_id = 1000");
    }, 'actor');
    forging(
      (f) => f.db.exec(`INSERT INTO event_payload SELECT max(seq), '{"schema":"cairn.payload/1"}' FROM event`),
      'event_payload',
    );
    forging((f) => {
      f.event('retire', 'run', idOf('r'), { a: 1 });
      f.db.exec(`UPDATE event_payload SET payload = '{}'`);
    }, 'event_payload');
  });

  test('is refused every conflict clause on what it may not change', { timeout: 60_000 }, () => {
    const guarded = [
      'actor_key',
      'actor_role',
      'approval',
      'artifact_state',
      'candidate',
      'candidate_evidence',
      'event',
      'event_payload',
      'policy',
      'production',
      'ref',
      'ref_move',
      'report',
      'run',
      'run_edge',
      'run_input',
    ];
    for (const set of switches) {
      const db = new Connection({ path: place.path, readOnly: false, busyMs: 1000 });
      db.exec(set);
      for (const statement of guarded.flatMap(attempts)) {
        db.exec('BEGIN');
        expect(() => db.exec(statement), statement).toThrow(/^[a-z_]+: |constraint|datatype/);
        if (db.inTransaction) db.exec('ROLLBACK');
      }
      db.close();
    }
    expect(contents()).toBe(before);
  });
});
