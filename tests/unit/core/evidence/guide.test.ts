/** docs/guides/evidence.md: its examples are evidence that reads without a fault, and together they pass the built-in policy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import { evidenceRoles } from '../../../../src/core/evidence/evidence.ts';
import { foldTimestamps } from '../../../../src/core/evidence/fold-times.ts';
import { readEvidence } from '../../../../src/core/evidence/read-evidence.ts';
import type { LosslessValue } from '../../../../src/core/lossless-json.ts';
import { checkFolds } from '../../../../src/verify/fold-causality.ts';
import { decide } from '../../../../src/verify/policy/decide.ts';
import { policyFaults } from '../../../../src/verify/policy/policy-faults.ts';
import { variableNames } from '../../../../src/verify/policy/variables.ts';
import { builtIn, factsWith, item, policyOf } from '../../verify/policy/research-facts.ts';

const guides = join(import.meta.dirname, '../../../../docs/guides');
const guide = readFileSync(join(guides, 'evidence.md'), 'utf8');
const policies = readFileSync(join(guides, 'policies.md'), 'utf8');

const examples = Array.from(
  guide.matchAll(/^## `([a-z_]+)`\n\n```(json|csv)\n([\s\S]*?)^```/gm),
  ([, role, format, text]) => ({
    role: role as string,
    format: format as 'json' | 'csv',
    text: text as string,
  }),
);

async function read(): Promise<Map<string, LosslessValue>> {
  const values = new Map<string, LosslessValue>();
  for (const { role, format, text } of examples) {
    const content = await readEvidence(role, utf8(text), format);
    if ('error' in content) throw new Error(content.error);
    expect(content.faults).toEqual([]);
    values.set(role, content.value);
  }
  return values;
}

describe('the guide to evidence', () => {
  test('has an example of every role', () => {
    expect(examples.map(({ role }) => role)).toEqual([...evidenceRoles]);
  });

  test('has examples that fit their schemas and pass research-default together', async () => {
    const values = await read();
    const days = Array.from({ length: 31 }, (_, index) => `2024-01-${String(index + 1).padStart(2, '0')}`);
    const timestamps = foldTimestamps(days);
    const plan = values.get('split_plan');
    if (timestamps === undefined || plan === undefined) throw new Error('no plan');
    const outcome = checkFolds(plan, timestamps, values.get('fold_causality_attestation'));
    expect(outcome.folds.flatMap(({ failures }) => failures)).toEqual([]);
    const evidence = Array.from(values, ([role, value]) => item(role, value));
    const [first] = evidence;
    if (first === undefined) throw new Error('no evidence');
    const facts = factsWith({}, { evidence, foldCheck: { plan: first.artifact, outcome } });
    expect(decide(builtIn('research-default'), facts)).toMatchObject({ blockers: [], warnings: [] });
  });
});

describe('the guide to policies', () => {
  test('has an example that is a policy without faults', () => {
    const text = /^```yaml\n([\s\S]*?)^```/m.exec(policies)?.[1] ?? '';
    expect(policyFaults(policyOf(text))).toEqual([]);
  });

  test('names every variable', () => {
    const rows = Array.from(policies.matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) \|/gm), ([, names]) => String(names));
    const named = rows.flatMap((row) => row.replaceAll('`', '').split(', '));
    expect(named).toEqual(expect.arrayContaining([...variableNames]));
  });
});
