import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../../src/adapters/yaml/read-yaml.ts';
import { type CodedError, isCodedError } from '../../../../src/core/errors.ts';
import { builtInPolicies } from '../../../../src/core/policy-file/built-in-policies.ts';
import { parsePolicy } from '../../../../src/core/policy-file/parse-policy.ts';
import { parsePolicyRecord } from '../../../../src/core/records/parse-record.ts';
import { type PolicyRecord, policyBytes } from '../../../../src/core/records/policy.ts';

const head = 'name: one\nversion: "1"\n';

function parse(text: string, below: { readonly [name: string]: string } = {}): PolicyRecord {
  return parsePolicy(readYaml(text, 'policy.yaml'), 'policy.yaml', (name) => {
    const found = below[name] ?? builtInPolicies.get(name);
    return found === undefined ? undefined : readYaml(found, name);
  });
}

function failure(text: string, below: { readonly [name: string]: string } = {}): CodedError {
  try {
    parse(text, below);
  } catch (error) {
    if (isCodedError(error, 'BAD_JSON')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a policy file', () => {
  test('becomes a record in which nothing is left out', () => {
    const text = `${head}thresholds: {least: 2}\nchecks:\n  - {id: enough, assert: metrics.n_obs > thresholds.least, message: too few}\n`;
    const record = parse(text);
    const level = {
      enforce: 'block',
      evidence: [],
      pins: [],
      thresholds: { least: 2 },
      approvals: [],
      independent: ['creator', 'evaluator', 'evidenceProducer', 'runActor'],
      waivable: [],
    };
    expect(record).toEqual({
      schema: 'cairn.policy/1',
      name: 'one',
      version: '1',
      levels: { exploratory: level, candidate: level, accepted: level },
      checks: [
        {
          id: 'enough',
          levels: ['exploratory', 'candidate', 'accepted'],
          assert: 'metrics.n_obs > thresholds.least',
          message: 'too few',
          severity: 'block',
        },
      ],
      programs: [],
    });
    expect(parsePolicyRecord(policyBytes(record))).toEqual(record);
  });

  test('says the same whatever order and notation it is written in', () => {
    const one = parse(`${head}levels: {candidate: {evidence: [b, a], pins: [run_key, config_version]}}\n`);
    const other = parse(
      `levels:\n  candidate:\n    pins: [config_version, run_key]\n    evidence:\n    - a\n    - b\n${head}`,
    );
    expect(policyBytes(one)).toEqual(policyBytes(other));
  });

  test('may build on another: thresholds by name, levels by part, checks by id', () => {
    const base = `name: base\nversion: "1"\nthresholds: {a: 1, b: 1}\nlevels: {candidate: {evidence: [x], approvals: [{role: approver, count: 1}]}}\nchecks:\n  - {id: a, assert: thresholds.a > thresholds.b, message: m}\n  - {id: b, assert: "true", message: m}\n`;
    const record = parse(
      `${head}extends: base\nthresholds: {b: 2}\nlevels: {candidate: {evidence: [y]}, accepted: {like: candidate, thresholds: {a: 3}}}\nchecks: [{id: b, assert: "false", message: m}, {id: c, assert: "true", message: m}]\n`,
      { base },
    );
    expect(record.name).toBe('one');
    expect(record.levels.candidate).toMatchObject({
      evidence: ['y'],
      approvals: [{ role: 'approver', count: 1 }],
      thresholds: { a: 1, b: 2 },
    });
    expect(record.levels.accepted).toMatchObject({ evidence: ['y'], thresholds: { a: 3, b: 2 } });
    expect(record.checks.map(({ id, assert }) => [id, assert])).toEqual([
      ['a', 'thresholds.a > thresholds.b'],
      ['b', 'false'],
      ['c', 'true'],
    ]);
  });

  test.each([
    ['an unknown key', `${head}treshold: {}\n`, 'policy.yaml:3:1: unknown key "treshold"; here may stand schema, name'],
    [
      'an unknown key of a level',
      `${head}levels: {candidate: {evidnce: []}}\n`,
      'policy.yaml:3:22: levels.candidate: unknown key "evidnce"; here may stand like, enforce',
    ],
    ['an unknown level', `${head}levels: {perfect: {}}\n`, 'policy.yaml:3:10: levels: unknown key "perfect"'],
    [
      'an unknown pin',
      `${head}levels: {candidate: {pins: [run]}}\n`,
      'policy.yaml:3:29: levels.candidate.pins[0]: must be dataset_id_v2 or',
    ],
    [
      'a version that is a number',
      'name: one\nversion: 1\n',
      'policy.yaml:2:10: version: must be a text, and is a number: write "1" in quotes',
    ],
    ['no name', 'version: "1"\n', 'policy.yaml:1:1: name: is missing'],
    [
      'a check without words',
      `${head}checks: [{id: a, assert: "true"}]\n`,
      'policy.yaml:3:10: checks[0].message: is missing',
    ],
    [
      'an id with a capital',
      `${head}checks: [{id: A, assert: "true", message: m}]\n`,
      'checks[0].id: a name has lower-case letters',
    ],
    [
      'an id twice',
      `${head}checks: [{id: a, assert: "true", message: m}, {id: a, assert: "true", message: m}]\n`,
      'policy.yaml:3:52: the id a stands here twice',
    ],
    [
      'a threshold that no check names',
      `${head}thresholds: {mean_ic_mn: 1}\n`,
      'policy.yaml:3:26: thresholds.mean_ic_mn: no check names this threshold',
    ],
    [
      'a threshold that is not set',
      `${head}checks: [{id: a, assert: thresholds.x > 1, message: m}]\n`,
      'policy.yaml:3:10: checks[0]: a names the threshold x, which is not set at the level exploratory',
    ],
    [
      'a threshold that is a map',
      `${head}thresholds: {a: {}}\n`,
      'policy.yaml:3:17: thresholds.a: must be a number, a text, true or false, empty, or a list of these, and is a map',
    ],
    [
      'a level like itself',
      `${head}levels: {accepted: {like: candidate}, candidate: {like: accepted}}\n`,
      'is like itself',
    ],
    [
      'no approvers at all',
      `${head}levels: {accepted: {approvals: [{role: approver, count: 0}]}}\n`,
      'levels.accepted.approvals[0].count: must be at least 1',
    ],
    [
      'a policy that is not there',
      `${head}extends: nothing\n`,
      'policy.yaml:3:10: extends: there is no policy "nothing"',
    ],
    ['itself below itself', `${head}extends: one\n`, 'extends: one builds on itself'],
    ['a program without a digest', `${head}programs: [{id: a, argv: [./a]}]\n`, 'programs[0].sha256: is missing'],
    ['nothing', '', 'policy.yaml:1:1: the file is empty'],
  ])('with %s is refused with line and column', (_, text, message) => {
    expect(failure(text).message).toContain(message);
  });

  test('that builds on itself over others is refused', () => {
    const below = {
      two: 'name: two\nversion: "1"\nextends: three\n',
      three: 'name: three\nversion: "1"\nextends: one\n',
    };
    expect(failure(`${head}extends: two\n`, below).message).toBe(
      'three:3:10: extends: one builds on itself: one under three under two under one',
    );
    expect(failure(`${head}extends: two\n`, { two: 'name: other\nversion: "1"\n' }).message).toContain(
      'extends: the policy two calls itself other',
    );
  });
});

describe('the built-in policies', () => {
  const directory = join(import.meta.dirname, '../../../../policies');

  test('are those of policies/; `node scripts/embed-policies.js` brings them over', () => {
    const files = readdirSync(directory).map((name) => [
      name.replace(/\.yaml$/, ''),
      readFileSync(join(directory, name), 'utf8'),
    ]);
    expect(Object.fromEntries(builtInPolicies)).toEqual(Object.fromEntries(files));
  });

  test('parse, and call themselves by their names', () => {
    for (const [name, text] of builtInPolicies) expect(parse(text).name).toBe(name);
  });

  test('let research-strict ask for more than research-default', () => {
    const accepted = (name: string) => parse(builtInPolicies.get(name) ?? '').levels.accepted;
    const [base, strict] = [accepted('research-default'), accepted('research-strict')];
    expect(base.approvals).toEqual([{ role: 'approver', count: 1 }]);
    expect(strict.approvals).toEqual([{ role: 'approver', count: 2 }]);
    expect(strict.thresholds['mean_ic_min']).toBeGreaterThan(base.thresholds['mean_ic_min'] as number);
    expect(strict.evidence).toEqual(expect.arrayContaining([...base.evidence]));
  });
});
