/** Trees against a Map: whatever is edited, a tree holds exactly the paths that a plain map of paths would. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nativeCodec } from '../../../src/adapters/node/native-codec.ts';
import type { ArtifactId, ObjectId, TreeId } from '../../../src/core/ids.ts';
import { sha256Hex } from '../../../src/core/sha256.ts';
import type { StoreContext } from '../../../src/store/context.ts';
import type { WriteSession } from '../../../src/store/objects/write-session.ts';
import { editTree } from '../../../src/store/runs/tree-editor.ts';
import { type Leaf, TreeReader } from '../../../src/store/runs/trees.ts';

/** Records in memory: all that trees need of a store. */
function records(): { session: WriteSession; context: Pick<StoreContext, 'backend' | 'codec' | 'manifest'> } {
  const codec = nativeCodec();
  const stored = new Map<string, Uint8Array>();
  const session = {
    record: (bytes: Uint8Array) => {
      const id = codec.sha256Hex(bytes);
      stored.set(`records/${id.slice(0, 2)}/${id.slice(2)}`, bytes);
      return id;
    },
  } as unknown as WriteSession;
  const context = {
    codec,
    manifest: {
      objects: async (_: string, ids: readonly ObjectId[]) =>
        ids.map((id) => {
          const bytes = stored.get(`records/${id.slice(0, 2)}/${id.slice(2)}`);
          return bytes && { namespace: 'record', id, size: bytes.length, location: { kind: 'loose' }, lastUseMs: 0 };
        }),
    },
    backend: { read: async (name: string) => stored.get(name) as Uint8Array, isNotFound: () => false },
  } as unknown as Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;
  return { session, context };
}

const name = fc.constantFrom('a', 'b', 'c', 'ab', 'é', '\u{1f600}', '\uff61');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    artifact: fc.nat(5).map((n) => sha256Hex(String(n)) as ArtifactId),
    executable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('link' as const), target: fc.constantFrom('x', '../y') }),
);
const edit = fc.tuple(path, fc.option(leaf, { nil: undefined }));

/** What a map of paths does: a file where a directory stood replaces it, and the other way round. */
function applied(before: ReadonlyMap<string, Leaf>, edits: ReadonlyMap<string, Leaf | undefined>): Map<string, Leaf> {
  const after = new Map(before);
  for (const [at, wanted] of edits) {
    if (wanted === undefined)
      for (const other of after.keys()) if (other === at || other.startsWith(`${at}/`)) after.delete(other);
  }
  for (const [at, wanted] of edits) {
    if (wanted === undefined) continue;
    for (const other of after.keys()) if (other.startsWith(`${at}/`) || at.startsWith(`${other}/`)) after.delete(other);
    after.set(at, wanted);
  }
  return after;
}

/** Edits of one step name no path twice and none inside another, as a run's outputs do. */
function consistent(list: readonly (readonly [string, Leaf | undefined])[]): Map<string, Leaf | undefined> {
  const edits = new Map<string, Leaf | undefined>();
  for (const [at, wanted] of list) {
    if ([...edits.keys()].some((other) => other === at || other.startsWith(`${at}/`) || at.startsWith(`${other}/`)))
      continue;
    edits.set(at, wanted);
  }
  return edits;
}

test('an edited tree has the paths of an edited map, and the changes between trees are those between maps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(edit, { maxLength: 8 }), { maxLength: 5 }), async (steps) => {
      const { session, context } = records();
      const reader = new TreeReader(context);
      let tree: TreeId | undefined;
      let model = new Map<string, Leaf>();
      for (const step of steps) {
        const edits = consistent(step);
        const next = await editTree(reader, session, tree, edits);
        const expected = applied(model, edits);
        const leaves = await new TreeReader(context).leaves(next);
        expect(Object.fromEntries(leaves)).toEqual(Object.fromEntries(expected));

        const changes = await reader.changes(tree, next);
        const replayed = new Map(model);
        for (const { path: at, before } of changes) if (before !== undefined) replayed.delete(at);
        for (const { path: at, after } of changes) if (after !== undefined) replayed.set(at, after);
        expect(Object.fromEntries(replayed)).toEqual(Object.fromEntries(expected));
        tree = next;
        model = expected;
      }
    }),
  );
});

test('equal contents have equal tree ids, whatever the order in which they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(path, leaf), { minLength: 1, maxLength: 10 }), async (list) => {
      const { session, context } = records();
      const reader = new TreeReader(context);
      const edits = consistent(list);
      const forward = await editTree(reader, session, undefined, edits);
      const backward = await editTree(reader, session, undefined, new Map([...edits].reverse()));
      expect(backward).toBe(forward);
    }),
  );
});
