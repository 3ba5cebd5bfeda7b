import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoreProbe } from '../../../../src/ports/store-probe.ts';
import { examinePlace } from '../../../../src/store/upkeep/doctor.ts';
import { storeStats } from '../../../../src/store/upkeep/stats.ts';
import { makeStore, type TestStore } from './a-store.ts';
import { noise } from './some-packs.ts';

let store: TestStore;
beforeEach(async () => {
  store = await makeStore();
});
afterEach(async () => {
  await store.close();
});

describe('stats', () => {
  test('counts what runs produced, what is stored, and what each way of saving saves', async () => {
    const same = noise(1, 10_000);
    await store.commit({ 'a.bin': same, 'b.bin': same, 'zeros.bin': new Uint8Array(1_200_000) });
    await store.commit({ 'c.bin': same });
    const stats = await storeStats(store);
    expect(stats).toMatchObject({ runs: 2, artifacts: 4, outputs: 4, logicalBytes: 1_230_000 });
    expect(stats.blobs).toEqual({ count: 2, bytes: 1_210_000 });
    expect(stats.saved.deduplication).toBe(20_000);
    const stored = [...store.files().values()].reduce((sum, bytes) => sum + bytes.length, 0);
    expect(stats.storedBytes).toBe(stored);
    expect(stats.saved.compression).toBe(stats.blobs.bytes + stats.records.bytes - stored);
    expect(stats.saved.packing).toBeGreaterThan(4096 * (stats.packs.objects / 2));
    expect(stats.loose.count).toBe(1);
  });
});

const good: StoreProbe = {
  runtime: async () => ({ node: '24.1.0', leastNode: '22.15.0', sqlite: '3.50.0', platform: 'linux x64' }),
  directory: async () => ({
    path: '/store',
    writable: true,
    freeBytes: 2 ** 40,
    network: undefined,
    temporary: { count: 0, bytes: 0 },
    quarantine: { count: 0, bytes: 0 },
  }),
  workspace: async () => ({ head: 'heads/main', statCacheBytes: 100 }),
  author: async () => 'Ada <ada@example.org>',
};

async function outcomes(
  probe: Partial<StoreProbe>,
  context: Partial<TestStore> = {},
): Promise<{ [name: string]: string }> {
  const { checks } = await examinePlace({ ...store, ...context, probe: { ...good, ...probe } });
  for (const check of checks) expect(check.outcome === 'ok' || (check.next ?? '').length > 10, check.name).toBe(true);
  return Object.fromEntries(
    checks.filter((check) => check.outcome !== 'ok').map((check) => [check.name, check.outcome]),
  );
}

describe('doctor', () => {
  test('finds nothing wrong with a good place', async () => {
    await store.commit({ 'a.txt': 'a' });
    expect((await examinePlace({ ...store, probe: good })).ok).toBe(true);
    expect(await outcomes({})).toEqual({});
  });

  test('names what is wrong, each with the next step', async () => {
    const directory = await good.directory();
    const runtime = await good.runtime();
    expect(await outcomes({ runtime: async () => ({ ...runtime, node: '22.14.9' }) })).toEqual({ runtime: 'fail' });
    expect(
      await outcomes({ directory: async () => ({ ...directory, network: 'NFS', freeBytes: 10, writable: false }) }),
    ).toEqual({
      directory: 'warn',
      'file-system': 'fail',
      space: 'fail',
    });
    const left = { count: 2, bytes: 5 };
    expect(await outcomes({ directory: async () => ({ ...directory, temporary: left, quarantine: left }) })).toEqual({
      temporary: 'warn',
      quarantine: 'warn',
    });
    expect(await outcomes({ author: async () => undefined })).toEqual({ author: 'warn' });
    expect(await outcomes({}, { clock: { now: () => 5, kind: 'wall' } })).toEqual({ clock: 'fail' });
    expect(await outcomes({}, { clock: { now: () => store.time.now, kind: 'fixed' } })).toEqual({ clock: 'warn' });
    await store.commit({ 'a.txt': 'a' });
    expect(await outcomes({}, { clock: { now: () => store.time.now - 3_600_000, kind: 'wall' } })).toEqual({
      clock: 'warn',
    });
    expect(await outcomes({}, { log: { ...store.log, end: async () => ({ segment: 1, length: 3 }) } })).toEqual({
      log: 'fail',
    });
    expect(await outcomes({}, { manifest: { ...store.manifest, check: async () => ['broken', 'more'] } })).toEqual({
      manifest: 'fail',
    });
  });
});
