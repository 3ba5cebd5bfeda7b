/** What every `WorkspaceState` must do. */
import { expect } from 'vitest';
import type { StagedEntry, WorkspaceState } from '../../src/ports/workspace.ts';
import type { Claim, Fixture } from './claims.ts';

export interface StateFixture extends Fixture {
  /** The state of one and the same workspace, as another process would open it. */
  open(): WorkspaceState;
}

export function file(path: string, more: Partial<StagedEntry> = {}): StagedEntry {
  return { path, kind: 'file', blob: 'ab'.repeat(32), size: 12, executable: false, ...more };
}

const full: StagedEntry = {
  path: 'out/report "1".json',
  kind: 'file',
  blob: 'cd'.repeat(32),
  size: 2 ** 52,
  executable: true,
  type: 'report',
  schemaVersion: 3,
  logicalKey: 'reports/1',
  tags: { stage: 'dev', ünïcode: '✓ \u0000 \n', __proto__x: '' },
};

export const workspaceStateClaims: readonly Claim<StateFixture>[] = [
  {
    claim: 'keeps one id, that is not empty',
    async check({ open }) {
      const [one, two] = [open(), open()];
      expect(one.id).toMatch(/./);
      expect(two.id).toBe(one.id);
      expect(open().id).toBe(one.id);
    },
  },
  {
    claim: 'keeps the current ref',
    async check({ open }) {
      const state = open();
      await state.setHead('heads/main');
      expect(await state.head()).toBe('heads/main');
      await state.setHead('heads/täst/long-name');
      expect(await open().head()).toBe('heads/täst/long-name');
    },
  },
  {
    claim: 'gives back every member of an entry, and no other',
    async check({ open }) {
      const state = open();
      const entries: StagedEntry[] = [
        { path: 'a link', kind: 'link', target: '../elsewhere' },
        { path: 'empty', kind: 'directory' },
        { path: 'gone', kind: 'removal' },
        { path: 'plain', kind: 'file', blob: 'ef'.repeat(32), size: 0, executable: false },
        full,
      ];
      entries.sort((left, right) => (left.path < right.path ? -1 : 1));
      await state.stage('default', entries, []);
      expect(await open().staged('default')).toStrictEqual(entries);
    },
  },
  {
    claim: 'lists by the bytes of the path',
    async check({ open }) {
      const state = open();
      // U+1F600 comes behind U+FFFD by bytes, and before it by UTF-16 units.
      const sorted = ['', 'A', 'a', 'a b', 'a-b', 'a/b', 'a/é', 'ab', 'é', '\uFFFD', '😀'];
      await state.stage(
        'default',
        [...sorted].reverse().map((path) => file(path)),
        [],
      );
      expect((await state.staged('default')).map((entry) => entry.path)).toEqual(sorted);
    },
  },
  {
    claim: 'replaces an entry, drops others, and leaves the rest',
    async check({ open }) {
      const state = open();
      await state.stage('default', [file('a'), file('b'), file('c'), file('d')], []);
      await state.stage('default', [file('b', { size: 99 }), file('e')], ['c', 'never there']);
      expect(await open().staged('default')).toEqual([file('a'), file('b', { size: 99 }), file('d'), file('e')]);
      await state.stage('default', [file('a', { size: 1 })], ['a']);
      expect((await state.staged('default'))[0]).toEqual(file('a', { size: 1 }));
      await state.stage('default', [], ['a', 'b', 'd', 'e']);
      expect(await state.staged('default')).toEqual([]);
    },
  },
  {
    claim: 'keeps staging areas apart, and names those that hold something',
    async check({ open }) {
      const state = open();
      expect(await state.stages()).toEqual([]);
      await state.stage('one', [file('a')], []);
      await state.stage('Two', [file('a', { size: 2 }), file('b')], []);
      await state.stage('one', [], ['b']);
      expect(await state.stages()).toEqual(['Two', 'one']);
      expect(await state.staged('one')).toEqual([file('a')]);
      expect(await state.staged('three')).toEqual([]);
      await state.stage('one', [], ['a']);
      expect(await open().stages()).toEqual(['Two']);
    },
  },
  {
    claim: 'unstages exactly what is still as given, and says how many remain',
    async check({ open }) {
      const state = open();
      const given = [file('a'), file('b', { tags: { x: '1', y: '2' } }), file('c'), full];
      await state.stage('default', given, []);
      await open().stage('default', [file('c', { size: 13 }), file('d')], []);
      await open().stage('other', given, []);
      // The same entries, with members in another order.
      const asked = [
        { executable: false, ...file('b'), tags: { y: '2', x: '1' } },
        file('a'),
        file('c'),
        file('z'),
        full,
      ];
      expect(await state.unstage('default', asked)).toBe(2);
      expect(await state.staged('default')).toEqual([file('c', { size: 13 }), file('d')]);
      expect(await state.staged('other')).toHaveLength(4);
      expect(await state.unstage('default', [file('c', { size: 13 }), file('d')])).toBe(0);
      expect(await state.unstage('nothing', [file('a')])).toBe(0);
      expect(await state.stages()).toEqual(['other']);
    },
  },
  {
    claim: 'keeps the stat cache byte by byte, whatever its size',
    async check({ open }) {
      const state = open();
      expect(await state.statCache()).toBeUndefined();
      for (const size of [0, 1, 3_000_000, 10]) {
        const bytes = new Uint8Array(size).map((_, index) => index % 251);
        await state.saveStatCache(bytes);
        const kept = await open().statCache();
        expect(kept?.constructor).toBe(Uint8Array);
        expect(Buffer.compare(kept ?? new Uint8Array(99), bytes)).toBe(0);
      }
    },
  },
  {
    claim: 'gives values that nobody else changes',
    async check({ open }) {
      const state = open();
      const entry = file('a', { tags: { x: '1' } });
      await state.stage('default', [entry], []);
      Object.assign(entry.tags ?? {}, { x: 'changed' });
      Object.assign((await state.staged('default'))[0] ?? {}, { size: 0 });
      expect(await state.staged('default')).toEqual([file('a', { tags: { x: '1' } })]);
      const bytes = new Uint8Array([1, 2, 3]);
      await state.saveStatCache(bytes);
      bytes.fill(0);
      (await state.statCache())?.fill(9);
      expect(await state.statCache()).toEqual(new Uint8Array([1, 2, 3]));
    },
  },
  {
    claim: 'stages hundreds of entries in every number',
    async check({ open }) {
      const state = open();
      for (const count of [1, 19, 20, 21, 40, 399]) {
        const stage = `stage ${count}`;
        const entries = Array.from({ length: count }, (_, index) =>
          file(`path ${String(index).padStart(4, '0')}`, { size: index }),
        );
        await state.stage(stage, entries, []);
        expect(await state.staged(stage)).toEqual(entries);
        expect(await state.unstage(stage, entries.slice(1))).toBe(1);
        expect(await state.staged(stage)).toEqual(entries.slice(0, 1));
      }
    },
  },
];
