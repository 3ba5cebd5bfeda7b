/** A small history for the export tests: data is committed, a signal is made of it twice, and a last run fails. */
import type { ArtifactId, BlobId, RunId, RunKey } from '../../../../src/core/ids.ts';
import type {
  LineageArtifact,
  LineageDocument,
  LineageRun,
} from '../../../../src/core/lineage-export/lineage-document.ts';
import { sha256Hex } from '../../../../src/core/sha256.ts';
import { parseTimestamp } from '../../../../src/core/time.ts';

export function artifact(key: string, type = 'file', content = key): LineageArtifact {
  return {
    id: sha256Hex(`artifact ${type} ${key} ${content}`) as ArtifactId,
    type,
    schemaVersion: 1,
    logicalKey: key,
    sha256: sha256Hex(content) as BlobId,
    size: content.length,
  };
}

export const prices = artifact('data/prices of 2024.csv', 'bars');
export const config = artifact('config.json');
export const signal = artifact('out/signal.csv');
export const chart = artifact('out/chart.svg');

export function lineageRun(name: string, fields: Partial<LineageRun> = {}): LineageRun {
  return {
    id: sha256Hex(`run ${name}`) as RunId,
    runKey: sha256Hex(`key ${name}`) as RunKey,
    job: name,
    message: `${name}\nin two lines`,
    author: { name: 'Ada Lovelace', mail: 'ada@example.org' },
    createdAt: parseTimestamp('2026-01-31T09:30:00Z'),
    status: 'succeeded',
    params: {},
    metrics: {},
    pins: {},
    code: {},
    inputs: [],
    outputs: [],
    relations: [],
    ...fields,
  };
}

export const ingest = lineageRun('commit', {
  outputs: [
    { artifact: prices.id, path: 'data/prices of 2024.csv' },
    { artifact: config.id, path: 'config.json' },
  ],
});
export const momentum = lineageRun('momentum', {
  startedAt: parseTimestamp('2026-01-31T09:31:00Z'),
  endedAt: parseTimestamp('2026-01-31T09:31:07.250Z'),
  argv: ['python', 'momentum.py', '--label', "it's"],
  exitCode: 0,
  params: { window: 20, universe: ['AAPL', 'MSFT'], nested: { on: true } },
  metrics: { mean_ic: 0.031 },
  pins: { engineVersion: '1.4.0' },
  code: { gitCommit: 'a'.repeat(40), gitDirty: true, gitRemote: 'git@github.com:ada/research.git' },
  inputs: [
    { artifact: prices.id, relation: 'derived_from', run: ingest.id, path: 'data/prices of 2024.csv' },
    { artifact: config.id, relation: 'uses_config', run: ingest.id },
    { artifact: config.id, relation: 'acme.calibrated_by', run: ingest.id },
  ],
  outputs: [
    { artifact: signal.id, path: 'out/signal.csv' },
    { artifact: signal.id, path: 'out/again.csv' },
    { artifact: chart.id, path: 'out/chart.svg' },
  ],
  edges: [{ child: signal.id, parent: prices.id, relation: 'derived_from' }],
});
export const again = lineageRun('momentum again', {
  argv: ['python', 'momentum.py'],
  exitCode: 0,
  inputs: [{ artifact: prices.id, relation: 'derived_from', run: ingest.id }],
  outputs: [{ artifact: signal.id, path: 'out/signal.csv' }],
  relations: [{ run: momentum.id, relation: 'reproduces' }],
});
export const failed = lineageRun('failed', {
  argv: ['Rscript', 'fit.R'],
  exitCode: 3,
  status: 'failed',
  author: { name: 'Zoë / 李' },
  inputs: [{ artifact: signal.id, relation: 'derived_from', run: again.id }],
});

export const sampleLineage: LineageDocument = {
  storeId: '0123456789abcdef0123456789abcdef',
  createdAt: parseTimestamp('2026-02-01T00:00:00Z'),
  title: 'Momentum research',
  writer: { name: 'cairn', version: '0.1.0' },
  runs: [ingest, momentum, again, failed],
  artifacts: [prices, config, signal, chart],
};
