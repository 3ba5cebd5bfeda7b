/** Claims, evaluations and promotions over a manifest in memory: what is recorded, and that every failure blocks. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { PolicyId } from '../../../../src/core/ids.ts';
import { factsBytes } from '../../../../src/core/records/facts.ts';
import { parseFactsRecord } from '../../../../src/core/records/parse-record.ts';
import type { Manifest, ManifestBatch } from '../../../../src/ports/manifest.ts';
import { readPolicy } from '../../../../src/store/governance/active-policy.ts';
import { showCandidate } from '../../../../src/store/governance/candidate-details.ts';
import { createCandidate, listCandidates } from '../../../../src/store/governance/candidates.ts';
import { evaluateCandidate } from '../../../../src/store/governance/evaluate.ts';
import { activatePolicy, testPolicy } from '../../../../src/store/governance/policies.ts';
import { promoteCandidate, rejectCandidate, withdrawCandidate } from '../../../../src/store/governance/promote.ts';
import { supersede, tombstone } from '../../../../src/store/lineage/status-change.ts';
import { registerActor } from '../../../../src/store/log/register-actor.ts';
import { readRecord } from '../../../../src/store/objects/object-reader.ts';
import { type Claims, type Context, someClaims } from './a-claim.ts';

const policyText = `name: small
version: "1"
thresholds: { mean_ic_min: 0.02 }
levels:
  candidate: { evidence: [validation_bundle] }
  accepted: { like: candidate, waivable: [{ subject: mean_ic, roles: [admin] }] }
checks:
  - id: mean_ic
    role: validation_bundle
    assert: bundle.mean_ic >= thresholds.mean_ic_min
    message: mean IC {bundle.mean_ic} is below {thresholds.mean_ic_min}
`;

const bundle = (meanIc: string): string => `{"signal_name": "momentum", "mean_ic": ${meanIc}}`;

let claims: Claims;
beforeEach(async () => {
  claims = someClaims();
  await registerActor(claims.context, claims.context.author, ['admin']);
});

async function activate(text = policyText): Promise<PolicyId> {
  return (await activatePolicy(claims.context, await readPolicy(claims.context, text, 'policy.yaml'))).id;
}

async function candidateOf(files: { readonly [path: string]: string }, signal = 'momentum'): Promise<string> {
  const { run } = await claims.run(files);
  return (await createCandidate(claims.context, { run, signal, horizon: 5 })).candidate.id;
}

describe('a claim', () => {
  test('pins evidence by name, and is the same when it is said again', async () => {
    const { run, artifacts } = await claims.run({
      'a/validation_bundle.json': bundle('0.03'),
      'signals.csv': 'x\n1\n',
    });
    const request = { run, signal: 'momentum', horizon: 5, notes: 'first' };
    const one = await createCandidate(claims.context, request);
    expect(one.candidate).toMatchObject({ status: 'exploratory', notes: 'first', risks: [] });
    expect(one.candidate.record).toMatchObject({
      run,
      datasetId: 'd1',
      evidence: [{ role: 'validation_bundle', artifact: artifacts.get('a/validation_bundle.json') }],
    });
    const { size } = await claims.context.manifest.logHead();
    const again = await createCandidate(claims.as('Bob'), request);
    expect([again.candidate.id, again.created]).toEqual([one.candidate.id, false]);
    expect((await claims.context.manifest.logHead()).size).toBe(size);
    const other = await createCandidate(claims.context, { ...request, notes: 'second' });
    expect(other.candidate.id).not.toBe(one.candidate.id);
    expect((await listCandidates(claims.context, { signal: 'momentum' }, { limit: 0 })).rows).toHaveLength(2);
  });

  test('two files that may be one role are not guessed between', async () => {
    const { run } = await claims.run({
      'a/rc_summary.json': '{"rc_p_value": 1}',
      'b/rc_summary.json': '{"rc_p_value": 2}',
    });
    const made = createCandidate(claims.context, { run, signal: 's', horizon: 5 });
    await expect(made).rejects.toMatchObject({ code: 'BAD_ARGUMENT', hint: expect.stringContaining('rc_summary=a/') });
  });

  test('a text that looks like a secret is refused', async () => {
    const { run } = await claims.run({ 'x.txt': 'x' });
    const notes = 'AKIAIOSFODNN7EXAMPLE';
    await expect(createCandidate(claims.context, { run, signal: 's', horizon: 5, notes })).rejects.toMatchObject({
      code: 'SECRET_LIKE',
    });
  });
});

describe('an evaluation', () => {
  test('records the facts without loss, and a report that follows from them', async () => {
    await activate();
    const candidate = await candidateOf({
      'validation_bundle.json': '{"mean_ic": NaN, "horizons": [9223372036854775807]}',
    });
    const { report } = await evaluateCandidate(claims.context, candidate, { level: 'candidate' });
    const facts = parseFactsRecord(await readRecord(claims.context, report.record.facts));
    expect(facts.evidence[0]?.content).toEqual({
      value: { mean_ic: { $number: 'NaN' }, horizons: [{ $number: '9223372036854775807' }] },
      faults: [],
    });
    expect(facts.run).toMatchObject({ walkForward: true, engineVersion: '1', configVersion: '2' });
    expect(claims.context.codec.sha256Hex(factsBytes(facts))).toBe(report.record.facts);
    expect(report.record.passed).toBe(false);
    expect(report.record.blockers[0]?.message).toContain('NaN');
  });

  test('activates the default policy where there is none, once', async () => {
    const candidate = await candidateOf({ 'validation_bundle.json': bundle('0.03') });
    expect((await evaluateCandidate(claims.context, candidate, { level: 'exploratory' })).activated).toBe(true);
    expect((await evaluateCandidate(claims.context, candidate, { level: 'exploratory' })).activated).toBe(false);
    expect(await claims.context.manifest.activePolicy()).toMatchObject({ name: 'research-default' });
  });

  test('evidence that was withdrawn since cannot be read, and blocks', async () => {
    await activate();
    const { run, artifacts } = await claims.run({ 'validation_bundle.json': bundle('0.03') });
    const { candidate } = await createCandidate(claims.context, { run, signal: 's', horizon: 5 });
    const artifact = [...artifacts.values()][0];
    if (artifact === undefined) throw new Error('no artifact');
    await tombstone(claims.context, artifact, 'wrong');
    const { report } = await evaluateCandidate(claims.context, candidate.id, { level: 'candidate' });
    expect(report.record.blockers.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['evidence_readable', 'evidence_active']),
    );
  });

  test('a policy that cannot decide and a program that says nonsense block', async () => {
    const programs = `programs:\n  - { id: desk, argv: [desk], sha256: "${'0'.repeat(64)}" }\n`;
    await activate(policyText + programs);
    const candidate = await candidateOf({ 'validation_bundle.json': bundle('0.03') });
    const blockers = async (): Promise<string[]> =>
      (await evaluateCandidate(claims.context, candidate, { level: 'candidate' })).report.record.blockers.map(
        ({ message }) => message,
      );
    expect(await blockers()).toEqual([]);
    const said: [{ text: string } | { problem: string }, RegExp][] = [
      [{ text: 'yes' }, /could not be decided: the answer/],
      [{ text: '{"passed": "yes"}' }, /its answer is not/],
      [{ text: '{"passed": true, "extra": 1}' }, /its answer is not/],
      [{ text: '{"passed": false}' }, /did not pass/],
      [{ text: '{"passed": true, "blockers": ["no"]}' }, /^no$/],
      [{ problem: 'it gave no answer' }, /it gave no answer/],
    ];
    for (const [answer, blocker] of said) {
      claims.answer = answer;
      expect(await blockers()).toEqual([expect.stringMatching(blocker)]);
    }
  });

  test('a waiver needs a reason, stands in the report, and counts only for who may', async () => {
    await activate();
    const candidate = await candidateOf({ 'validation_bundle.json': bundle('0.01') });
    const waive = (reason: string, context = claims.context): ReturnType<typeof evaluateCandidate> =>
      evaluateCandidate(context, candidate, { level: 'accepted', waivers: [{ subject: 'mean_ic', reason }] });
    await expect(waive(' ')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    expect((await waive('a pilot')).report.record).toMatchObject({
      passed: true,
      waivers: [{ subject: 'mean_ic', reason: 'a pilot' }],
    });
    expect((await waive('a pilot', claims.as('Bob'))).report.record).toMatchObject({ passed: false, waivers: [] });
  });

  test('a split plan is held against the only table with times among the inputs', async () => {
    await activate(policyText);
    const data = await claims.run({ 'prices.csv': 'ts,price\n1,1\n', 'config.yaml': 'a: 1\n' });
    const inputs = [...data.artifacts.values()].map((artifact) => ({ artifact, run: data.run }));
    const plan = (embargo: number): string =>
      JSON.stringify({
        folds: [
          {
            fold_id: 'f1',
            train_start_ts: 1,
            train_end_ts: 20,
            test_start_ts: 24,
            test_end_ts: 30,
            purge_gap_bars: 2,
            embargo_bars: embargo,
            asof_lag_bars: 0,
          },
        ],
      });
    const blockers = async (embargo: number, from: typeof inputs): Promise<string[]> => {
      const { run } = await claims.run(
        { 'validation_bundle.json': bundle('0.03'), 'split_plan.json': plan(embargo) },
        from,
      );
      const { candidate } = await createCandidate(claims.context, { run, signal: 's', horizon: 5 });
      const { report } = await evaluateCandidate(claims.context, candidate.id, { level: 'candidate' });
      return report.record.blockers.map(({ message }) => message);
    };
    expect(await blockers(1, inputs)).toEqual([]);
    expect(await blockers(2, inputs)).toEqual([
      expect.stringMatching(/^fold f1: 3 bars between train end and test start/),
    ]);
    expect(await blockers(1, [])).toEqual([
      expect.stringMatching(/no input of the run is a table.*--evidence dataset=<file>/),
    ]);
    const second = await claims.run({ 'events.csv': 'ts\n1\n' });
    const more = [...inputs, ...[...second.artifacts.values()].map((artifact) => ({ artifact, run: second.run }))];
    expect(await blockers(1, more)).toEqual([expect.stringContaining('several tables with times')]);
  });

  test('trying a policy writes nothing', async () => {
    const candidate = await candidateOf({ 'validation_bundle.json': bundle('0.01') });
    const { size } = await claims.context.manifest.logHead();
    const policy = await readPolicy(claims.context, policyText, 'policy.yaml');
    const { decision } = await testPolicy(claims.context, policy, { level: 'accepted', subject: { candidate } });
    expect(decision.blockers).toMatchObject([{ check: 'mean_ic', message: 'mean IC 0.01 is below 0.02' }]);
    expect((await claims.context.manifest.logHead()).size).toBe(size);
  });
});

describe('a promotion', () => {
  test('relies on the newest report of the level, under the active policy', async () => {
    await activate();
    const candidate = await candidateOf({ 'validation_bundle.json': bundle('0.03') });
    const promote = (to: 'candidate' | 'accepted' = 'candidate'): ReturnType<typeof promoteCandidate> =>
      promoteCandidate(claims.context, candidate, { to });
    await expect(promote()).rejects.toMatchObject({
      code: 'PROMOTION_BLOCKED',
      message: expect.stringContaining('never evaluated'),
    });
    await evaluateCandidate(claims.context, candidate, { level: 'accepted' });
    await expect(promote()).rejects.toMatchObject({
      message: expect.stringContaining('never evaluated for the level candidate'),
    });
    await evaluateCandidate(claims.context, candidate, { level: 'candidate' });
    await activate(policyText.replace('0.02', '0.025'));
    await expect(promote()).rejects.toMatchObject({ message: expect.stringContaining('made under another policy') });
    await evaluateCandidate(claims.context, candidate, { level: 'candidate' });
    expect((await promote()).candidate.status).toBe('candidate');
    await expect(promote()).rejects.toMatchObject({ message: expect.stringContaining('it is candidate already') });
    await expect(promote('accepted')).rejects.toMatchObject({
      message: expect.stringContaining('made under another policy'),
    });
  });

  async function accepted(signal: string, as?: string, replace?: boolean): Promise<string> {
    const candidate = await candidateOf(
      { 'validation_bundle.json': bundle('0.03'), 'x.txt': signal + (as ?? '') },
      signal,
    );
    for (const to of ['candidate', 'accepted'] as const) {
      await evaluateCandidate(claims.context, candidate, { level: to });
      await promoteCandidate(claims.context, candidate, { to, ...(to === 'accepted' ? { as, replace } : {}) });
    }
    return candidate;
  }

  test('gives a name that is taken only when it may be, and frees it again', async () => {
    await activate();
    const first = await accepted('momentum');
    await expect(accepted('reversal', 'momentum-h5')).rejects.toMatchObject({ code: 'REF_EXISTS' });
    const second = await accepted('carry', 'momentum-h5', true);
    const names = async (): Promise<unknown> =>
      (await claims.context.manifest.acceptedRefs('')).map(({ name, candidate }) => [name, candidate]);
    expect(await names()).toEqual([['accepted/momentum-h5', second]]);
    expect((await showCandidate(claims.context, first)).candidate).toMatchObject({
      status: 'accepted',
      name: undefined,
    });
    await withdrawCandidate(claims.context, 'accepted/momentum-h5', 'a better one');
    expect(await names()).toEqual([]);
    await rejectCandidate(claims.context, first, 'no');
    await expect(rejectCandidate(claims.context, first, 'no')).rejects.toMatchObject({ code: 'STATUS_CONFLICT' });
    await expect(withdrawCandidate(claims.context, first, '  ')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  test('superseded evidence puts it at risk, and says whom it hits', async () => {
    await activate();
    const candidate = await accepted('momentum');
    const shown = await showCandidate(claims.context, candidate);
    const old = shown.evidence[0]?.artifact.id;
    const newer = (await claims.run({ 'other.json': bundle('0.05') })).artifacts.get('other.json');
    if (old === undefined || newer === undefined) throw new Error('no artifact');
    const { dependents } = await supersede(claims.context, newer, old, undefined);
    expect(dependents.candidates).toMatchObject([{ id: candidate, risks: [{ kind: 'evidence-superseded' }] }]);
    expect((await listCandidates(claims.context, { status: 'at-risk' }, { limit: 0 })).rows).toHaveLength(1);
  });

  test('whoever comes second is told who was quicker', async () => {
    await activate();
    const candidate = await candidateOf({ 'validation_bundle.json': bundle('0.03') });
    await evaluateCandidate(claims.context, candidate, { level: 'candidate' });
    const { manifest } = claims.context;
    // Cleo promotes between what Bob reads and what he writes.
    const overtaken = Object.assign(Object.create(manifest) as Manifest, {
      apply: async (batch: ManifestBatch) => {
        await promoteCandidate(claims.as('Cleo'), candidate, { to: 'candidate' });
        return manifest.apply(batch);
      },
    });
    const bob = Object.create(claims.as('Bob'), { manifest: { value: overtaken } }) as Context;
    await expect(promoteCandidate(bob, candidate, { to: 'candidate' })).rejects.toMatchObject({
      code: 'STATUS_CONFLICT',
      message: expect.stringMatching(/ became candidate meanwhile, by Cleo at 2026/),
    });
    const { rows } = await claims.context.manifest.events({ action: 'candidate.promote' }, { limit: 0 });
    expect(rows).toHaveLength(1);
  });
});
