import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import { evidenceFormat } from '../../../../src/core/evidence/evidence.ts';
import { readEvidence } from '../../../../src/core/evidence/read-evidence.ts';

const read = (role: string, text: string, format: 'json' | 'csv' = 'json') => readEvidence(role, utf8(text), format);
const rows = [
  { regime: 'bull', mean_ic: 0.04, n_bars: 2000n },
  { regime: 'bear', mean_ic: Number.NaN, n_bars: 0n },
];

describe('evidence', () => {
  test('may have fields that no schema knows, and lack those that it knows', async () => {
    expect(await read('validation_bundle', '{"anything": [1], "meta": {"run_key": null, "x": 1}}')).toEqual({
      value: { anything: [1n], meta: { run_key: null, x: 1n } },
      faults: [],
    });
  });

  test('that has another type in a field is read, with its faults', async () => {
    const content = await read(
      'validation_bundle',
      '{"signal_name": 5, "meta": {"walk_forward_used": "true", "seed_version": 1.5}}',
    );
    expect(content).toMatchObject({
      faults: [
        { path: '$.signal_name', why: 'must be a text' },
        { path: '$.meta.seed_version', why: 'must be a text or a whole number' },
        { path: '$.meta.walk_forward_used', why: 'must be true or false' },
      ],
    });
  });

  test('takes a text of digits for no number', async () => {
    expect(await read('rc_summary', '{"rc_p_value": "0.01"}')).toMatchObject({
      faults: [{ path: '$.rc_p_value', why: 'must be a number' }],
    });
  });

  test('says what is wrong with a part of another shape', async () => {
    expect(await read('split_plan', '{"folds": {}}')).toMatchObject({
      faults: [{ path: '$.folds', why: 'must be a list' }],
    });
    expect(await read('rc_summary', '{"rw_adjusted_p_values": 3}')).toMatchObject({
      faults: [{ path: '$.rw_adjusted_p_values', why: 'must be a list of numbers, or an object of numbers' }],
    });
  });

  test.each([
    ['records', '[{"regime":"bull","mean_ic":0.04,"n_bars":2000},{"regime":"bear","mean_ic":NaN,"n_bars":0}]'],
    ['columns', '{"regime":["bull","bear"],"mean_ic":[0.04,NaN],"n_bars":[2000,0]}'],
    [
      'columns with an index',
      '{"regime":{"0":"bull","1":"bear"},"mean_ic":{"0":0.04,"1":NaN},"n_bars":{"0":2000,"1":0}}',
    ],
    ['split', '{"columns":["regime","mean_ic","n_bars"],"index":[0,1],"data":[["bull",0.04,2000],["bear",NaN,0]]}'],
    [
      'a named list',
      '{"regimes":[{"regime":"bull","mean_ic":0.04,"n_bars":2000},{"regime":"bear","mean_ic":NaN,"n_bars":0}]}',
    ],
  ])('reads a regime summary as JSON of %s', async (_, text) => {
    expect(await read('regime_summary', text)).toEqual({ value: rows, faults: [] });
  });

  test('reads a regime summary as CSV, with the index that pandas writes', async () => {
    expect(await read('regime_summary', 'regime,mean_ic,n_bars\nbull,0.04,2000\nbear,nan,0\n', 'csv')).toEqual({
      value: rows,
      faults: [],
    });
    expect(await read('regime_summary', '\ufeff,regime,mean_ic\r\n0,1,0.04\r\n', 'csv')).toEqual({
      value: [{ '': 0n, regime: '1', mean_ic: 0.04 }],
      faults: [],
    });
  });

  test('that cannot be read is an error with its place, and never throws', async () => {
    expect(await read('rc_summary', '{"a": 1,\n "a": 2}')).toEqual({
      error: 'rc_summary: the key "a" appears twice at line 2, column 2',
    });
    expect(await read('rc_summary', '[]')).toEqual({ error: 'rc_summary: the file must hold one object' });
    expect(await readEvidence('rc_summary', new Uint8Array([0xff]), 'json')).toEqual({
      error: 'rc_summary: not valid UTF-8',
    });
    expect(await read('regime_summary', '5')).toEqual({ value: 5n, faults: [{ path: '$', why: 'must be a list' }] });
  });

  test('of a role of the user is read without a schema, and other files not at all', async () => {
    expect(await read('desk.limits', '[1]')).toEqual({ value: [1n], faults: [] });
    expect(await readEvidence('capacity_curve', utf8('PNG'), 'opaque')).toEqual({ value: null, faults: [] });
  });

  test('is read by role and name', () => {
    expect(evidenceFormat('regime_summary', 'out/regimes.CSV')).toBe('csv');
    expect(evidenceFormat('regime_summary', 'regimes')).toBe('json');
    expect(evidenceFormat('validation_bundle', 'bundle.csv')).toBe('json');
    expect(evidenceFormat('capacity_curve', 'curve.png')).toBe('opaque');
    expect(evidenceFormat('capacity_curve', 'curve.json')).toBe('json');
    expect(evidenceFormat('desk.limits', 'limits.yaml')).toBe('opaque');
  });
});
