import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../../src/core/errors.ts';
import type { ActorId, ArtifactId, BlobId, PayloadId, RunKey, TreeId } from '../../../../src/core/ids.ts';
import type { RunRecord } from '../../../../src/core/records/run.ts';
import type { Timestamp } from '../../../../src/core/time.ts';
import type { WorkspaceFiles } from '../../../../src/ports/workspace.ts';
import { compareSides, type FileSide, TextBudget } from '../../../../src/store/runs/compare-files.ts';
import { compareRuns } from '../../../../src/store/runs/compare-runs.ts';

const base: RunRecord = {
  schema: 'cairn.run/1',
  runKey: '1'.repeat(64) as RunKey,
  identity: {
    datasets: [],
    params: { window: 12, model: { depth: 3, kind: 'tree' }, grid: [1, 2] },
    engineVersion: '1',
    configVersion: '',
    seedVersion: 1,
  },
  parents: [],
  message: '2'.repeat(64) as PayloadId,
  author: 'Ada',
  actor: '3'.repeat(64) as ActorId,
  createdAt: '2026-01-31T09:30:00.000Z' as Timestamp,
  inputs: [],
  outputs: '4'.repeat(64) as TreeId,
  tree: '4'.repeat(64) as TreeId,
  removed: [],
  relations: [],
  code: {},
  writer: { name: 'cairn', version: '1' },
  plugins: [],
  status: 'succeeded',
  tags: { stage: 'paper' },
  metrics: { ic: 0.1 },
};

describe('compareRuns', () => {
  test('finds nothing between a run and itself', () => {
    expect(compareRuns(base, base)).toEqual({ params: [], pins: [], metrics: [], tags: [], code: [] });
  });

  test('names nested parameters by their path, and tells missing from null', () => {
    const after: RunRecord = {
      ...base,
      identity: {
        ...base.identity,
        params: { window: null, model: { depth: 4, kind: 'tree' }, grid: [1, 2], extra: {} },
      },
      metrics: {},
    };
    const { params, metrics } = compareRuns(base, after);
    expect(params).toEqual([
      { name: 'extra', before: undefined, after: {} },
      { name: 'model.depth', before: 3, after: 4 },
      { name: 'window', before: 12, after: null },
    ]);
    expect(metrics).toEqual([{ name: 'ic', before: 0.1, after: undefined }]);
  });
});

function file(content: string | Uint8Array, more: Partial<Extract<FileSide, { kind: 'file' }>> = {}): FileSide {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const sha256 = String(content).padEnd(64, '0').slice(0, 64) as BlobId;
  return {
    kind: 'file',
    artifact: undefined,
    sha256,
    size: bytes.length,
    executable: false,
    place: { kind: 'directory', files: {} as WorkspaceFiles, path: 'f' },
    read: async () => bytes,
    ...more,
  };
}

describe('compareSides', () => {
  const compare = (before: FileSide | undefined, after: FileSide | undefined) =>
    compareSides('f', before, after, new TextBudget());

  test('is undefined where nothing differs', async () => {
    expect(await compare(undefined, undefined)).toBeUndefined();
    expect(await compare(file('a'), file('a'))).toBeUndefined();
    expect(await compare({ kind: 'link', target: 'x' }, { kind: 'link', target: 'x' })).toBeUndefined();
  });

  test('tells content, mode and description apart', async () => {
    expect(await compare(file('a\n'), file('b\n'))).toMatchObject({
      change: 'changed',
      text: { added: 1, removed: 1 },
    });
    expect(await compare(file('a'), file('a', { executable: true }))).toMatchObject({
      change: 'mode',
      text: undefined,
    });
    const [one, other] = ['a', 'b'].map((digit) => digit.repeat(64) as ArtifactId);
    expect(await compare(file('a', { artifact: one }), file('a', { artifact: other }))).toMatchObject({
      change: 'described',
    });
    expect(await compare(undefined, { kind: 'link', target: 'x' })).toMatchObject({
      change: 'added',
      text: { added: 1 },
    });
  });

  test('does not take bytes for text, nor read what is large', async () => {
    expect(await compare(file(new Uint8Array([1, 0, 2])), file('b'))).toMatchObject({ noText: 'binary' });
    expect(await compare(file(new Uint8Array([0xff, 0xfe])), file('b'))).toMatchObject({ noText: 'binary' });
    const unread = { size: 2 ** 30, read: () => Promise.reject(new Error('read')) };
    expect(await compare(file('a', unread), file('b'))).toMatchObject({ noText: 'large' });
  });

  test('says of withdrawn bytes that they are, and lets damage through', async () => {
    const failing = (code: 'OBJECT_WITHDRAWN' | 'OBJECT_CORRUPT') => ({
      read: () => Promise.reject(new CodedError(code, 'no')),
    });
    expect(await compare(file('a', failing('OBJECT_WITHDRAWN')), file('b'))).toMatchObject({ noText: 'withdrawn' });
    await expect(compare(file('a', failing('OBJECT_CORRUPT')), file('b'))).rejects.toMatchObject({
      code: 'OBJECT_CORRUPT',
    });
  });
});
