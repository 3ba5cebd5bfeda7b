import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../../../src/core/canonical-json.ts';
import { type FactsRecord, factsBytes } from '../../../../src/core/records/facts.ts';
import { parseFactsRecord, parsePolicyRecord } from '../../../../src/core/records/parse-record.ts';
import { type PolicyRecord, policyBytes } from '../../../../src/core/records/policy.ts';
import { decide } from '../../../../src/verify/policy/decide.ts';
import { policyFaults } from '../../../../src/verify/policy/policy-faults.ts';
import { asRead, builtIn, factsWith, goodEvidence, goodFacts, item, people, policyOf } from './research-facts.ts';

const policy = builtIn('research-default');

/** A policy of one check about a validation bundle. */
function policyWith(assert: string, more = ''): PolicyRecord {
  const text = JSON.stringify(assert);
  return policyOf(`name: one\nversion: "1"\nchecks:\n  - {id: one, message: it is so, assert: ${text}${more}}\n`);
}

function blockerOf(assert: string, bundle: string | undefined = undefined, more = ''): string | undefined {
  const evidence = bundle === undefined ? goodEvidence() : { validation_bundle: JSON.parse(bundle) };
  return decide(policyWith(assert, more), factsWith(evidence)).blockers[0]?.message;
}

describe('a check', () => {
  test.each([
    ['a field that is not there', 'bundle.nothing == 1', 'field not found: nothing'],
    ['a field that is not there, outvoted', 'bundle.nothing == 1 || true', 'field not found: nothing'],
    ['a field that is not there, before false', '!(bundle.nothing == 1 && false)', 'field not found: nothing'],
    ['a field that is not there, inside all', '[1, 2].all(x, bundle.nothing == x || true)', 'field not found: nothing'],
    ['a field that is not there, inside exists', '[1, 2].exists(x, bundle.nothing == x || x == 2)', 'field not found'],
    ['a name that is not there', 'budnle.meta == 1', 'unresolved attribute'],
    ['a member of a text', 'bundle.signal_name.length == 1', 'length'],
    ['a text compared with a number', 'bundle.signal_name > 1', 'no matching overload'],
    ['a text that is no expression', 'bundle.signal_name ==', 'expecting'],
    ['a function that is not there', 'exec("rm")', 'unbound function: exec'],
    ['a result that is a number', '1', 'neither true nor false'],
    ['a result that is null', 'null', 'neither true nor false'],
    ['a division by zero', '1 / 0 == 1', 'divide by zero'],
    ['a double division by zero', '1.0 / 0.0 > 1.0', 'a computed number is Infinity'],
    ['an overflow', '1e308 * 10.0 > 1.0', 'a computed number is Infinity'],
    ['a text made a number', 'double("nan") != 1.0', 'a computed number is NaN'],
    ['the prototype', 'bundle.__proto__ != bundle', 'field not found: __proto__'],
    ['a constructor', 'bundle.constructor == 1', 'field not found: constructor'],
  ])('that reads %s blocks and says why', (_, assert, why) => {
    const blocker = blockerOf(assert);
    expect(blocker).toContain('the check one could not be decided: ');
    expect(blocker).toContain(why);
  });

  test('whose condition cannot be decided blocks', () => {
    expect(blockerOf('true', undefined, ', when: meta.nothing')).toContain(
      'could not be decided: field not found: nothing',
    );
    expect(blockerOf('false', undefined, ', when: "false"')).toBeUndefined();
  });

  test('that only warns still blocks when it cannot be decided', () => {
    expect(blockerOf('bundle.nothing', undefined, ', severity: warn')).toContain('could not be decided');
    expect(blockerOf('false', undefined, ', severity: warn')).toBeUndefined();
  });

  test('asks with has() without using what it asks for', () => {
    const nan = factsWith({}, { evidence: [item('validation_bundle', { x: Number.NaN, y: 1n })] });
    const decision = (assert: string) => decide(policyWith(assert), nan).blockers[0]?.message;
    expect(decision('has(bundle.x)')).toBeUndefined();
    expect(decision('has(bundle.x) && bundle.x == bundle.x')).toContain(
      'bundle.x is NaN, which is no number to decide on',
    );
    expect(decision('has(bundle.x) && (bundle.x > 1.0 || bundle.y == 1)')).toContain('bundle.x is NaN');
    expect(decision('bundle.y == 1 || bundle.x > 1.0')).toBeUndefined();
  });

  test('takes null for a value that is not there', () => {
    expect(blockerOf('has(bundle.x) || size(bundle) != 1', '{"x":null,"y":1}')).toBe('it is so');
  });

  test('reads whole numbers with all their digits', () => {
    const facts = factsWith({}, { evidence: [item('validation_bundle', { seed: 9223372036854775807n, f: 1 })] });
    expect(
      decide(policyWith('bundle.seed == 9223372036854775807 && bundle.seed != 9223372036854775806'), facts).passed,
    ).toBe(true);
    expect(decide(policyWith('bundle.f + 0.5 == 1.5'), facts).passed).toBe(true);
  });

  test('shows in its message the values that it is about', () => {
    const text =
      'name: one\nversion: "1"\nthresholds: {least: 0.5}\nchecks:\n  - {id: one, assert: "metrics.mean_ic > thresholds.least", message: "{{ {metrics.mean_ic} of {thresholds.least} {bundle.horizons[1]} {bundle.nothing} }}"}\n';
    const decision = decide(policyOf(text), goodFacts());
    expect(decision.blockers[0]?.message).toBe('{ 0.034 of 0.5 5 (none) }');
    expect(decision.checks.find(({ check }) => check === 'one')).toEqual({
      check: 'one',
      outcome: 'block',
      message: '{ 0.034 of 0.5 5 (none) }',
      values: [
        { path: 'metrics.mean_ic', value: 0.034 },
        { path: 'thresholds.least', value: 0.5 },
      ],
    });
  });
});

/** Macros in each other, over a list that stands in the expression. */
function nested(names: string): string {
  const list = `[${Array.from({ length: 40 }, (_, index) => index).join(',')}]`;
  const [first = '', ...rest] = names;
  return `${list}.all(${first}, ${rest.length === 0 ? `${first} >= 0` : nested(rest.join(''))})`;
}

describe('an expression cannot be made to work for ever', () => {
  const many = JSON.stringify({ list: Array.from({ length: 3000 }, (_, index) => index) });
  test.each([
    ['nested macros', 'bundle.list.all(a, bundle.list.all(b, bundle.list.all(c, a + b + c >= 0)))'],
    ['nested macros that make lists', 'size(bundle.list.map(a, bundle.list.map(b, a))) > 0'],
    ['nested macros over lists of its own', nested('abcd')],
    ['a list in a list', 'bundle.list.all(a, !(bundle.list in [bundle.list]) || true)'],
    [
      'equality of what is shared',
      `[1]${'.map(x, [x, x, x, x, x, x])'.repeat(12)} == [1]${'.map(x, [x, x, x, x, x, x])'.repeat(12)}`,
    ],
    ['texts that double', `["aaaaaaaa"]${'.map(x, x + x)'.repeat(40)}[0].size() > 0`],
    [
      'a regular expression over a long text',
      `bundle.list.all(a, bundle.list.all(b, "${'a'.repeat(500)}".matches("(a*)*b") == false))`,
    ],
    ['a long expression', `true${' && true'.repeat(300)}`],
    ['deep brackets', `${'('.repeat(100)}true${')'.repeat(100)}`],
  ])('%s', (_, assert) => {
    const start = performance.now();
    const record = policyWith('true');
    const [check] = record.checks;
    if (check === undefined) throw new Error('no check');
    const decision = decide(
      { ...record, checks: [{ ...check, assert }] },
      factsWith({ validation_bundle: JSON.parse(many) }),
    );
    expect(decision.blockers[0]?.message).toMatch(/steps|longer than|deep|is made/);
    expect(performance.now() - start).toBeLessThan(8000);
  });
});

describe('evidence', () => {
  const blockers = (more: Parameters<typeof item>[2], role = 'rc_summary'): string[] => {
    const evidence = goodFacts().evidence.map((one) => (one.role === role ? { ...one, ...more } : one));
    return decide(policy, goodFacts({ evidence })).blockers.map(({ check, message }) => `${check}: ${message}`);
  };

  test('outside of the run and its ancestry blocks', () => {
    expect(blockers({ inAncestry: false })).toEqual([
      "evidence_in_ancestry: rc_summary (999999999999) was not produced by the candidate's run and is not in its ancestry",
    ]);
  });

  test('that was withdrawn or superseded blocks', () => {
    expect(blockers({ status: 'tombstoned' })).toEqual([
      'evidence_active: rc_summary (999999999999) was withdrawn (tombstoned)',
    ]);
    expect(blockers({ status: 'superseded' })).toEqual([
      'evidence_active: rc_summary (999999999999) was superseded by another artifact',
    ]);
  });

  test('whose signature does not verify blocks', () => {
    expect(blockers({ signature: { verified: false, detail: 'no trusted key' } })).toEqual([
      'evidence_signature: the signature on rc_summary (999999999999) does not verify: no trusted key',
    ]);
    expect(blockers({ signature: { verified: true, detail: 'ok' } })).toEqual([]);
  });

  test('that cannot be read blocks once', () => {
    expect(blockers({ content: { error: 'regime_summary: the text ends' } }, 'regime_summary')).toEqual([
      'evidence_readable: regime_summary (999999999999) cannot be read: regime_summary: the text ends',
    ]);
  });

  test('that does not fit its schema blocks', () => {
    const [good] = goodFacts().evidence.filter(({ role }) => role === 'rc_summary');
    if (good === undefined || !('value' in good.content)) throw new Error('no value');
    const faults = [{ path: '$.observed_max', why: 'must be a number' }];
    expect(blockers({ content: { ...good.content, faults } })).toEqual([
      'evidence_schema: rc_summary (999999999999) does not fit the schema of its role: $.observed_max must be a number',
    ]);
  });

  test('that is given twice in one role blocks', () => {
    const { evidence } = goodFacts();
    const again = evidence.filter(({ role }) => role === 'validation_bundle');
    expect(decide(policy, goodFacts({ evidence: [...evidence, ...again] })).blockers).toEqual([
      {
        check: 'evidence_once',
        role: 'validation_bundle',
        message: '2 artifacts are in evidence as validation_bundle; there may be one',
      },
    ]);
  });
});

describe('a split plan', () => {
  const withFolds = (foldCheck: FactsRecord['foldCheck']): string[] => {
    const { foldCheck: _, ...facts } = goodFacts();
    const decision = decide(policy, foldCheck === undefined ? facts : { ...facts, foldCheck });
    return decision.blockers.map(({ check, message }) => `${check}: ${message}`);
  };
  const plan = goodFacts().evidence[0]?.artifact as NonNullable<FactsRecord['foldCheck']>['plan'];

  test('that contradicts what is declared blocks and names the fold', () => {
    const failures = [{ rule: 'purge_and_embargo', reason: '1 bar between train end and test start' }] as const;
    const folds = [
      { foldId: 'f1', failures: [] },
      { foldId: 'f2', failures },
    ];
    expect(withFolds({ plan, outcome: { ok: false, bars: 10, folds } })).toEqual([
      'fold_causality_recomputed: fold f2: 1 bar between train end and test start, although purge_applied and embargo_applied is declared true',
    ]);
  });

  test('that was not recomputed blocks', () => {
    expect(withFolds(undefined)).toEqual([
      'fold_causality_recomputed: the split plan was not held against the times of the dataset',
    ]);
    expect(withFolds({ plan, outcome: { error: 'no time column' } })).toEqual([
      'fold_causality_recomputed: the split plan could not be held against the times of the dataset: no time column',
    ]);
    expect(withFolds({ plan, outcome: { ok: false, bars: 10, folds: [] } })).toEqual([
      'fold_causality_recomputed: the split plan holds no fold',
    ]);
  });
});

describe('a waiver', () => {
  const by = people.approver;
  const { execution_evidence: _, ...evidence } = goodEvidence();
  const waiver = { subject: 'execution_evidence', reason: 'paper trading only', by, roles: ['approver'] };

  test('covers the role that it names, and stands in the decision', () => {
    const decision = decide(policy, factsWith(evidence, { waivers: [waiver] }));
    expect(decision).toMatchObject({
      passed: true,
      waivers: [{ subject: 'execution_evidence', reason: 'paper trading only', by }],
      warnings: [{ message: 'waived: there is no execution_evidence in evidence' }],
    });
  });

  test.each([
    ['of a role that may not', { ...waiver, roles: ['researcher'] }],
    ['without a reason', { ...waiver, reason: '  ' }],
    ['of something that is not waivable', { ...waiver, subject: 'validation_bundle' }],
  ])('%s has no effect', (_, waived) => {
    const decision = decide(policy, factsWith(evidence, { waivers: [waived] }));
    expect(decision.blockers.map(({ check }) => check)).toEqual(['execution_evidence_required']);
    expect(decision.warnings.map(({ check }) => check)).toEqual(['waiver_without_effect']);
    expect(decision.waivers).toEqual([]);
  });

  test('does not cover evidence that cannot be trusted', () => {
    const items = goodFacts().evidence.map((one) =>
      one.role === 'execution_evidence' ? { ...one, status: 'tombstoned' as const, inAncestry: false } : one,
    );
    const decision = decide(policy, goodFacts({ evidence: items, waivers: [waiver] }));
    expect(decision.blockers.map(({ check }) => check)).toEqual(['evidence_in_ancestry', 'evidence_active']);
  });
});

describe('a program', () => {
  const sha256 = '7'.repeat(64);
  const asked = policyOf(
    `name: one\nversion: "1"\nprograms:\n  - {id: risk_desk, argv: [./risk], sha256: "${sha256}", levels: [accepted]}\n`,
  );
  const blockers = (programs: FactsRecord['programs']): (string | undefined)[] =>
    decide(asked, goodFacts({ programs })).blockers.map(({ message }) => message);

  test('passes, blocks, or cannot be decided', () => {
    const good = { passed: true, blockers: [], warnings: [] };
    expect(blockers([{ id: 'risk_desk', sha256, outcome: good }])).toEqual([]);
    expect(blockers([])).toEqual(['the program risk_desk was not asked']);
    expect(blockers([{ id: 'risk_desk', sha256: '6'.repeat(64), outcome: good }])[0]).toContain('is another one');
    expect(blockers([{ id: 'risk_desk', sha256, outcome: { ...good, passed: false } }])).toEqual([
      'the program risk_desk did not pass the candidate',
    ]);
    expect(blockers([{ id: 'risk_desk', sha256, outcome: { ...good, blockers: ['too risky'] } }])).toEqual([
      'too risky',
    ]);
    expect(blockers([{ id: 'risk_desk', sha256, outcome: { error: 'it ended with 1' } }])).toEqual([
      'the check risk_desk could not be decided: it ended with 1',
    ]);
  });
});

describe('a decision', () => {
  test('is the same for the same facts and policy, also after both went through their records', () => {
    const facts = parseFactsRecord(factsBytes(goodFacts()));
    const record = parsePolicyRecord(policyBytes(policy));
    expect(canonicalize(decide(record, facts))).toBe(canonicalize(decide(policy, goodFacts())));
    expect(canonicalize(decide(record, facts))).toBe(canonicalize(decide(record, facts)));
  });

  test('names who may not approve, and how many must', () => {
    expect(decide(policy, goodFacts())).toMatchObject({
      interested: [people.creator, people.runner, people.evaluator, people.producer],
      approvals: [{ role: 'approver', count: 1 }],
    });
    expect(decide(builtIn('research-strict'), goodFacts()).approvals).toEqual([{ role: 'approver', count: 2 }]);
    const open = policyOf('name: one\nversion: "1"\nlevels: {accepted: {independent: [creator]}}\n');
    expect(decide(open, goodFacts()).interested).toEqual([people.creator]);
  });

  test('of what is no facts record blocks', () => {
    for (const facts of [
      {},
      { level: 'accepted' },
      { ...goodFacts(), level: 'nonsense' },
      { ...goodFacts(), evidence: [null] },
    ]) {
      const decision = decide(policy, facts as unknown as FactsRecord);
      expect(decision).toMatchObject({ passed: false, blockers: [{ check: 'facts_readable' }] });
    }
    const forged = item('validation_bundle', asRead({}), {});
    const evidence = [{ ...forged, content: { value: { $number: 'x' }, faults: [] } }];
    expect(decide(policy, goodFacts({ evidence })).blockers[0]?.check).toBe('facts_readable');
  });

  test('rests on expressions whose faults can be told beforehand', () => {
    const faults = (assert: string): (string | undefined)[] => policyFaults(policyWith(assert)).map(({ why }) => why);
    expect(faults('bundle.x == 1 && [1].all(x, x == 1)')).toEqual([]);
    expect(faults('budnle.x == 1')[0]).toContain('there is no budnle');
    expect(faults('bundle.x ==')[0]).toContain('expecting');
    const odd = policyOf('name: one\nversion: "1"\nchecks: [{id: a, assert: "true", message: "{nothing.x} {"}]\n');
    expect(policyFaults(odd)).toEqual([
      { check: 'a', part: 'message', why: expect.stringContaining('a lone "{"') as string },
    ]);
  });
});
