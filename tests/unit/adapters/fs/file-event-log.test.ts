import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileEventLog } from '../../../../src/adapters/fs/file-event-log.ts';
import { utf8, utf8Decode } from '../../../../src/core/bytes.ts';
import { describeConformance } from '../../../conformance/claims.ts';
import { eventLogClaims } from '../../../conformance/event-log.ts';

const start = { segment: 1, length: 0 };

describeConformance('openFileEventLog', eventLogClaims, async () => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-log-'));
  return {
    open: () => openFileEventLog({ directory: join(root, 'log'), segmentBytes: 100 }),
    dispose: async () => rmSync(root, { recursive: true }),
  };
});

describe('files of the log', () => {
  let root: string;
  let directory: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cairn-log-'));
    directory = join(root, 'log');
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const open = (): ReturnType<typeof openFileEventLog> => openFileEventLog({ directory, segmentBytes: 20 });
  const names = (): string[] => readdirSync(directory).sort();

  test('are JSON lines under numbered names', async () => {
    await open().append(start, [utf8('{"a":1}'), utf8('{"b":2}'), utf8('{"c":3}'), utf8('{"d":4}')]);
    expect(names()).toStrictEqual(['events-000001.jsonl', 'events-000002.jsonl']);
    expect(readFileSync(join(directory, 'events-000001.jsonl'), 'utf8')).toBe('{"a":1}\n{"b":2}\n{"c":3}\n');
    expect(readFileSync(join(directory, 'events-000002.jsonl'), 'utf8')).toBe('{"d":4}\n');
  });

  test('a line without its end is no line, and is overwritten by the next append', async () => {
    const end = await open().append(start, [utf8('{"a":1}')]);
    appendFileSync(join(directory, 'events-000001.jsonl'), '{"b":');
    expect(await open().end()).toStrictEqual(end);
    await open().append(end, [utf8('{"c":3}')]);
    expect(readFileSync(join(directory, 'events-000001.jsonl'), 'utf8')).toBe('{"a":1}\n{"c":3}\n');
  });

  test('what a dead process left behind a full segment is cut off before the next segment begins', async () => {
    const end = await open().append(start, [utf8('{"aaaaaaaaaaaaaaa":1}')]);
    appendFileSync(join(directory, 'events-000001.jsonl'), '{"lost":true}\n');
    await open().append(end, [utf8('{"c":3}')]);
    expect(readFileSync(join(directory, 'events-000001.jsonl'), 'utf8')).toBe('{"aaaaaaaaaaaaaaa":1}\n');
    expect(readFileSync(join(directory, 'events-000002.jsonl'), 'utf8')).toBe('{"c":3}\n');
  });

  test('segments that a dead process left are removed', async () => {
    const end = await open().append(start, [utf8('{"a":1}')]);
    await open().append(
      end,
      Array.from({ length: 20 }, () => utf8('{"lost":true}')),
    );
    expect(names().length).toBeGreaterThan(5);
    await open().append(end, [utf8('{"c":3}')]);
    expect(names()).toStrictEqual(['events-000001.jsonl']);
  });

  test('a hole between segments is reported, not skipped', async () => {
    const end = await open().append(
      start,
      Array.from({ length: 12 }, (_, index) => utf8(`{"n":${index}}`)),
    );
    rmSync(join(directory, 'events-000002.jsonl'));
    const reading = async (): Promise<string[]> => {
      const lines: string[] = [];
      for await (const { line } of open().read(end)) lines.push(utf8Decode(line));
      return lines;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await expect(open().append(end, [utf8('{}')])).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  test('a truncated segment is reported with the file and both lengths', async () => {
    const end = await open().append(start, [utf8('{"a":1}')]);
    const path = join(directory, 'events-000001.jsonl');
    truncateSync(path, 3);
    await expect(open().append(end, [utf8('{}')])).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      data: { path, size: 3, length: 8 },
    });
    expect(readFileSync(path, 'utf8')).toBe('{"a');
  });

  test('other files in the folder are left alone', async () => {
    await open().append(start, [utf8('{"a":1}')]);
    writeFileSync(join(directory, 'events-1.jsonl'), 'x');
    writeFileSync(join(directory, 'notes.txt'), 'x');
    await open().append(start, [utf8('{"b":1}')]);
    expect(names()).toStrictEqual(['events-000001.jsonl', 'events-1.jsonl', 'notes.txt']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is reported as such', async () => {
    chmodSync(root, 0o500);
    await expect(open().append(start, [utf8('{}')])).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    chmodSync(root, 0o700);
  });
});
