import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { toProvJson } from '../../../../src/core/lineage-export/prov.ts';
import { provFaults } from '../../../conformance/prov-json.ts';
import { again, failed, ingest, momentum, prices, sampleLineage, signal } from './sample-lineage.ts';

type Records = { [id: string]: { [attribute: string]: unknown } };
const document = toProvJson(sampleLineage);
const group = (name: string): { [attribute: string]: unknown }[] => Object.values((document[name] ?? {}) as Records);

describe('PROV-JSON', () => {
  test('keeps the form of the submission, and everything that is related exists', () => {
    expect(provFaults(document)).toEqual([]);
  });

  test('an artifact that two runs made is an entity of each, both specialisations of it', () => {
    const made = [momentum, again].map((run) => `made:${run.id}-${signal.id}`);
    expect(group('specializationOf').map((one) => one['prov:specificEntity'])).toEqual(made);
    expect(group('used').find((one) => one['prov:activity'] === `run:${failed.id}`)?.['prov:entity']).toBe(made[1]);
  });

  test('who informed whom, what derives from what, and what reproduces what', () => {
    const informed = group('wasInformedBy').map((one) => [one['prov:informed'], one['prov:informant']]);
    expect(informed).toEqual([
      [`run:${momentum.id}`, `run:${ingest.id}`],
      [`run:${again.id}`, `run:${ingest.id}`],
      [`run:${failed.id}`, `run:${again.id}`],
    ]);
    expect(group('wasDerivedFrom')).toHaveLength(1);
    expect(group('wasDerivedFrom')[0]).toMatchObject({ 'prov:usedEntity': `artifact:${prices.id}` });
    expect(group('wasInfluencedBy')[0]).toMatchObject({
      'prov:influencee': `run:${again.id}`,
      'prov:influencer': `run:${momentum.id}`,
      'prov:type': { $: 'cairn:reproduces', type: 'prov:QUALIFIED_NAME' },
    });
  });

  test('one agent a person, whatever the name', () => {
    expect(Object.keys(document['agent'] as Records)).toEqual([
      'actor:ada-x40-example.org',
      'actor:Zo-xeb--x20--x2f--x20--x674e-',
    ]);
  });

  test('and the check refuses a broken document', () => {
    const spoil = (change: (copy: { [kind: string]: Records }) => void): number => {
      const copy = structuredClone(document) as unknown as { [kind: string]: Records };
      change(copy);
      return provFaults(copy).length;
    };
    expect(
      spoil((copy) => {
        delete copy['activity']?.[`run:${ingest.id}`];
      }),
    ).toBeGreaterThan(0);
    expect(
      spoil((copy) => {
        copy['wasMadeBy'] = {};
      }),
    ).toBe(1);
    expect(
      spoil((copy) => {
        Object.assign(Object.values(copy['used'] ?? {})[0] ?? {}, { 'foo:bar': 1 });
      }),
    ).toBeGreaterThan(0);
    expect(
      spoil((copy) => {
        Object.assign(copy['activity']?.[`run:${ingest.id}`] ?? {}, { 'prov:startTime': 'today' });
      }),
    ).toBe(1);
    expect(
      spoil((copy) => {
        copy['wasGeneratedBy'] = {
          ...copy['wasGeneratedBy'],
          '_:x': Object.values(copy['wasGeneratedBy'] ?? {})[0] ?? {},
        };
      }),
    ).toBe(1);
  });
});

const pythons = ['python3', '/usr/bin/python3'];
const python = pythons.find((program) => spawnSync(program, ['-c', 'import prov.model']).status === 0);

test('the PROV package of Python reads the document and gives it back', (context) => {
  if (python === undefined) {
    const reason = 'needs the Python package prov (Debian: python3-prov); the structural check above has run';
    console.log(`skipped: ${reason}`);
    context.skip(reason);
    return;
  }
  const script = `
import sys, prov.model as m
first = m.ProvDocument.deserialize(content=sys.stdin.read(), format="json")
second = m.ProvDocument.deserialize(content=first.serialize(format="json"), format="json")
assert first == second, "it does not come back equal"
print(len(list(first.get_records())))
`;
  const result = spawnSync(python, ['-c', script], { input: JSON.stringify(document), encoding: 'utf8' });
  expect(result.stderr).toBe('');
  const { prefix: _, ...groups } = document;
  expect(Number(result.stdout)).toBe(
    Object.values(groups).reduce<number>((sum, one) => sum + Object.keys(one as object).length, 0),
  );
});
