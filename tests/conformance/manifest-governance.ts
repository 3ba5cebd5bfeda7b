/** Claims about governance: who may act, what is claimed, and by what a claim comes to be accepted. */
import { expect } from 'vitest';
import type { CandidateId, RefName, ReportId } from '../../src/core/ids.ts';
import type { CandidateEntry, CandidateStatus, Fact, Manifest, ManifestBatch } from '../../src/ports/manifest.ts';
import type { Claim } from './claims.ts';
import {
  approvalFact,
  backFact,
  candidateFact,
  type FactOf,
  governanceStory,
  keyFact,
  noPayload,
  person,
  personFact,
  policyFact,
  promoteFact,
  reportFact,
  revokeKeyFact,
  rolesFact,
  type Stage,
  stage,
} from './governance-sample.ts';
import {
  actorFact,
  ada,
  apply,
  artifact,
  at,
  codeOf,
  commit,
  dumpText,
  idOf,
  type ManifestFixture,
  refFact,
  sampleRun,
  statusFact,
  supersedeFact,
} from './manifest-sample.ts';
import { record } from './manifest-status.ts';

async function staged(manifest: Manifest): Promise<Stage> {
  const set = stage();
  await apply(manifest, set.facts);
  return set;
}

async function entry(manifest: Manifest, { id }: { readonly id: CandidateId }): Promise<CandidateEntry> {
  return (await manifest.candidates([id]))[0] as CandidateEntry;
}

/** Refused with a reason, and nothing is changed by it. */
async function refused(
  manifest: Manifest,
  fact: Fact,
  reason: RegExp | undefined = undefined,
  code = 'STATUS_CONFLICT',
): Promise<void> {
  const before = await dumpText(manifest);
  const error: unknown = await apply(manifest, [fact]).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code });
  if (reason !== undefined) expect(error).toMatchObject({ message: expect.stringMatching(reason) });
  expect(await dumpText(manifest)).toBe(before);
}

/** Facts that bring a new candidate into a status. */
function pathTo(status: CandidateStatus, candidate: FactOf<'candidate'>): Fact[] {
  const [one, two] = [reportFact(candidate, 'candidate'), reportFact(candidate, 'accepted')];
  const up = [one, promoteFact(candidate, one)];
  if (status === 'candidate') return up;
  if (status === 'accepted') return [...up, two, promoteFact(candidate, two)];
  return status === 'rejected' ? [backFact('reject', candidate)] : [];
}

const statuses = ['exploratory', 'candidate', 'accepted', 'rejected'] as const;
const allowed: { readonly [from in CandidateStatus]: readonly CandidateStatus[] } = {
  exploratory: ['candidate', 'rejected'],
  candidate: ['accepted', 'rejected', 'exploratory'],
  accepted: ['rejected', 'exploratory'],
  rejected: ['exploratory'],
};

export const governanceClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'takes a candidate up step by step, and shows where it stands and why',
    async check({ manifest }) {
      const { run, candidate, bundle, regimes } = await staged(manifest);
      expect(await entry(manifest, candidate)).toStrictEqual({
        id: candidate.id,
        record: candidate.record,
        notes: candidate.notes,
        seq: 9,
        createdAt: at(0),
        creator: ada,
        gitCommit: 'c'.repeat(40),
        status: 'exploratory',
        statusSeq: 9,
        statusAt: at(0),
        report: undefined,
        name: undefined,
        risks: [],
      });
      const [one, two] = [reportFact(candidate, 'candidate'), reportFact(candidate, 'accepted')];
      await apply(manifest, [one, promoteFact(candidate, one), two], 5);
      expect(await entry(manifest, candidate)).toMatchObject({ status: 'candidate', report: one.id, statusAt: at(5) });
      await apply(manifest, [promoteFact(candidate, two, { name: 'x', message: 'yes' })], 6);
      const accepted = { status: 'accepted', report: two.id, name: 'accepted/x', statusSeq: 13 };
      expect(await entry(manifest, candidate)).toMatchObject(accepted);
      const acts = await manifest.candidateActs(candidate.id);
      expect(
        acts.map(({ seq, action, status, report, name, reason }) => [seq, action, status, report, name, reason]),
      ).toEqual([
        [9, 'candidate.create', 'exploratory', undefined, undefined, undefined],
        [10, 'candidate.evaluate', 'exploratory', one.id, undefined, undefined],
        [11, 'candidate.promote', 'candidate', one.id, undefined, undefined],
        [12, 'candidate.evaluate', 'candidate', two.id, undefined, undefined],
        [13, 'candidate.promote', 'accepted', two.id, 'accepted/x', 'yes'],
      ]);
      expect((await manifest.reports([two.id, idOf('none')]))[0]).toStrictEqual({
        id: two.id,
        record: two.record,
        seq: 12,
        timestamp: at(5),
        origin: 'local',
      });
      expect(await manifest.ref('accepted/x' as RefName)).toBe(run.id);
      expect((await manifest.candidatesOn([bundle.id]))[0]).toBe(candidate.id);
      expect(await manifest.candidatesOn([idOf('none')])).toEqual([]);
      const lost = { namespace: 'blob', id: regimes.blob } as const;
      expect((await manifest.affected([lost])).candidates).toEqual([candidate.id]);
      const own = [two.id, two.record.facts, candidate.id, run.id];
      for (const id of own) {
        expect((await manifest.affected([{ namespace: 'record', id }])).candidates, id).toEqual([candidate.id]);
      }
      for (const [id, kind] of [
        [candidate.id, 'candidate'],
        [two.id, 'report'],
        [policyFact().id, 'policy'],
      ] as const) {
        expect(await manifest.find(id.slice(0, 20), 2)).toEqual([{ id, kind }]);
      }
    },
  },
  {
    claim: 'refuses every step that is not allowed, from every status',
    async check({ manifest }) {
      const { run } = await staged(manifest);
      for (const from of statuses) {
        for (const to of statuses) {
          const candidate = candidateFact(run, { signal: `${from} to ${to}` });
          await apply(manifest, [candidate, ...pathTo(from, candidate)]);
          const report = reportFact(candidate, to === 'accepted' ? 'accepted' : 'candidate', { seconds: 1 });
          await apply(manifest, [report]);
          const step =
            to === 'rejected'
              ? backFact('reject', candidate)
              : to === 'exploratory'
                ? backFact('withdraw', candidate)
                : promoteFact(candidate, report);
          if (allowed[from].includes(to)) await apply(manifest, [step]);
          else await refused(manifest, step);
          const expected = allowed[from].includes(to) ? to : from;
          expect((await entry(manifest, candidate)).status, `${from} to ${to}`).toBe(expected);
        }
      }
      const unknown = candidateFact(run, { signal: 'unknown' });
      await refused(manifest, backFact('reject', unknown), undefined, 'REV_NOT_FOUND');
    },
  },
  {
    claim: 'promotes only by the newest passing report of that candidate and level, under the active policy',
    async check({ manifest }) {
      const { run, candidate } = await staged(manifest);
      const twin = candidateFact(run, { signal: 'twin' });
      const [good, foreign] = [reportFact(candidate, 'candidate'), reportFact(twin, 'candidate')];
      await refused(manifest, promoteFact(candidate, good), /no such report/);
      await apply(manifest, [twin, foreign]);
      await refused(manifest, promoteFact(candidate, foreign), /is about candidate/);
      const exploratory = reportFact(candidate, 'exploratory');
      const higher = reportFact(candidate, 'accepted');
      await apply(manifest, [good, exploratory, higher]);
      await refused(manifest, promoteFact(candidate, exploratory), /for the level exploratory/);
      await refused(manifest, promoteFact(candidate, higher, { to: 'candidate' }), /for the level accepted/);
      const failing = reportFact(candidate, 'candidate', { failed: true, seconds: 1 });
      await apply(manifest, [failing]);
      await refused(manifest, promoteFact(candidate, failing), /did not pass/);
      await refused(manifest, promoteFact(candidate, good), /is newer/);
      const again = reportFact(candidate, 'candidate', { seconds: 2 });
      await apply(manifest, [again, policyFact('research', '2')]);
      await refused(manifest, promoteFact(candidate, again), /not the active one/);
      await refused(manifest, promoteFact(candidate, again, { name: 'x' }));
      await apply(manifest, [policyFact(), promoteFact(candidate, again)]);
      expect(await entry(manifest, candidate)).toMatchObject({ status: 'candidate', report: again.id });
    },
  },
  {
    claim: 'counts approvals by different independent people who hold the role, with keys that are theirs',
    async check({ manifest }) {
      const { candidate } = await staged(manifest);
      const approvals = [{ role: 'approver', count: 2 }];
      const report = reportFact(candidate, 'candidate', { approvals, interested: [person('Dan')] });
      const missing = (have: number): Promise<void> =>
        refused(manifest, promoteFact(candidate, report), new RegExp(`needs 2 .* has ${have}`));
      const people = [
        personFact('Dan', ['approver']),
        personFact('Eve'),
        keyFact('SHA256:dan', 'Dan'),
        keyFact('SHA256:eve', 'Eve'),
      ];
      await apply(manifest, [report, ...people]);
      await missing(0);
      await apply(manifest, [approvalFact(report, 'Ben', 'SHA256:ben1'), approvalFact(report, 'Ben', 'SHA256:ben2')]);
      await missing(1);
      await apply(manifest, [approvalFact(report, 'Dan', 'SHA256:dan')]);
      await missing(1);
      await apply(manifest, [approvalFact(report, 'Eve', 'SHA256:eve')]);
      await missing(1);
      await refused(manifest, approvalFact(report, 'Cleo', 'SHA256:ben1'));
      await refused(manifest, approvalFact(report, 'Cleo', 'SHA256:none'));
      await apply(manifest, [approvalFact(report, 'Cleo', 'SHA256:cleo'), revokeKeyFact('SHA256:cleo')]);
      await missing(1);
      const later = reportFact(candidate, 'accepted');
      await apply(manifest, [later]);
      await refused(manifest, approvalFact(later, 'Cleo', 'SHA256:cleo'), /is revoked/);
      await apply(manifest, [rolesFact('grant', 'Eve', 'approver'), rolesFact('revoke-roles', 'Ben', 'approver')]);
      await missing(1);
      const shown = (await manifest.approvals(report.id)).map(
        ({ actor, keyFingerprint, roles, rolesNow, keyRevoked }) => [
          actor,
          keyFingerprint,
          roles,
          rolesNow,
          keyRevoked,
        ],
      );
      expect(shown).toEqual([
        [person('Ben'), 'SHA256:ben1', ['approver', 'researcher'], ['researcher'], false],
        [person('Ben'), 'SHA256:ben2', ['approver', 'researcher'], ['researcher'], false],
        [person('Dan'), 'SHA256:dan', ['approver'], ['approver'], false],
        [person('Eve'), 'SHA256:eve', ['researcher'], ['approver', 'researcher'], false],
        [person('Cleo'), 'SHA256:cleo', ['approver'], ['approver'], true],
      ]);
      await apply(manifest, [rolesFact('grant', 'Ben', 'approver'), promoteFact(candidate, report)]);
      expect((await entry(manifest, candidate)).status).toBe('candidate');
    },
  },
  {
    claim: 'lets one of two promotions at once through, with one event',
    async check({ manifest }) {
      const { candidate } = await staged(manifest);
      const report = reportFact(candidate, 'candidate');
      await apply(manifest, [report]);
      const outcomes = await Promise.all(
        ['one', 'two', 'three'].map((message) =>
          codeOf(apply(manifest, [promoteFact(candidate, report, { message })])),
        ),
      );
      expect(outcomes.filter((code) => code === 'STATUS_CONFLICT').length).toBe(2);
      const events = await manifest.events({ action: 'candidate.promote' }, { limit: 0 });
      expect(events.rows.length).toBe(1);
    },
  },
  {
    claim: 'moves accepted names by promote, reject and withdraw alone',
    async check({ manifest }) {
      const { run, candidate } = await staged(manifest);
      const twin = candidateFact(run, { signal: 'twin' });
      const x = 'accepted/x' as RefName;
      await apply(manifest, [twin, ...pathTo('candidate', candidate), ...pathTo('candidate', twin)]);
      const [one, two] = [reportFact(candidate, 'accepted'), reportFact(twin, 'accepted')];
      await apply(manifest, [one, two]);
      await refused(manifest, refFact(x, undefined, run.id), undefined, 'BAD_ARGUMENT');
      await refused(manifest, promoteFact(candidate, one, { name: 'x', replace: twin.id }), undefined, 'REF_MOVED');
      await apply(manifest, [promoteFact(candidate, one, { name: 'x', message: 'first' })], 1);
      await refused(manifest, promoteFact(twin, two, { name: 'x' }), undefined, 'REF_MOVED');
      await apply(manifest, [promoteFact(twin, two, { name: 'x', replace: candidate.id })], 2);
      expect(await entry(manifest, candidate)).toMatchObject({ status: 'accepted', name: undefined });
      expect(await manifest.acceptedRefs('accepted/')).toStrictEqual([
        { name: x, candidate: twin.id, run: run.id, seq: (await entry(manifest, twin)).statusSeq },
      ]);
      expect(await manifest.acceptedRefs('accepted/y')).toEqual([]);
      await refused(manifest, refFact(x, run.id, undefined), undefined, 'BAD_ARGUMENT');
      await apply(manifest, [backFact('withdraw', twin, 'later')], 3);
      expect(await manifest.ref(x)).toBeUndefined();
      expect(await manifest.acceptedRefs('')).toEqual([]);
      const log = (await manifest.refLog(x, { limit: 0 })).rows;
      expect(log.map(({ fromCandidate, toCandidate, message }) => [fromCandidate, toCandidate, message])).toEqual([
        [twin.id, undefined, 'later'],
        [candidate.id, twin.id, undefined],
        [undefined, candidate.id, 'first'],
      ]);
      await apply(manifest, [backFact('reject', candidate)], 4);
      expect((await manifest.refLog(x, { limit: 0 })).rows.length).toBe(3);
    },
  },
  {
    claim: 'refuses what rests on withdrawn evidence, and shows what was accepted on it as at risk',
    async check({ manifest }) {
      const { candidate, bundle, regimes } = await staged(manifest);
      const other = artifact('other');
      await commit(manifest, { name: 'other', outputs: [other] });
      const report = reportFact(candidate, 'candidate');
      await apply(manifest, [report, statusFact('tombstone', regimes)]);
      await refused(manifest, promoteFact(candidate, report), /was withdrawn/);
      expect((await entry(manifest, candidate)).risks).toEqual([]);
      await apply(manifest, [statusFact('restore', regimes), promoteFact(candidate, report)]);
      const risks = async (): Promise<unknown> => (await entry(manifest, candidate)).risks;
      const listed = async (atRisk: boolean): Promise<number> =>
        (await manifest.listCandidates({ atRisk }, { limit: 0 })).rows.length;
      expect([await risks(), await listed(true), await listed(false)]).toEqual([[], 0, 1]);
      await apply(manifest, [supersedeFact(bundle, other), statusFact('tombstone', regimes)]);
      const failing = reportFact(candidate, 'candidate', { failed: true, seconds: 1 });
      await apply(manifest, [failing]);
      expect(await risks()).toStrictEqual([
        { kind: 'report-failed', report: failing.id },
        { artifact: regimes.id, kind: 'evidence-tombstoned', role: 'regime_summary' },
        { artifact: bundle.id, kind: 'evidence-superseded', role: 'validation_bundle' },
      ]);
      expect([await listed(true), await listed(false)]).toEqual([1, 0]);
      const mended = reportFact(candidate, 'candidate', { seconds: 2 });
      await apply(manifest, [statusFact('restore', bundle), statusFact('restore', regimes), mended]);
      expect([await risks(), await listed(true)]).toEqual([[], 0]);
    },
  },
  {
    claim: 'refuses a fact that its event, its payload or its record does not say',
    async check({ manifest }) {
      const { run, candidate } = await staged(manifest);
      const report = reportFact(candidate, 'candidate');
      const [approval, up] = [approvalFact(report, 'Ben', 'SHA256:ben1'), promoteFact(candidate, report)];
      const twin = candidateFact(run, { signal: 'twin', notes: 'n' });
      await apply(manifest, [report]);
      const withPayload = <One extends { event: object }>(fact: One): One => ({
        ...fact,
        event: { ...fact.event, payload: noPayload },
      });
      const eve = personFact('Eve');
      const key = keyFact('SHA256:eve', 'Ben');
      const policy = policyFact('other');
      const lies: Fact[] = [
        { ...eve, roles: ['admin'] },
        { ...eve, name: 'Ada' },
        withPayload(eve),
        { ...rolesFact('grant', 'Ben', 'admin'), roles: ['approver'] } as Fact,
        { ...rolesFact('revoke-roles', 'Ben', 'admin'), kind: 'grant' } as Fact,
        { ...rolesFact('grant', 'Ben', 'admin'), actor: person('Cleo') } as Fact,
        { ...key, actor: person('Cleo') },
        { ...key, publicKey: 'ff' },
        { ...key, fingerprint: 'SHA256:other' },
        { ...revokeKeyFact('SHA256:ben1', 'r', at(1)), from: at(2) },
        { ...revokeKeyFact('SHA256:ben1'), fingerprint: 'SHA256:cleo' },
        { ...policy, record: policyFact('third').record },
        { ...policy, event: policyFact('third').event },
        { ...twin, record: { ...twin.record, signalName: 'x' } },
        { ...twin, notes: 'other' },
        { ...twin, event: candidate.event },
        { ...report, id: idOf<ReportId>('other'), record: { ...report.record, level: 'accepted' } },
        { ...reportFact(candidate, 'accepted'), event: report.event },
        { ...approval, record: approvalFact(report, 'Ben', 'SHA256:ben2').record },
        { ...approval, event: approvalFact(report, 'Ben', 'SHA256:ben2').event },
        withPayload(up),
        { ...up, message: 'other' },
        { ...up, event: backFact('reject', candidate).event } as Fact,
        { ...backFact('reject', candidate, 'one'), reason: 'two' } as Fact,
        { ...backFact('reject', candidate), kind: 'withdraw' } as Fact,
      ];
      for (const [index, fact] of lies.entries()) {
        if (fact.kind === 'withdraw') await refused(manifest, fact);
        else {
          const before = await dumpText(manifest);
          expect(await codeOf(apply(manifest, [fact])), `${index} ${fact.kind}`).toBe('RECORD_INVALID');
          expect(await dumpText(manifest)).toBe(before);
        }
      }
    },
  },
  {
    claim: 'keeps people, roles and keys with their past',
    async check({ manifest }) {
      await staged(manifest);
      expect(await manifest.actors()).toStrictEqual([
        { id: ada, name: 'Ada', mail: 'ada@example.org', roles: ['admin', 'researcher'] },
        { id: person('Ben'), name: 'Ben', mail: 'ben@example.org', roles: ['approver', 'researcher'] },
        { id: person('Cleo'), name: 'Cleo', mail: 'cleo@example.org', roles: ['approver'] },
      ]);
      await apply(manifest, [
        rolesFact('grant', 'Cleo', 'approver', 'ci'),
        rolesFact('revoke-roles', 'Cleo', 'approver', 'never'),
      ]);
      expect((await manifest.actor(person('Cleo')))?.roles).toEqual(['ci']);
      await apply(manifest, [revokeKeyFact('SHA256:ben1', 'lost', at(3))], 7);
      const { type, publicKey } = keyFact('SHA256:ben1', 'Ben');
      const ben = { fingerprint: 'SHA256:ben1', actor: person('Ben'), publicKey, type, seq: 4, addedAt: at(0) };
      const revoked = { seq: 12, at: at(7), from: at(3), reason: 'lost' };
      expect(await manifest.key('SHA256:ben1')).toStrictEqual({ ...ben, revoked });
      expect((await manifest.keys()).map((key) => [key.fingerprint, key.revoked?.reason])).toEqual([
        ['SHA256:ben1', 'lost'],
        ['SHA256:ben2', undefined],
        ['SHA256:cleo', undefined],
      ]);
      expect(await manifest.key('SHA256:none')).toBeUndefined();
      for (const fact of [keyFact('SHA256:ben1', 'Cleo'), keyFact('SHA256:ben1', 'Ben'), revokeKeyFact('SHA256:ben1')])
        await refused(manifest, fact);
      for (const fact of [
        keyFact('SHA256:x', 'Nobody'),
        revokeKeyFact('SHA256:none'),
        rolesFact('grant', 'Nobody', 'ci'),
      ])
        await refused(manifest, fact, undefined, 'REV_NOT_FOUND');
    },
  },
  {
    claim: 'has the newest activation as the active policy, an old one too',
    async check({ manifest }) {
      expect([await manifest.activePolicy(), await manifest.policies()]).toEqual([undefined, []]);
      await apply(manifest, [actorFact]);
      const [one, two] = [policyFact(), policyFact('research', '2')];
      await apply(manifest, [one], 1);
      await apply(manifest, [two], 2);
      expect(await manifest.activePolicy()).toStrictEqual({
        id: two.id,
        name: 'research',
        version: '2',
        record: two.record,
        seq: 3,
        activatedAt: at(2),
        active: true,
      });
      await apply(manifest, [one], 3);
      const known = (await manifest.policies()).map(({ version, seq, active }) => [version, seq, active]);
      expect(known).toEqual([
        ['1', 4, true],
        ['2', 3, false],
      ]);
      expect((await manifest.policy(two.id))?.active).toBe(false);
      expect(await manifest.policy(idOf('none'))).toBeUndefined();
    },
  },
  {
    claim: 'skips what is known, event and all',
    async check({ manifest }) {
      const { candidate } = await staged(manifest);
      const report = reportFact(candidate, 'candidate');
      const approval = approvalFact(report, 'Ben', 'SHA256:ben1');
      await apply(manifest, [report, approval]);
      const before = await dumpText(manifest);
      expect((await apply(manifest, [candidate, report, approval, personFact('Ben')])).events).toEqual([]);
      expect(await dumpText(manifest)).toBe(before);
    },
  },
  {
    claim: 'lists candidates by status, dataset, signal and run, newest first, page by page',
    async check({ manifest }) {
      const { run, candidate } = await staged(manifest);
      const other = await commit(manifest, { name: 'other' });
      const more = [
        candidateFact(run, { signal: 'a', dataset: 'd2' }),
        candidateFact(other, { signal: 'a' }),
        candidateFact(other, { signal: 'b' }),
      ];
      await apply(manifest, [...more, backFact('reject', more[1] as FactOf<'candidate'>)]);
      const ids = [...more]
        .reverse()
        .map(({ id }) => id)
        .concat(candidate.id);
      const list = async (filter: Parameters<Manifest['listCandidates']>[0]): Promise<number[]> =>
        (await manifest.listCandidates(filter, { limit: 0 })).rows.map(({ id }) => ids.indexOf(id));
      expect(await list({})).toEqual([0, 1, 2, 3]);
      expect(await list({ status: 'rejected' })).toEqual([1]);
      expect(await list({ dataset: 'd2' })).toEqual([2]);
      expect(await list({ signal: 'a' })).toEqual([1, 2]);
      expect(await list({ run: run.id })).toEqual([2, 3]);
      expect(await list({ run: idOf('none') })).toEqual([]);
      expect(await list({ signal: 'a', status: 'exploratory' })).toEqual([2]);
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await manifest.listCandidates({}, { limit: 3, cursor });
        seen.push(...page.rows.map(({ id }) => ids.indexOf(id)));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toEqual([0, 1, 2, 3]);
    },
  },
  {
    claim: 'says which reports a candidate has, by level, newest first',
    async check({ manifest }) {
      const { candidate } = await staged(manifest);
      const made = [0, 1, 2].map((seconds) =>
        reportFact(candidate, seconds === 1 ? 'accepted' : 'candidate', { seconds }),
      );
      await apply(manifest, made);
      const [one, two, three] = made.map(({ id }) => id);
      expect((await manifest.reportsOf(candidate.id)).map(({ id }) => id)).toEqual([three, two, one]);
      expect((await manifest.reportsOf(candidate.id, 'candidate')).map(({ id }) => id)).toEqual([three, one]);
      expect((await manifest.newestReport(candidate.id, 'accepted'))?.id).toBe(two);
      expect(await manifest.newestReport(candidate.id, 'exploratory')).toBeUndefined();
      expect(await manifest.reportsOf(idOf('none'))).toEqual([]);
    },
  },
  {
    claim: 'walks the runs behind a run as its inputs say, within a limit, and says what was made there',
    async check({ manifest }) {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((key) => artifact(key)) as [
        ReturnType<typeof artifact>,
        ReturnType<typeof artifact>,
        ReturnType<typeof artifact>,
        ReturnType<typeof artifact>,
      ];
      const raw = await commit(manifest, { name: 'raw', outputs: [a] });
      const again = await commit(manifest, { name: 'again', outputs: [a], inputs: [d] });
      const said = await commit(manifest, { name: 'said', outputs: [b], inputs: [{ of: a, run: raw.id }] });
      const last = await commit(manifest, { name: 'last', outputs: [c], inputs: [b] });
      const either = await commit(manifest, { name: 'either', inputs: [a] });
      const ancestry = await manifest.ancestry({ run: last.id, artifacts: [a.id, b.id, c.id, d.id, idOf('none')] });
      expect(ancestry.runs).toEqual([last.id, said.id, raw.id]);
      expect(ancestry.complete).toBe(true);
      expect(ancestry.artifacts).toEqual([
        { producedBy: raw.id, usedBy: said.id },
        { producedBy: said.id, usedBy: last.id },
        { producedBy: last.id, usedBy: undefined },
        { producedBy: undefined, usedBy: undefined },
        { producedBy: undefined, usedBy: undefined },
      ]);
      expect((await manifest.ancestry({ run: either.id })).runs).toEqual([either.id, again.id, raw.id]);
      expect(await manifest.ancestry({ run: last.id, limit: 2 })).toMatchObject({
        runs: [last.id, said.id],
        complete: false,
      });
      expect(await manifest.ancestry({ run: idOf('none') })).toEqual({ runs: [], complete: true, artifacts: [] });
    },
  },
  {
    claim: 'is the same again when the log of governance is replayed, whatever texts were erased',
    async check({ manifest, another }) {
      const replay = await record(manifest, governanceStory());
      const copy = await another();
      for (const batch of replay) await copy.apply(batch);
      expect(await dumpText(copy)).toBe(await dumpText(manifest));
      expect(await copy.check()).toStrictEqual([]);
      const erased = await another();
      for (const batch of replay) await erased.apply(withoutReasons(batch));
      const status = async (of: Manifest): Promise<unknown> =>
        (await of.listCandidates({}, { limit: 0 })).rows.map(({ id, status: now, notes }) => [
          id,
          now,
          notes === undefined,
        ]);
      expect(await status(erased)).toEqual(
        ((await status(manifest)) as [unknown, unknown, boolean][]).map(([id, now]) => [id, now, true]),
      );
      expect(sampleRun({}).id).toBe(sampleRun({}).id);
    },
  },
];

/** The batch as it is read back when the payloads of reasons and notes are gone. */
function withoutReasons(batch: ManifestBatch): ManifestBatch {
  const facts = batch.facts.map((fact): Fact => {
    if (fact.kind === 'reject' || fact.kind === 'withdraw') return { ...fact, reason: undefined };
    return fact.kind === 'candidate' ? { ...fact, notes: undefined } : fact;
  });
  return { ...batch, facts };
}
