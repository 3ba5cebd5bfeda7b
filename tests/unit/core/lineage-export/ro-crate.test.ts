import { describe, expect, test } from 'vitest';
import type { ArtifactId } from '../../../../src/core/ids.ts';
import { toRoCrate } from '../../../../src/core/lineage-export/ro-crate.ts';
import { runUuid } from '../../../../src/core/lineage-export/uuid.ts';
import { crateFaults } from '../../../conformance/ro-crate.ts';
import { failed, lineageRun, momentum, prices, sampleLineage, signal } from './sample-lineage.ts';

type Entity = { '@id': string; '@type': string; [property: string]: unknown };
const graphOf = (crate: { readonly [key: string]: unknown }): Entity[] => crate['@graph'] as Entity[];
const files = new Map<ArtifactId, string>([[prices.id, 'data/prices of 2024.csv']]);
const crate = toRoCrate(sampleLineage, { files, license: 'https://spdx.org/licenses/CC-BY-4.0' });
const entity = (id: string): Entity | undefined => graphOf(crate).find((one) => one['@id'] === id);

describe('a Process Run Crate', () => {
  test('keeps RO-Crate 1.1 and the profile, with and without files beside it', () => {
    expect(crateFaults(crate)).toEqual([]);
    expect(crateFaults(toRoCrate(sampleLineage))).toEqual([]);
    expect(crateFaults(toRoCrate({ ...sampleLineage, artifacts: [] }))).toEqual([]);
    expect(crateFaults(toRoCrate({ ...sampleLineage, runs: [], artifacts: [] }))).toEqual([]);
  });

  test('names a file that lies beside it by its path, any other by its URN', () => {
    expect(entity('data/prices%20of%202024.csv')).toMatchObject({ '@type': 'File', sha256: prices.sha256 });
    expect(entity(`urn:cairn:artifact:${signal.id}`)).toMatchObject({ contentSize: String(signal.size) });
  });

  test('a run says what ran, on what, and how it ended', () => {
    expect(entity(`urn:uuid:${runUuid(momentum.id)}`)).toMatchObject({
      '@type': 'CreateAction',
      name: 'momentum',
      description: "python momentum.py --label 'it'\\''s'",
      startTime: '2026-01-31T09:31:00.000Z',
      actionStatus: 'http://schema.org/CompletedActionStatus',
    });
    expect(entity(`urn:uuid:${runUuid(failed.id)}`)).toMatchObject({ '@type': 'ActivateAction', error: 'exit code 3' });
    expect(entity(`#param-${momentum.id.slice(0, 12)}-universe`)).toMatchObject({ value: '["AAPL","MSFT"]' });
    expect(entity(`#tool-momentum-${'a'.repeat(40)}`)).toMatchObject({
      codeRepository: 'ssh://git@github.com/ada/research.git',
    });
  });

  test('holds whatever a run may hold', () => {
    const odd = lineageRun('odd', {
      author: { name: 'Zoë <x> #1' },
      params: { 'a b/#': null, '': 1 },
      argv: ['x y', ''],
    });
    expect(crateFaults(toRoCrate({ ...sampleLineage, runs: [odd] }))).toEqual([]);
  });

  test('and the check refuses a broken crate', () => {
    const spoil = (change: (graph: Entity[]) => void): number => {
      const copy = structuredClone(crate);
      change(graphOf(copy));
      return crateFaults(copy).length;
    };
    const drop = (id: string) => (graph: Entity[]) => {
      graph.splice(
        graph.findIndex((one) => one['@id'] === id),
        1,
      );
    };
    const unset = (id: string, property: string) => (graph: Entity[]) => {
      delete graph.find((one) => one['@id'] === id)?.[property];
    };
    const action = `urn:uuid:${runUuid(momentum.id)}`;
    for (const change of [
      drop(`urn:cairn:artifact:${signal.id}`),
      drop(`#tool-momentum-${'a'.repeat(40)}`),
      unset('./', 'datePublished'),
      unset('./', 'mentions'),
      unset('./', 'hasPart'),
      unset('./', 'conformsTo'),
      unset(action, 'instrument'),
      unset(action, 'actionStatus'),
      unset(action, 'result'),
    ]) {
      expect(spoil(change)).toBeGreaterThan(0);
    }
  });
});
