import { describe, expect, test } from 'vitest';
import { type DatasetEntry, datasetOfArtifacts } from '../../../src/core/dataset-id.ts';

const csv: DatasetEntry = {
  type: 'file',
  schemaVersion: 1,
  logicalKey: 'data/ä.csv',
  algorithm: 'file',
  sha256: 'a'.repeat(64),
};
const table: DatasetEntry = {
  type: 'bars',
  schemaVersion: 10,
  logicalKey: 'bars',
  algorithm: 'cairn.table/1',
  sha256: 'd'.repeat(64),
  orderDeclared: true,
};
const older: DatasetEntry = { ...table, schemaVersion: 2, sha256: 'e'.repeat(64) };

describe('the dataset id of artifacts', () => {
  // Computed with Python's json and hashlib.
  const id = '19e27843f12640840ee6f11b4c3687da44b00e971c4b7d67970ee68155554270';

  test('is the SHA-256 of the canonical sorted entries', () => {
    expect(datasetOfArtifacts([csv, table, older])).toEqual({
      id,
      algorithm: 'cairn.dataset/1',
      mode: 'STRICT',
      sha256: id,
    });
  });

  test('does not depend on order or on naming an entry twice', () => {
    expect(datasetOfArtifacts([older, csv, table, csv]).id).toBe(id);
  });

  test('sorts schema versions as numbers', () => {
    expect(datasetOfArtifacts([table, older, csv]).id).toBe(id);
  });

  test('may be empty', () => {
    expect(datasetOfArtifacts([])).toMatchObject({
      id: 'cb7f3c0a11c012421f798b035f04671bbc74bf6ef0671ef3ee1b50a47d40d09e',
      mode: 'STRICT',
    });
  });

  test('is FAST_DEV, with the same id, when a table has no declared order', () => {
    const { orderDeclared: _, ...undeclared } = table;
    expect(datasetOfArtifacts([csv, undeclared, older])).toMatchObject({ id, mode: 'FAST_DEV' });
    expect(datasetOfArtifacts([csv, table, { ...table, orderDeclared: false }, older])).toMatchObject({
      id,
      mode: 'FAST_DEV',
    });
  });

  test.each<[string, Partial<DatasetEntry>]>([
    ['type', { type: 'x' }],
    ['schemaVersion', { schemaVersion: 2 }],
    ['logicalKey', { logicalKey: 'x' }],
    ['algorithm', { algorithm: 'cairn.table/1' }],
    ['sha256', { sha256: 'f'.repeat(64) }],
  ])('changes with %s', (_, change) => {
    expect(datasetOfArtifacts([{ ...csv, ...change }]).id).not.toBe(datasetOfArtifacts([csv]).id);
  });
});
