import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryWorkspaceState } from '../../../src/adapters/memory/memory-workspace-state.ts';
import { openWorkspaceState } from '../../../src/adapters/sqlite/workspace-state.ts';
import type { StagedEntry, WorkspaceState } from '../../../src/ports/workspace.ts';

const path = fc.constantFrom('a', 'a/b', 'a.b', 'b', '\u{ffff}', '\u{10000}', 'z');
const entry: fc.Arbitrary<StagedEntry> = fc.oneof(
  fc.record({ path, kind: fc.constant('removal' as const) }),
  fc.record({ path, kind: fc.constant('file' as const), blob: fc.constantFrom('aa', 'bb'), size: fc.nat(3) }),
);
const entries = fc.uniqueArray(entry, { selector: (one) => one.path, maxLength: 7 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('stage' as const), entries, drop: fc.uniqueArray(path, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('unstage' as const), entries }),
  // What a commit does: everything that it has read goes.
  fc.record({ kind: fc.constant('commit' as const) }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(state: WorkspaceState, one: Step): Promise<unknown> {
  if (one.kind === 'stage') return state.stage('s', one.entries, one.drop);
  return state.unstage('s', one.kind === 'unstage' ? one.entries : await state.staged('s'));
}

test('a staging area in blocks holds what one in memory does, whatever was staged and dropped in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const dir = mkdtempSync(join(tmpdir(), 'cairn-state-'));
      const options = { dir, createId: () => 'id', writeText: async () => undefined };
      const model = memoryWorkspaceState();
      const state = openWorkspaceState(options);
      try {
        for (const one of steps) {
          expect(await take(state, one)).toStrictEqual(await take(model, one));
          const other = openWorkspaceState(options);
          expect(await other.staged('s')).toStrictEqual(await model.staged('s'));
          await other.close();
        }
      } finally {
        await state.close();
        rmSync(dir, { recursive: true });
      }
    }),
    { numRuns: Number(process.env['CAIRN_PROPERTY_RUNS'] ?? 60) },
  );
});
