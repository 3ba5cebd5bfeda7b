/** From a run with evidence to an accepted name, and everything that stands in the way. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aStudy, blockersOf, bob, createCandidate, type Evidence, enterBob, roles } from './a-signal-study.ts';
import { environment, newWorkspace, program, type Workspace } from './cairn.ts';

/** A member of evidence that the test knows to be there. */
function member(evidence: Evidence, role: string, ...path: string[]): { [key: string]: never } {
  let at = evidence[role] as never;
  for (const step of path) at = (at as { [key: string]: never })[step] as never;
  return at;
}

function promoteToCandidate(workspace: Workspace, candidate: string): void {
  expect(blockersOf(workspace, candidate)).toEqual([]);
  workspace.says(['promote', candidate, '--to', 'candidate']);
}

describe('from a run to an accepted name', () => {
  test('exploratory, candidate, accepted, with an approval by somebody else', () => {
    const study = aStudy();
    const { workspace } = study;
    enterBob(workspace);
    const candidate = createCandidate(study);
    const created = workspace.json('candidate.show', ['candidate', 'show', candidate]);
    expect(created).toMatchObject({ status: 'exploratory', atRisk: false, datasetId: study.dataset });
    expect(created.evidence.map(({ role }) => role).sort()).toEqual([...roles].sort());
    expect(created.next).toMatchObject({ to: 'candidate', missing: [{ next: expect.stringContaining('evaluate') }] });

    promoteToCandidate(workspace, candidate);
    const report = workspace.json('evaluate', ['evaluate', candidate, '--level', 'accepted']);
    expect(report).toMatchObject({ passed: true, approvals: [{ role: 'approver', count: 1 }], runKey: study.runKey });
    expect(report.metrics).toMatchObject({ mean_ic: 0.034, rc_p_value: 0.012 });

    const early = workspace.error(['promote', candidate, '--to', 'accepted'], 1);
    expect(early.code).toBe('PROMOTION_BLOCKED');
    expect(early.message).toContain('it needs an approval by the role approver, and has 0');
    expect(early.hint).toContain('cairn approve');

    workspace.says(['approve', report.eligibilityReportId], 0, { env: { CAIRN_AUTHOR: bob } });
    const done = workspace.json('promote', ['promote', candidate, '--to', 'accepted', '-m', 'committee']);
    expect(done).toMatchObject({ status: 'accepted', name: 'accepted/momentum-h5', candidateId: candidate });

    expect(workspace.json('show', ['show', 'accepted/momentum-h5'])).toMatchObject({
      kind: 'candidate',
      candidateId: candidate,
    });
    expect(workspace.json('show', ['show', report.eligibilityReportId])).toMatchObject({
      kind: 'report',
      passed: true,
    });
    expect(workspace.json('ls', ['ls', 'accepted/momentum-h5']).artifacts.map(({ path }) => path)).toContain(
      'signals.csv',
    );
    expect(workspace.json('ls', ['ls', candidate]).artifacts).toHaveLength(9);
    expect(workspace.json('checkout', ['checkout', 'accepted/momentum-h5', '--to', 'out'])).toMatchObject({
      run: study.run,
    });
    expect(workspace.says(['cat', `${candidate}:signals.csv`])).toContain('ts,signal');
    expect(workspace.json('candidate.list', ['candidate', 'list', '--status', 'accepted']).candidates).toHaveLength(1);
    const story = workspace.json('events', ['events', '--candidate', candidate, '--reverse']).events;
    expect(story.map(({ action }) => action)).toEqual([
      'candidate.create',
      'candidate.evaluate',
      'candidate.promote',
      'candidate.evaluate',
      'approve',
      'candidate.promote',
    ]);
    expect(story.at(-1)?.eventId).toBe(done.eventId);
    expect(workspace.json('reflog', ['reflog', 'accepted/momentum-h5']).entries).toHaveLength(1);

    workspace.says(['tombstone', 'HEAD:reports/rc_summary.json', '-m', 'wrong null']);
    expect(workspace.says(['log', '--oneline', '-n', '1'])).toContain('accepted/momentum-h5 at-risk');
    for (const command of [['ls'], ['checkout', '--to', 'again', '--force']]) {
      const told = workspace.cairn([
        ...command,
        'accepted/momentum-h5',
        ...(command[0] === 'ls' ? [] : ['signals.csv']),
      ]);
      expect(told.stderr).toContain('warning: accepted/momentum-h5 is at risk: its rc_summary');
    }
  }, 120_000);

  test('a twin is rejected, and its name is never taken', () => {
    const study = aStudy();
    const { workspace } = study;
    const twin = createCandidate(study, ['--estimator', 'twin']);
    expect(createCandidate(study, ['--estimator', 'twin'])).toBe(twin);
    expect(workspace.json('reject', ['reject', twin, '-m', 'no economic reason'])).toMatchObject({
      status: 'rejected',
    });
    expect(workspace.error(['promote', twin, '--to', 'candidate'], 1).message).toContain('it is rejected');
    expect(workspace.error(['reject', twin, '-m', 'again'], 4).code).toBe('STATUS_CONFLICT');
    expect(workspace.json('withdraw', ['withdraw', twin, '-m', 'a reason was found']).status).toBe('exploratory');
  }, 60_000);
});

describe('what blocks, in words of its own', () => {
  const cases: readonly [what: string, change: (evidence: Evidence) => void, blocker: RegExp][] = [
    [
      'a bundle of another run',
      (evidence) => Object.assign(member(evidence, 'validation_bundle', 'meta'), { run_key: 'f'.repeat(64) }),
      /^run_key_matches_run: run_key of the validation bundle is f{64}, and that of the candidate's run is/,
    ],
    [
      'a bundle of another dataset',
      (evidence) => Object.assign(member(evidence, 'validation_bundle', 'meta'), { dataset_id_v2: 'e'.repeat(64) }),
      /^dataset_id_v2_matches_run: dataset_id_v2 of the validation bundle is e{64}/,
    ],
    [
      'a bundle of another signal',
      (evidence) => Object.assign(member(evidence, 'validation_bundle'), { signal_name: 'reversal' }),
      /^signal_name_matches: the validation bundle is about the signal reversal/,
    ],
    [
      'a Reality Check value that differs between two files',
      (evidence) => Object.assign(member(evidence, 'rc_summary'), { rc_p_value: 0.013 }),
      /^rc_p_value_same: .*0\.013.*0\.012|^rc_p_value_same: .*0\.012.*0\.013/,
    ],
    [
      'a split plan that contradicts what is declared',
      (evidence) => Object.assign(member(evidence, 'split_plan', 'folds', '0'), { test_start_ts: 22 }),
      /^fold_causality_recomputed: fold f1: 1 bar between train end and test start.*although purge_applied and embargo_applied is declared true/,
    ],
  ];
  test.each(cases)(
    '%s',
    (_, change, blocker) => {
      const study = aStudy(change);
      const [first, ...others] = blockersOf(study.workspace, createCandidate(study));
      expect(first).toMatch(blocker);
      expect(others).toEqual([]);
    },
    60_000,
  );

  test('evidence from outside of the ancestry', () => {
    const study = aStudy();
    const { workspace } = study;
    workspace.commit('Somewhere else', { 'other.json': '{"max_participation_rate": 0.2}' });
    const evidence = roles
      .filter((role) => role !== 'execution_evidence')
      .flatMap((role) => ['--evidence', `${role}=reports/${role}.json`]);
    const claim = ['candidate', 'create', '--run', study.run, '--signal', 'momentum', '--horizon', '5', ...evidence];
    const created = workspace.json('candidate.create', [...claim, '--evidence', 'execution_evidence=HEAD:other.json']);
    expect(created.warnings).toEqual([expect.stringContaining('is not in its ancestry')]);
    expect(blockersOf(workspace, created.candidateId)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^evidence_in_ancestry: execution_evidence .* was not produced by the candidate's run/),
      ]),
    );
  }, 60_000);

  test('another name in the configuration approves nothing', () => {
    const study = aStudy();
    const { workspace } = study;
    enterBob(workspace);
    const candidate = createCandidate(study);
    promoteToCandidate(workspace, candidate);
    const report = workspace.json('evaluate', ['evaluate', candidate, '--level', 'accepted']).eligibilityReportId;
    const mallory = { env: { CAIRN_AUTHOR: 'Mallory <mallory@example.org>' } };
    expect(workspace.error(['approve', report], 6, mallory).code).toBe('NOT_PERMITTED');
    expect(workspace.error(['approve', report], 6).message).toContain('not independent');
    expect(workspace.error(['promote', candidate, '--to', 'accepted'], 1, mallory).message).toContain(
      'has 0 that count',
    );
    expect(workspace.error(['policy', 'activate', 'research-strict'], 6, mallory).code).toBe('NOT_PERMITTED');
  }, 120_000);
});

describe('evidence at creation', () => {
  test('a file that does not fit its role is refused with the place', () => {
    const study = aStudy((evidence) => Object.assign(member(evidence, 'rc_summary'), { requested_n_sim: 'many' }));
    const claim = ['candidate', 'create', '--run', 'HEAD', '--signal', 'momentum', '--horizon', '5'];
    const error = study.workspace.error(claim, 2);
    expect(error).toMatchObject({
      code: 'EVIDENCE_INVALID',
      hint: expect.stringContaining('cairn schema evidence.rc_summary'),
    });
    expect(error.message).toContain('$.requested_n_sim');
  }, 60_000);

  test('an unknown role names the roles, an unknown file the run', () => {
    const { workspace } = aStudy();
    const claim = ['candidate', 'create', '--run', 'HEAD', '--signal', 'momentum', '--horizon', '5', '--evidence'];
    expect(workspace.error([...claim, 'bundle=signals.csv'], 2).hint).toContain('validation_bundle, rc_summary');
    expect(workspace.error([...claim, 'rc_summary=nowhere.json'], 3).hint).toContain('cairn ls');
    expect(workspace.json('candidate.create', [...claim, 'desk.note=signals.csv']).evidence).toHaveLength(1);
  }, 60_000);
});

describe('what was accepted and does not stand any more', () => {
  test('is at risk in every view, with what to do', () => {
    const study = aStudy();
    const { workspace } = study;
    const candidate = createCandidate(study);
    promoteToCandidate(workspace, candidate);
    const withdrawn = workspace.says(['tombstone', 'HEAD:reports/rc_summary.json', '-m', 'wrong null']);
    expect(withdrawn).toMatch(/at risk: candidate <\d+> \(momentum at horizon 5\), candidate/);
    expect(withdrawn).toContain('cairn withdraw');
    const shown = workspace.json('candidate.show', ['candidate', 'show', candidate]);
    expect(shown).toMatchObject({ atRisk: true, risks: [{ kind: 'evidence-tombstoned', role: 'rc_summary' }] });
    expect(workspace.json('candidate.list', ['candidate', 'list', '--status', 'at-risk']).candidates).toHaveLength(1);
    expect(workspace.says(['show', 'HEAD'])).toMatch(/Candidates:\n {2}<\d+> candidate, at-risk/);
    expect(workspace.says(['show', 'HEAD:reports/rc_summary.json'])).toContain('at-risk');
    expect(blockersOf(workspace, candidate)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^evidence_readable: rc_summary/),
        expect.stringMatching(/^evidence_active/),
      ]),
    );
    workspace.says(['restore', 'HEAD:reports/rc_summary.json', '-m', 'it was right']);
    expect(workspace.json('candidate.show', ['candidate', 'show', candidate]).risks).toMatchObject([
      { kind: 'report-failed' },
    ]);
  }, 120_000);
});

describe('two at once', () => {
  function start(workspace: Workspace, args: readonly string[]): Promise<{ status: number | null; stderr: string }> {
    const child = spawn(process.execPath, [program, ...args], { cwd: workspace.root, env: environment });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    return new Promise((resolve) => {
      child.on('close', (status) => resolve({ status, stderr }));
    });
  }

  test('one promotes, one event, and the others are told', async () => {
    const study = aStudy();
    const { workspace } = study;
    const candidate = createCandidate(study);
    expect(blockersOf(workspace, candidate)).toEqual([]);
    const all = await Promise.all(
      Array.from({ length: 4 }, () => start(workspace, ['promote', candidate, '--to', 'candidate'])),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([0, ...all.slice(1).map(() => expect.toBeOneOf([1, 4]))]);
    for (const { status, stderr } of all) {
      if (status !== 0) expect(stderr).toMatch(/is candidate already|became candidate meanwhile, by Ada Lovelace/);
    }
    const { events } = workspace.json('events', ['events', '--action', 'candidate.promote']);
    expect(events).toHaveLength(1);
  }, 60_000);
});

test('the same evidence and policy give the same report on two machines', () => {
  const [one, other] = [aStudy(), aStudy()].map((study) => {
    const candidate = createCandidate(study);
    return study.workspace.json('evaluate', ['evaluate', candidate, '--level', 'candidate']);
  });
  expect(one?.eligibilityReportId).toBe(other?.eligibilityReportId);
}, 60_000);

describe('policies', () => {
  const policy = (more = ''): string => `name: desk
version: "1"
extends: research-default
${more}`;

  test('are listed, checked, tried and activated', () => {
    const study = aStudy();
    const { workspace } = study;
    expect(workspace.json('policy.list', ['policy', 'list']).policies[0]).toMatchObject({
      name: 'research-default',
      active: true,
    });
    workspace.write('desk.yaml', policy('thresholds: { mean_ic_min: 0.05 }\n'));
    expect(workspace.json('policy.check', ['policy', 'check', 'desk.yaml'])).toMatchObject({ ok: true, name: 'desk' });
    const before = workspace.json('events', ['events']).events.length;
    const tried = workspace.json(
      'policy.test',
      ['policy', 'test', 'desk.yaml', '--level', 'candidate', '--signal', 'momentum', '--horizon', '5'],
      { status: 1 },
    );
    expect(tried.blockers).toMatchObject([{ check: 'mean_ic' }]);
    const check = tried.checks.find((one) => one.check === 'mean_ic');
    expect(check?.values).toEqual(
      expect.arrayContaining([
        { path: 'summary.mean_ic', value: 0.034 },
        { path: 'thresholds.mean_ic_min', value: 0.05 },
      ]),
    );
    expect(workspace.json('events', ['events']).events).toHaveLength(before);

    const candidate = createCandidate(study);
    expect(blockersOf(workspace, candidate)).toEqual([]);
    workspace.says(['policy', 'activate', 'desk.yaml']);
    expect(workspace.json('policy.activate', ['policy', 'activate', 'desk.yaml']).changed).toBe(false);
    expect(workspace.error(['promote', candidate, '--to', 'candidate'], 1).message).toContain(
      'made under another policy',
    );
    expect(blockersOf(workspace, candidate)).toEqual([expect.stringMatching(/^mean_ic:/)]);
    workspace.write(
      'broken.yaml',
      'name: broken\nversion: "1"\nchecks:\n  - { id: one, assert: "nothing.here == 1", message: "no" }\n',
    );
    expect(workspace.json('policy.check', ['policy', 'check', 'broken.yaml'], { status: 1 }).faults).toHaveLength(1);
    expect(workspace.error(['policy', 'activate', 'broken.yaml'], 2).code).toBe('POLICY_INVALID');
  }, 120_000);

  test('a program of the policy is asked, and another program is not run', () => {
    const study = aStudy();
    const { workspace } = study;
    const script = `#!/bin/sh\ngrep -q '"signalName":"momentum"' && echo '{"passed": false, "blockers": ["the desk says no"]}'\n`;
    workspace.write('desk.sh', script);
    chmodSync(workspace.path('desk.sh'), 0o755);
    const sha256 = createHash('sha256')
      .update(readFileSync(join(workspace.root, 'desk.sh')))
      .digest('hex');
    workspace.write(
      'desk.yaml',
      policy(`programs:\n  - { id: desk_program, argv: [./desk.sh], sha256: "${sha256}" }\n`),
    );
    workspace.says(['policy', 'activate', 'desk.yaml']);
    const candidate = createCandidate(study);
    expect(blockersOf(workspace, candidate)).toEqual(['desk_program: the desk says no']);
    workspace.write('desk.sh', `${script}# another\n`);
    expect(blockersOf(workspace, candidate)).toEqual([
      expect.stringMatching(/^desk_program: the program desk_program is another one/),
    ]);
  }, 60_000);
});

test('a run without inputs may be claimed with the dataset of its bundle, and is then blocked for it', () => {
  const workspace = newWorkspace();
  const bundle = { signal_name: 'momentum', horizons: [5], meta: { dataset_id_v2: '0123456789abcdef' } };
  workspace.commit('Validation', { 'reports/validation_bundle.json': JSON.stringify(bundle) });
  const claim = ['candidate', 'create', '--run', 'HEAD', '--signal', 'momentum', '--horizon', '5'];
  const created = workspace.json('candidate.create', claim);
  expect(created).toMatchObject({
    datasetId: '0123456789abcdef',
    warnings: [expect.stringContaining('names no dataset')],
  });
  expect(blockersOf(workspace, created.candidateId).join('\n')).toContain('dataset_id_v2');
  workspace.commit('Nothing said', { 'other.txt': 'x' });
  const silent = ['candidate', 'create', '--run', 'HEAD', '--signal', 'momentum', '--horizon', '5', '--evidence'];
  expect(workspace.error([...silent, 'my.notes=other.txt'], 2).message).toContain('says which dataset it is');
});
