import { expect, test } from 'vitest';
import type { WorkspaceFiles } from '../../../../src/ports/workspace.ts';
import { readMetrics } from '../../../../src/store/runs/run-metrics.ts';

function filesWith(text: string, size = text.length): { files: WorkspaceFiles } {
  const files: Pick<WorkspaceFiles, 'stat' | 'readText'> = {
    stat: async () => [{ kind: 'file', stat: Float64Array.of(size, 0, 0, 0, 0, 0) }],
    readText: async () => text,
  };
  return { files: files as WorkspaceFiles };
}

test('numbers are metrics, inner ones by their path; the rest is named', async () => {
  const read = await readMetrics(filesWith('{"a":1,"b":{"c":-0.5},"d":"text","e":[1]}'), 'metrics.json');
  expect(read.metrics).toEqual({ a: 1, 'b.c': -0.5 });
  expect(read.notes).toEqual(['metrics.json: not numbers, so no metrics: d, e']);
});

test.each(['{"a":', '[1]', '3'])('%s gives no metrics, and says so', async (text) => {
  const read = await readMetrics(filesWith(text), 'metrics.json');
  expect(read.metrics).toEqual({});
  expect(read.notes).toHaveLength(1);
});

test('a file that is too large is not read', async () => {
  expect((await readMetrics(filesWith('{"a":1}', 2 ** 21), 'metrics.json')).notes[0]).toMatch(/larger than 1 MiB/);
});
