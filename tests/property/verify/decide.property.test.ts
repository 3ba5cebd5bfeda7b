import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../../src/core/canonical-json.ts';
import { encodeLossless, type LosslessValue } from '../../../src/core/lossless-json.ts';
import type { FactsRecord } from '../../../src/core/records/facts.ts';
import { decide } from '../../../src/verify/policy/decide.ts';
import {
  asRead,
  builtIn,
  factsWith,
  goodEvidence,
  goodFacts,
  item,
  type Json,
} from '../../unit/verify/policy/research-facts.ts';

const policy = builtIn('research-default');

/** Every path of an object or list, the deepest last. */
function pathsOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const below = Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function replaced(path: readonly string[], by: Json): { [role: string]: Json } {
  const evidence = goodEvidence();
  let at: Json = evidence;
  for (const step of path.slice(0, -1)) at = (at as { [key: string]: Json })[step] as Json;
  (at as { [key: string]: Json })[path.at(-1) as string] = by;
  return evidence;
}

const hostile: fc.Arbitrary<LosslessValue> = fc.oneof(
  fc.bigInt(),
  fc.double(),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.jsonValue({ maxDepth: 3 }).map((value) => asRead(value as Json)),
  fc.dictionary(fc.constantFrom('toString', '__proto__', 'constructor', 'length', '$number', 'meta'), fc.bigInt()),
);

describe('a decision', () => {
  test('does not throw for any evidence, and is the same when made again', () => {
    const roles = Object.keys(goodEvidence());
    return fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...roles), hostile), (values) => {
        const evidence = Object.entries(values).map(([role, value]) => item(role, value));
        const facts = goodFacts({ evidence });
        const decision = decide(policy, facts);
        expect(decision.passed).toBe(false);
        expect(decision.blockers.length).toBeGreaterThan(0);
        expect(canonicalize(decide(policy, facts))).toBe(canonicalize(decision));
      }),
    );
  });

  test('does not throw for any facts at all, and passes none of them', () => {
    const members = fc.constantFrom(...Object.keys(goodFacts()));
    return fc.assert(
      fc.property(members, fc.jsonValue(), (name, value) => {
        const facts = { ...goodFacts(), [name]: value } as unknown as FactsRecord;
        const decision = decide(policy, facts);
        if (['schema', 'evaluatedAt', 'waivers', 'programs', 'foldCheck', 'level', 'actors'].includes(name)) return;
        expect(decision.passed).toBe(false);
      }),
    );
  });

  test('survives any value in the place of any other', () => {
    const path = fc.constantFrom(...pathsOf(goodEvidence()));
    return fc.assert(
      fc.property(path, fc.jsonValue({ maxDepth: 2 }), (at, value) => {
        const decision = decide(policy, factsWith(replaced(at, value as Json)));
        expect(decision.passed).toBe(decision.blockers.length === 0);
        for (const { message } of decision.blockers) expect(message.isWellFormed()).toBe(true);
        canonicalize({ ...decision });
      }),
    );
  });

  test('never passes without a required part, whatever else is changed', () => {
    const required = fc.constantFrom(
      ['validation_bundle'],
      ['regime_summary'],
      ['execution_evidence'],
      ['capacity_curve'],
      ['fold_causality_attestation'],
      ...['dataset_id_v2', 'run_key', 'engine_version', 'config_version', 'dataset_hash_mode', 'dataset_hash_algo'].map(
        (name) => ['validation_bundle', 'meta', name],
      ),
      ['validation_bundle', 'signal_name'],
      ['validation_bundle', 'ic_summary_by_horizon'],
      ['execution_evidence', 'cost_config', 'fee_bps'],
    );
    const other = fc.constantFrom(...pathsOf(goodEvidence()).filter((path) => !path.includes('walk_forward_used')));
    return fc.assert(
      fc.property(required, other, fc.jsonValue({ maxDepth: 1 }), (path, at, value) => {
        const isRelated =
          path.every((step, index) => at[index] === step) || at.every((step, index) => path[index] === step);
        fc.pre(!isRelated);
        const evidence = replaced(at, value as Json);
        let from: { [key: string]: Json } = evidence;
        for (const step of path.slice(0, -1)) from = from[step] as { [key: string]: Json };
        delete from[path.at(-1) as string];
        expect(decide(policy, factsWith(evidence)).passed).toBe(false);
      }),
    );
  });

  test('encodes what it shows so that canonical JSON holds it', () => {
    return fc.assert(fc.property(hostile, (value) => void canonicalize(encodeLossless(value))));
  });
});
