import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openManifestTables } from '../../../../src/adapters/sqlite/manifest-tables.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import type { ManifestColumn, ManifestTables, ManifestValue } from '../../../../src/ports/manifest-tables.ts';
import { artifact, commit } from '../../../conformance/manifest-sample.ts';
import { type ManifestPlace, manifestPlace, migrationsDir, tell } from './a-manifest.ts';

let place: ManifestPlace;
let manifest: Manifest;
beforeAll(async () => {
  place = manifestPlace();
  manifest = await place.open();
  await tell(manifest);
});
afterAll(async () => {
  await manifest.close();
  place.remove();
});

const open = (): ManifestTables => openManifestTables({ path: place.path, migrationsDir });
const fits: { readonly [type in ManifestColumn['type']]: (value: ManifestValue) => boolean } = {
  integer: (value) => typeof value === 'bigint',
  real: (value) => typeof value === 'number',
  text: (value) => typeof value === 'string',
  blob: (value) => value instanceof Uint8Array,
};

describe('the tables of the manifest', () => {
  test('have values of the type that their columns say, in every table', () => {
    const tables = open();
    const odd = tables.tables.flatMap(({ name, columns }) =>
      [...tables.scan(name, 100)].flatMap((batch) =>
        batch.flatMap((values, at) => {
          const { name: column, type } = columns[at] as ManifestColumn;
          return values.filter((value) => value !== null && !fits[type](value)).map((value) => [name, column, value]);
        }),
      ),
    );
    tables.close();
    expect(odd).toEqual([]);
  });

  test('say integers for what counts and text for the rest', () => {
    const tables = open();
    const types = Object.fromEntries(
      tables.tables.map(({ name, columns }) => [
        name,
        columns.filter(({ type }) => type !== 'text').map((column) => `${column.name} ${column.type}`),
      ]),
    );
    tables.close();
    expect(types).toMatchObject({
      artifacts: ['schema_version integer', 'size integer', 'row_count integer'],
      objects: ['size integer', 'stored_size integer', 'frame integer', 'offset integer', 'last_use_ms integer'],
      run_metrics: ['value real'],
      run_params: [],
      runs: ['event_id integer', 'output_count integer', 'git_dirty integer', 'retired integer', 'stale integer'],
    });
  });

  test('come in batches, and several scans at once', () => {
    const tables = open();
    const whole = [...tables.scan('objects', 1_000_000)];
    const first = tables.scan('objects', 7)[Symbol.iterator]();
    const second = tables.scan('objects', 7)[Symbol.iterator]();
    const sizes: number[] = [];
    const ids: ManifestValue[] = [];
    for (let one = first.next(); one.done !== true; one = first.next()) {
      expect(second.next().value).toEqual(one.value);
      sizes.push(one.value[0]?.length ?? 0);
      ids.push(...(one.value[0] ?? []));
    }
    tables.close();
    expect(sizes.slice(0, -1).every((size) => size === 7)).toBe(true);
    expect(ids).toEqual(whole[0]?.[0]);
  });

  test('stay those of one moment while another writes', async () => {
    const tables = open();
    const count = (): number => [...tables.scan('runs', 1000)].reduce((sum, batch) => sum + (batch[0]?.length ?? 0), 0);
    const before = count();
    await commit(manifest, { name: 'meanwhile', outputs: [artifact('meanwhile')] }, 10_000);
    expect(count()).toBe(before);
    tables.close();
  });
});
