import { describe, expect, test } from 'vitest';
import { dropVolatileKeys, parseMetric, parseParam, parseTag } from '../../../src/core/config-params.ts';
import { parseJson } from '../../../src/core/parse-json.ts';

const badArgument = expect.objectContaining({ code: 'BAD_ARGUMENT' });

describe('parameters', () => {
  test.each<[string, string, unknown]>([
    ['window=20', 'window', 20],
    ['alpha=0.5', 'alpha', 0.5],
    ['tiny=1e-7', 'tiny', 1e-7],
    ['zero=-0', 'zero', 0],
    ['on=true', 'on', true],
    ['off=false', 'off', false],
    ['none=null', 'none', null],
    ['name=BTC', 'name', 'BTC'],
    ['empty=', 'empty', ''],
    ['equation=a=b', 'equation', 'a=b'],
    ['quoted="x"', 'quoted', '"x"'],
    ['spaced= 1', 'spaced', ' 1'],
    ['version=1.10.0', 'version', '1.10.0'],
    ['code=007', 'code', '007'],
    ['list=[1]', 'list', '[1]'],
    ['nan=NaN', 'nan', 'NaN'],
    ['safe=9007199254740991', 'safe', 9007199254740991],
    ['big=9007199254740993', 'big', '9007199254740993'],
    ['big=1e20', 'big', '1e20'],
    ['huge=1e999', 'huge', '1e999'],
    ['list:=[1, {"a": null}]', 'list', [1, { a: null }]],
    ['text:="20"', 'text', '20'],
    ['a:b=1', 'a:b', 1],
  ])('%s is %s with its value', (text, name, value) => {
    expect(parseParam(text)).toEqual([name, value]);
  });

  test.each(['=1', ':=1', 'novalue', '', 'k:=', 'k:={a:1}', 'k:=9007199254740993', 'k:={"a":1,"a":2}', 'k=\ud800'])(
    'refuses %j and names it',
    (text) => {
      expect(() => parseParam(text)).toThrow(badArgument);
      expect(() => parseParam(text)).toThrow(JSON.stringify(text.toWellFormed()));
    },
  );
});

describe('tags and metrics', () => {
  test('a tag is always text', () => {
    expect(parseTag('stage=1')).toEqual(['stage', '1']);
    expect(parseTag('note=a=b')).toEqual(['note', 'a=b']);
    expect(parseTag('flag=')).toEqual(['flag', '']);
    expect(() => parseTag('=x')).toThrow(badArgument);
    expect(() => parseTag('x')).toThrow(badArgument);
  });

  test.each<[string, number]>([
    ['ic=1.5', 1.5],
    ['ic=-1e-05', -1e-5],
    ['ic=.5', 0.5],
    ['ic=+2.', 2],
    ['ic=-0.0', 0],
  ])('%s is a metric', (text, value) => {
    expect(parseMetric(text)).toEqual(['ic', value]);
  });

  test.each(['ic=', 'ic=nan', 'ic=inf', 'ic=1e999', 'ic=0x10', 'ic=1,5', 'ic= 1', 'ic=1e20', '=1', 'ic'])(
    'refuses the metric %j',
    (text) => {
      expect(() => parseMetric(text)).toThrow(badArgument);
    },
  );
});

describe('volatile keys of a configuration', () => {
  test('are dropped at every depth where they hold text or a list of texts, and nowhere else', () => {
    const config = {
      ts_utc: '2024-01-01',
      window: 20,
      path: { kept: true },
      data: [
        { path: '/a', symbol: 'BTC', 'odd key': { out_dir: 'x' } },
        { paths: ['a', 'b'], timestamp: 17 },
      ],
      created_utc: null,
      output_dir: [],
      paths: ['a', 1],
    };
    const before = structuredClone(config);
    expect(dropVolatileKeys(config)).toEqual({
      params: {
        window: 20,
        path: { kept: true },
        data: [{ symbol: 'BTC', 'odd key': {} }, { timestamp: 17 }],
        created_utc: null,
        paths: ['a', 1],
      },
      dropped: ['$.ts_utc', '$.data[0].path', '$.data[0]["odd key"].out_dir', '$.data[1].paths', '$.output_dir'],
    });
    expect(config).toEqual(before);
  });

  test('keep a member named __proto__ as data', () => {
    const { params } = dropVolatileKeys(parseJson('{"__proto__":{"path":"x","a":1}}', 'config'));
    expect(JSON.stringify(params)).toBe('{"__proto__":{"a":1}}');
  });

  test.each([1, 'path', null, [[]]])('a configuration that is %j stays as it is', (config) => {
    expect(dropVolatileKeys(config)).toEqual({ params: config, dropped: [] });
  });
});
