import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceSql } from '../../../../src/adapters/sqlite/read-trace.ts';
import { manifestPlace, tell } from './a-manifest.ts';

const place = manifestPlace();
beforeAll(async () => {
  const manifest = await place.open();
  await tell(manifest);
  await manifest.close();
});
afterAll(() => place.remove());

for (const [name, sql] of Object.entries(traceSql)) {
  test(`the question of ${name} is answered by indexes alone`, () => {
    const db = new Database(place.path, { readonly: true });
    const parameters = Array(sql.split('?').length - 1).fill(1);
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    db.close();
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.filter(({ detail }) => detail.startsWith('SCAN'))).toEqual([]);
  });
}
