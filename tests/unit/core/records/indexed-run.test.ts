import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../../../src/core/canonical-json.ts';
import { parseIndexedRun } from '../../../../src/core/records/indexed-run.ts';
import { runBytes } from '../../../../src/core/records/parse-record.ts';
import { sampleRun } from '../../../conformance/manifest-sample.ts';

const { record } = sampleRun();

describe('a run that the manifest knows', () => {
  test('is read as it was recorded', () => {
    expect(parseIndexedRun(runBytes(record))).toStrictEqual(record);
  });

  test.each(Object.keys(record))('is refused without %s', (field) => {
    const { [field as keyof typeof record]: _, ...rest } = record;
    expect(() => parseIndexedRun(canonicalBytes(rest))).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
  });

  test.each(Object.keys(record))('is refused with a number as %s', (field) => {
    expect(() => parseIndexedRun(canonicalBytes({ ...record, [field]: 1 }))).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID' }),
    );
  });

  test.each([
    ['an unknown field', canonicalBytes({ ...record, extra: 1 })],
    ['a later version', canonicalBytes({ ...record, schema: 'cairn.run/2' })],
    ['what is not canonical', new TextEncoder().encode(` ${JSON.stringify(record)}`)],
    ['a list', canonicalBytes([])],
    ['nothing', new Uint8Array(0)],
  ])('is refused with %s', (_, bytes) => {
    expect(() => parseIndexedRun(bytes)).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
  });
});
