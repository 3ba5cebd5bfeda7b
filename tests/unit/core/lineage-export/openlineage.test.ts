import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { remoteUrl } from '../../../../src/core/lineage-export/lineage-document.ts';
import { toOpenLineage } from '../../../../src/core/lineage-export/openlineage.ts';
import { runUuid, uuidV5 } from '../../../../src/core/lineage-export/uuid.ts';
import { openLineageFaults } from '../../../conformance/openlineage.ts';
import { artifact, config, failed, lineageRun, momentum, prices, sampleLineage, signal } from './sample-lineage.ts';

type Json = { [key: string]: unknown };
const events = toOpenLineage(sampleLineage) as Json[];
const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce((one: unknown, step) => (one as Json)[step], value);

describe('OpenLineage events', () => {
  test('keep the specification', () => {
    expect(openLineageFaults(events)).toEqual([]);
  });

  test('are a START and an end for each run, at its times', () => {
    expect(events.map((event) => event['eventType'])).toEqual([
      'START',
      'COMPLETE',
      'START',
      'COMPLETE',
      'START',
      'COMPLETE',
      'START',
      'FAIL',
    ]);
    expect(events[2]?.['eventTime']).toBe('2026-01-31T09:31:00.000Z');
    expect(events[3]?.['eventTime']).toBe('2026-01-31T09:31:07.250Z');
  });

  test('name one dataset however often it was written, with the artifact as its version', () => {
    const outputs = events[3]?.['outputs'] as Json[];
    expect(outputs).toHaveLength(2);
    expect(outputs[0]?.['name']).toBe('out/signal.csv');
    expect(at(outputs[0], 'facets', 'version', 'datasetVersion')).toBe(signal.id);
    expect(at(outputs[0], 'outputFacets', 'outputStatistics')).toMatchObject({ fileCount: 2, size: signal.size });
    expect(at(outputs[0], 'outputFacets', 'cairn_output', 'paths')).toEqual(['out/signal.csv', 'out/again.csv']);
    const inputs = events[3]?.['inputs'] as Json[];
    expect(inputs.map((input) => input['name'])).toEqual(['bars:data/prices of 2024.csv', 'config.json']);
    expect(at(inputs[1], 'inputFacets', 'cairn_input', 'relations')).toEqual(['uses_config', 'acme.calibrated_by']);
  });

  test('say where the code is and what failed', () => {
    expect(at(events[3], 'job', 'facets', 'sourceCodeLocation')).toMatchObject({
      type: 'git',
      url: 'ssh://git@github.com/ada/research.git',
      repoUrl: 'git@github.com:ada/research.git',
      version: 'a'.repeat(40),
    });
    expect(at(events[7], 'run', 'facets', 'errorMessage')).toMatchObject({ message: 'exit code 3' });
    expect(at(events[6], 'run', 'facets')).not.toHaveProperty('errorMessage');
  });

  test('name an artifact that the document does not list by its id', () => {
    const unlisted = { ...sampleLineage, artifacts: [] };
    expect(openLineageFaults(toOpenLineage(unlisted))).toEqual([]);
    expect(at(toOpenLineage(unlisted)[3], 'inputs', 0, 'name')).toBe(prices.id);
  });

  test('hold whatever a run may hold', () => {
    const odd = lineageRun('odd name "x" \n é', {
      argv: ['', 'a b'],
      signal: 'SIGKILL',
      status: 'failed',
      code: { gitCommit: 'b'.repeat(40), gitRemote: 'https://example.org/a b/ü.git' },
      outputs: [{ artifact: artifact('é \u{1f600}').id, path: 'é \u{1f600}' }],
    });
    expect(openLineageFaults(toOpenLineage({ ...sampleLineage, runs: [odd] }))).toEqual([]);
  });

  test('and the check refuses what the specification refuses', () => {
    const spoil = (change: (event: Json) => void): string[] => {
      const copy = structuredClone(events);
      change(copy[3] as Json);
      return openLineageFaults(copy);
    };
    const set =
      (value: unknown, ...path: (string | number)[]) =>
      (event: Json) => {
        (at(event, ...path.slice(0, -1)) as Json)[path.at(-1) as string] = value;
      };
    const spoils = [
      set('2026-01-31', 'eventTime'),
      set('no uri', 'producer'),
      set(undefined, 'producer'),
      set('DONE', 'eventType'),
      set('START', 'eventType'),
      set(momentum.id, 'run', 'runId'),
      set(undefined, 'run', 'facets', 'cairn_run', '_producer'),
      set(undefined, 'run', 'facets', 'cairn_run', '_schemaURL'),
      set('https://openlineage.io/spec/facets/0-0-1/X.json', 'run', 'facets', 'processing_engine', '_schemaURL'),
      set(undefined, 'run', 'facets', 'processing_engine', 'version'),
      set({ _producer: 'a:b', _schemaURL: 'a:b' }, 'run', 'facets', 'unprefixed'),
      set(undefined, 'job', 'namespace'),
      set('one file', 'outputs', 0, 'outputFacets', 'outputStatistics', 'fileCount'),
      set(undefined, 'inputs', 0, 'name'),
    ];
    expect(spoils.filter((change) => spoil(change).length === 0)).toEqual([]);
  });
});

const checkout = process.env['CAIRN_TEST_OPENLINEAGE_SPEC'];
const canRun =
  checkout !== undefined &&
  existsSync(join(checkout, 'OpenLineage.json')) &&
  spawnSync('python3', ['-c', 'import jsonschema, referencing']).status === 0;

test('the published JSON Schemas accept every event and facet', (context) => {
  if (!canRun || checkout === undefined) {
    const reason =
      'needs CAIRN_TEST_OPENLINEAGE_SPEC=<spec folder of an OpenLineage checkout> and python3 with jsonschema';
    console.log(`skipped: ${reason}`);
    context.skip(reason);
    return;
  }
  const script = `
import json, pathlib, sys
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
root = pathlib.Path(sys.argv[1])
files = [root / "OpenLineage.json", *sorted((root / "facets").glob("*.json"))]
schemas = [json.loads(file.read_text()) for file in files]
registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas if "$id" in s])
def check(url, value):
    Draft202012Validator({"$ref": url}, registry=registry, format_checker=FormatChecker()).validate(value)
def walk(value):
    if isinstance(value, dict):
        if value.get("_schemaURL", "").startswith("https:"): check(value["_schemaURL"], value)
        for one in value.values(): walk(one)
    elif isinstance(value, list):
        for one in value: walk(one)
for event in json.load(sys.stdin):
    check("https://openlineage.io/spec/2-0-2/OpenLineage.json", event)
    check(event["schemaURL"], event)
    walk(event)
`;
  const result = spawnSync('python3', ['-c', script, checkout], { input: JSON.stringify(events), encoding: 'utf8' });
  expect(result.stderr).toBe('');
});

describe('ids and addresses', () => {
  test('a version 5 UUID is that of RFC 9562, appendix A.4', () => {
    expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
    expect(runUuid(failed.id)).toBe(uuidV5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', `urn:cairn:run:${failed.id}`));
  });

  test.each([
    ['https://github.com/ada/x.git', 'https://github.com/ada/x.git'],
    ['git@github.com:ada/x.git', 'ssh://git@github.com/ada/x.git'],
    ['host:/srv/x.git', 'ssh://host/srv/x.git'],
    ['/srv/x.git', undefined],
    ['../x', undefined],
  ])('the remote %s is %s', (remote, url) => {
    expect(remoteUrl(remote)).toBe(url);
  });

  test('config is used in two relations by one run', () => {
    expect(momentum.inputs.filter((input) => input.artifact === config.id)).toHaveLength(2);
  });
});
