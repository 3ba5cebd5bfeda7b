/** Every check of the audit, failed by the tampering that it is for: each edit is made behind the triggers, which are put back. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shortId } from '../../../../src/core/ids.ts';
import type { AuditCheck, AuditResult } from '../../../../src/store/governance/audit.ts';
import { evaluateCandidate } from '../../../../src/store/governance/evaluate.ts';
import { tombstone } from '../../../../src/store/lineage/status-change.ts';
import { actorIdOf, applyFacts } from '../../../../src/store/log/governance.ts';
import { promoteFact, reportFact, rolesFact } from '../../../../src/store/log/governance-acts.ts';
import { writing } from '../../../../src/store/objects/write-session.ts';
import { anAcceptedSignal, bob, hour, type Signal } from './an-accepted-signal.ts';
import { damage, tamper } from './tampering.ts';

let original: Signal;
beforeAll(async () => {
  original = await anAcceptedSignal();
}, 60_000);
afterAll(() => original.remove());

const record = (id: string): string => `(SELECT object_id FROM object WHERE sha256 = x'${id}' AND kind = 1)`;

const failing = ({ checks }: AuditResult): string[] =>
  checks.flatMap(({ name, outcome }) => (outcome === 'fail' ? [name] : [])).sort();

function check({ checks }: AuditResult, name: string): AuditCheck {
  return checks.find((one) => one.name === name) as AuditCheck;
}

test('a sound store passes every check', async () => {
  const { ok, checks } = await original.audit();
  expect(checks.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
  expect(ok).toBe(true);
  expect(readdirSync(join(original.root, '.cairn', 'tmp'))).toEqual([]);
}, 30_000);

interface Case {
  readonly what: string;
  readonly edit: (signal: Signal) => unknown;
  /** Every check that fails. */
  readonly fails: readonly string[];
  /** What the first of `fails` says. */
  readonly says: (signal: Signal) => string;
}

function logFile(signal: Signal): string {
  return join(signal.root, '.cairn', 'log', 'events-000001.jsonl');
}

const cases: readonly Case[] = [
  {
    what: 'a trigger is dropped',
    edit: ({ root }) => {
      const db = new Database(join(root, '.cairn', 'manifest.sqlite'));
      db.exec('DROP TRIGGER candidate_update');
      db.close();
    },
    fails: ['schema'],
    says: () => 'manifest: trigger candidate_update is missing',
  },
  {
    what: 'an artifact is given a type that is none',
    edit: (signal) => tamper(signal, `UPDATE object SET type_id = 999 WHERE object_id = ${record(signal.bundle)}`),
    fails: ['index', 'tables'],
    says: () => 'manifest: 1 artifacts without a type',
  },
  {
    what: 'a byte of the log is flipped',
    edit: (signal) => {
      const path = logFile(signal);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace('"action":"candidate.create"', '"action":"candidate.reject"'));
    },
    // What follows from a log that cannot be replayed is not passed either.
    fails: ['log', 'log-root', 'records', 'tables'],
    says: () => `event 10: event 10 of the manifest is not the one of the log (since ${hour(4)})`,
  },
  {
    what: 'the last event is removed from the manifest',
    edit: (signal) => tamper(signal, 'DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)'),
    fails: ['log', 'index', 'log-root', 'tables'],
    says: () => 'event 16: the manifest has no event 16, which the log has',
  },
  {
    what: 'an event in the middle is changed',
    edit: (signal) =>
      tamper(signal, "UPDATE event SET timestamp = '2026-01-01T09:59:00.000Z' WHERE action = 'approve'"),
    fails: ['tables'],
    says: () => 'approved_at_utc is 2026-01-01T09:59:00.000Z, and the log gives 2026-01-01T09:00:00.000Z',
  },
  {
    what: 'a leaf hash is changed',
    edit: (signal) => tamper(signal, 'UPDATE event SET leaf_hash = zeroblob(32) WHERE seq = 3'),
    fails: ['log-root', 'tables'],
    says: () => 'governance_events 3: its leaf hash is not that of its line in the log',
  },
  {
    what: 'the record of a report is changed',
    edit: (signal) =>
      tamper(
        signal,
        `UPDATE report SET record = replace(record, '"configVersion":"7"', '"configVersion":"8"') WHERE report_id = ${record(signal.report)}`,
      ),
    fails: ['record-texts', 'tables'],
    says: ({ report }) => `report ${shortId(report)}: the text of its record is not what its id is of`,
  },
  {
    what: 'a candidate is made accepted on the report of another',
    edit: (signal) =>
      tamper(
        signal,
        `UPDATE candidate SET status = 'accepted', report_id = ${record(signal.report)} WHERE candidate_id = ${record(signal.other)}`,
      ),
    fails: ['tables', 'reports', 'events'],
    says: ({ other }) => `promotion_candidates ${shortId(other)}: status is accepted, and the log gives exploratory`,
  },
  {
    what: 'the status of an accepted one is taken back',
    edit: (signal) =>
      tamper(signal, `UPDATE candidate SET status = 'rejected' WHERE candidate_id = ${record(signal.candidate)}`),
    fails: ['tables', 'names'],
    says: ({ candidate }) =>
      `promotion_candidates ${shortId(candidate)}: status is rejected, and the log gives accepted`,
  },
  {
    what: 'an approval is removed',
    edit: (signal) => tamper(signal, 'DELETE FROM approval'),
    fails: ['tables', 'approvals'],
    says: () => 'the log gives this row, and the manifest has none',
  },
  {
    what: 'an accepted name is given to another candidate',
    edit: (signal) =>
      tamper(signal, `UPDATE ref SET candidate_id = ${record(signal.other)} WHERE name LIKE 'accepted/%'`),
    fails: ['tables', 'names'],
    says: () => 'accepted/momentum-h20',
  },
  {
    what: 'evidence is taken out of its run',
    edit: (signal) =>
      tamper(
        signal,
        `DELETE FROM production WHERE artifact_id = ${record(signal.bundle)}`,
        `UPDATE object SET first_run = NULL WHERE object_id = ${record(signal.bundle)}`,
      ),
    fails: ['lineage', 'tables'],
    says: ({ candidate, bundle }) =>
      `candidate ${shortId(candidate)}: its validation_bundle ${shortId(bundle)} comes from neither its run nor one behind it (since ${hour(10)})`,
  },
  {
    what: 'evidence is not an artifact any more',
    edit: (signal) => tamper(signal, `UPDATE object SET key = NULL WHERE object_id = ${record(signal.bundle)}`),
    fails: ['evidence', 'index', 'tables', 'lineage'],
    says: ({ bundle }) => `its validation_bundle ${shortId(bundle)} is not known`,
  },
  {
    what: 'the log is gone',
    edit: (signal) => rmSync(logFile(signal)),
    fails: ['log', 'log-root', 'records', 'tables'],
    says: () => 'the log ends at byte 0',
  },
  {
    what: 'a signature under an approval is exchanged',
    edit: (signal) => {
      const db = new Database(join(signal.root, '.cairn', 'manifest.sqlite'), { readonly: true });
      const text = db.prepare('SELECT record FROM approval').pluck().get() as string;
      db.close();
      const forged = text.replace(/\\"sig\\":\\"(.)/, (all, first) => all.slice(0, -1) + (first === 'A' ? 'B' : 'A'));
      expect(forged).not.toBe(text);
      tamper(signal, `UPDATE approval SET record = '${forged}'`);
    },
    fails: ['approvals', 'tables', 'record-texts'],
    says: () => 'bad-signature',
  },
  {
    what: 'a record is damaged',
    edit: (signal) => damage(signal, signal.report),
    fails: ['records', 'tables', 'decisions'],
    says: () => 'damaged',
  },
  {
    what: 'somebody gives himself a role without an admin',
    edit: (signal) =>
      signal.at(
        12,
        (store) =>
          writing(store, 'forge', async (session) => {
            const actor = actorIdOf({ name: 'Bob Noyce', mail: 'bob@example.org' });
            await applyFacts(store, session, [rolesFact(store, session, 'grant', actor, ['admin'])]);
          }),
        bob,
      ),
    fails: ['authority'],
    says: () => `event 17 (actor.grant`,
  },
  {
    what: 'a complete report is forged and promoted on',
    edit: (signal) =>
      signal.at(12, async (store) => {
        const { report } = await evaluateCandidate(store, signal.other, { level: 'candidate' });
        await writing(store, 'forge', async (session) => {
          const forged = reportFact(store, session, { ...report.record, metrics: { mean_ic: 9 } });
          const promotion = promoteFact(store, session, signal.other, { to: 'candidate', report: forged.id });
          await applyFacts(store, session, [forged, promotion]);
        });
      }),
    fails: ['decisions'],
    says: ({ other }) => `candidate ${shortId(other)}`,
  },
];

describe('it fails when', () => {
  for (const { what, edit, fails, says } of cases) {
    test(what, async () => {
      const signal = original.copy();
      await edit(signal);
      const result = await signal.audit();
      expect(result.ok).toBe(false);
      expect(failing(result)).toEqual([...fails].sort());
      expect(check(result, fails[0] as string).detail).toContain(says(signal));
    }, 30_000);
  }
});

test('what was withdrawn since is a warning, and says since when it stood', async () => {
  const signal = original.copy();
  await signal.at(12, (store) => tombstone(store, signal.bundle, 'the vendor withdrew it'));
  const result = await signal.audit();
  expect(result.ok).toBe(true);
  const { outcome, detail } = check(result, 'at-risk');
  expect(outcome).toBe('warn');
  expect(detail).toContain(
    `candidate ${shortId(signal.candidate)}: at risk: its validation_bundle (${shortId(signal.bundle)}) was withdrawn`,
  );
}, 30_000);

test('who writes meanwhile neither waits nor is taken for tampering', async () => {
  const signal = original.copy();
  const writing = (async () => {
    for (let count = 0; count < 8; count++) await signal.commit(12, `more ${count}`, { 'more.csv': `${count}\n` });
  })();
  const audits = [await signal.audit(), await signal.audit(), await signal.audit()];
  await writing;
  expect(audits.flatMap(failing)).toEqual([]);
}, 60_000);
