/** What every `EventLog` must do. */
import { expect } from 'vitest';
import { utf8, utf8Decode } from '../../src/core/bytes.ts';
import type { EventLog, LogPosition } from '../../src/ports/event-log.ts';
import type { Claim, Fixture } from './claims.ts';

export interface LogFixture extends Fixture {
  /** The same log, as another process would open it; segments end at 100 bytes. */
  open(): EventLog;
}

const start: LogPosition = { segment: 1, length: 0 };
const line = (number: number): Uint8Array => utf8(`{"line":${String(number).padStart(4, '0')}}`);
const lines = (from: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => line(from + index));

async function texts(log: EventLog, end?: LogPosition): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of log.read(end)) found.push(utf8Decode(entry.line));
  return found;
}

const expected = (from: number, count: number): string[] => lines(from, count).map(utf8Decode);

export const eventLogClaims: readonly Claim<LogFixture>[] = [
  {
    claim: 'is empty at first',
    async check({ open }) {
      expect(await texts(open())).toStrictEqual([]);
      expect(await open().end()).toStrictEqual(start);
      expect(await texts(open(), start)).toStrictEqual([]);
    },
  },
  {
    claim: 'gives back what was appended, whoever opens it',
    async check({ open }) {
      const end = await open().append(start, lines(1, 3));
      expect(end).toStrictEqual({ segment: 1, length: 42 });
      expect(await texts(open())).toStrictEqual(expected(1, 3));
      expect(await open().end()).toStrictEqual(end);
    },
  },
  {
    claim: 'begins a segment when the last one is full, and no line crosses',
    async check({ open }) {
      const log = open();
      let at = start;
      for (let number = 1; number <= 20; number++) at = await log.append(at, [line(number)]);
      expect(at).toStrictEqual({ segment: 3, length: 4 * 14 });
      expect(await texts(open())).toStrictEqual(expected(1, 20));
      expect(await open().end()).toStrictEqual(at);
    },
  },
  {
    claim: 'makes the same segments from one call as from many',
    async check({ open }) {
      const end = await open().append(start, lines(1, 20));
      expect(end).toStrictEqual({ segment: 3, length: 4 * 14 });
      expect(await texts(open())).toStrictEqual(expected(1, 20));
    },
  },
  {
    claim: 'says the position behind each line, which can be read up to and appended at',
    async check({ open }) {
      await open().append(start, lines(1, 20));
      const ends: LogPosition[] = [];
      for await (const { end } of open().read()) ends.push(end);
      expect(ends.length).toBe(20);
      for (const [index, end] of ends.entries()) expect(await texts(open(), end)).toStrictEqual(expected(1, index + 1));
      await open().append(ends[11] as LogPosition, [line(900)]);
      expect(await texts(open())).toStrictEqual([...expected(1, 12), ...expected(900, 1)]);
    },
  },
  {
    claim: 'cuts what lies behind the position before it appends',
    async check({ open }) {
      const first = await open().append(start, lines(1, 2));
      await open().append(first, lines(100, 30));
      const end = await open().append(first, [line(3)]);
      expect(await texts(open())).toStrictEqual(expected(1, 3));
      expect(await open().end()).toStrictEqual(end);
    },
  },
  {
    claim: 'cuts a full segment too, when the next line begins another one',
    async check({ open }) {
      const first = await open().append(start, lines(1, 8));
      expect(first).toStrictEqual({ segment: 1, length: 8 * 14 });
      await open().append({ segment: 1, length: 7 * 14 }, [utf8('{"line":"longer than the others"}')]);
      const end = await open().append({ segment: 1, length: 7 * 14 }, lines(8, 1));
      await open().append(end, lines(9, 3));
      await open().append(end, []);
      expect(await open().end()).toStrictEqual(end);
      await open().append(end, lines(9, 1));
      expect(await texts(open())).toStrictEqual(expected(1, 9));
    },
  },
  {
    claim: 'reads no further than it is told',
    async check({ open }) {
      const first = await open().append(start, lines(1, 2));
      await open().append(first, lines(3, 30));
      expect(await texts(open(), first)).toStrictEqual(expected(1, 2));
    },
  },
  {
    claim: 'refuses to append or read when committed lines are missing',
    async check({ open }) {
      const end = await open().append(start, lines(1, 3));
      const beyond = { segment: 1, length: end.length + 14 };
      await expect(open().append(beyond, [line(9)])).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
      await expect(open().append({ segment: 2, length: 14 }, [line(9)])).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
      await expect(texts(open(), beyond)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
      expect(await texts(open())).toStrictEqual(expected(1, 3));
    },
  },
  {
    claim: 'keeps bytes as they are, and its own copy of them',
    async check({ open }) {
      const given = utf8('{"ü":"\u{1F600}"}');
      const wanted = given.slice();
      await open().append(start, [given]);
      given.fill(0);
      const found: Uint8Array[] = [];
      for await (const entry of open().read()) found.push(entry.line);
      expect(found.map((bytes) => [...bytes])).toStrictEqual([[...wanted]]);
    },
  },
  {
    claim: 'takes lines that are longer than a segment',
    async check({ open }) {
      const long = utf8(`"${'x'.repeat(3_000_000)}"`);
      const end = await open().append(start, [line(1), long, line(2)]);
      expect(end).toStrictEqual({ segment: 2, length: 14 });
      const sizes: number[] = [];
      for await (const entry of open().read()) sizes.push(entry.line.length);
      expect(sizes).toStrictEqual([13, long.length, 13]);
    },
  },
  {
    claim: 'stays where it is when nothing is appended',
    async check({ open }) {
      const end = await open().append(start, lines(1, 3));
      expect(await open().append(end, [])).toStrictEqual(end);
      expect(await texts(open())).toStrictEqual(expected(1, 3));
    },
  },
];
