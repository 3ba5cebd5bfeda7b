import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../../src/adapters/yaml/read-yaml.ts';
import { CodedError } from '../../../../src/core/errors.ts';
import { type SourceNode, sourceAt, sourceKeyPlace, sourceValue } from '../../../../src/core/source-node.ts';

function refusal(text: string): { message: string; hint: string | undefined } {
  try {
    readYaml(text, 'cairn.yaml');
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    expect(error.code).toBe('BAD_JSON');
    return { message: error.message, hint: error.hint };
  }
  throw new Error(`was accepted: ${text.slice(0, 80)}`);
}

function read(text: string): SourceNode {
  const node = readYaml(text, 'cairn.yaml');
  if (node === undefined) throw new Error('the document is empty');
  return node;
}

describe('a YAML document', () => {
  test('has its values, and the place of each', () => {
    const root = read('pins:\n  engineVersion: "1.4"\ntypes: [a, 2, 0.5, true, null, ~]\n');
    expect(sourceValue(root)).toEqual({ pins: { engineVersion: '1.4' }, types: ['a', 2, 0.5, true, null, null] });
    expect(sourceAt(root, ['pins', 'engineVersion']).at).toEqual({ line: 2, column: 18 });
    expect(sourceKeyPlace(sourceAt(root, ['pins']), 'engineVersion')).toEqual({ line: 2, column: 3 });
    expect(sourceAt(root, ['types', 1]).at).toEqual({ line: 3, column: 12 });
  });

  test('reads the words that YAML 1.1 took for booleans, and times, as texts', () => {
    expect(sourceValue(read('[yes, no, on, off, NO, 2024-01-31, 12:30:00, 0x1F, 0o17, -0]'))).toEqual([
      'yes',
      'no',
      'on',
      'off',
      'NO',
      '2024-01-31',
      '12:30:00',
      31,
      15,
      0,
    ]);
  });

  test.each(['', '# only a remark\n', '---\n', 'null'])('is empty: %j', (text) => {
    expect(readYaml(text, 'cairn.yaml')).toBeUndefined();
  });

  test('keeps a key called __proto__ out, and other inherited names as plain keys', () => {
    expect(refusal('__proto__: 1').message).toMatch(/^cairn.yaml:1:1: "__proto__" cannot be a key/);
    expect(Object.keys(sourceValue(read('constructor: 1\ntoString: 2')) as object)).toEqual([
      'constructor',
      'toString',
    ]);
  });

  test('expands anchors, each alias to the last anchor before it', () => {
    const text = 'a: &x [&y 1]\nb: &y 2\nc: *x\nd: *y\ne: &z {k: *y}\nf: &y 3\ng: *z\nh: *y\n';
    expect(sourceValue(read(text))).toEqual({ a: [1], b: 2, c: [1], d: 2, e: { k: 2 }, f: 3, g: { k: 2 }, h: 3 });
  });
});

describe('refuses, with line and column', () => {
  test.each<[what: string, text: string, place: string, why: string]>([
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', '3:1', 'the key "a" stands here twice'],
    ['a key that is a number', 'runs:\n  1: x\n', '2:3', 'a key must be a text'],
    ['a key that is a list', '? [a]\n: 1\n', '1:3', 'a key must be a text'],
    ['a tag of its own', 'a: !secret x\n', '1:4', 'unresolved tag: !secret'],
    ['a second document', 'a: 1\n---\nb: 1\n', '2:1', 'a second document'],
    ['YAML 1.1', '%YAML 1.1\n---\na: yes\n', '1:1', 'YAML 1.1'],
    ['an open bracket', 'a: [1, 2\n', '2:1', 'flow sequence'],
    ['an open quote', 'a: "x\n', '2:1', 'missing closing "quote'],
    ['a wrong indent', 'a:\n  b: 1\n c: 2\n', '3:1', 'all mapping items must start at the same column'],
    [
      'a whole number beyond 2^53',
      'a: 9007199254740993\n',
      '1:4',
      'the number 9007199254740993 cannot be held exactly',
    ],
    ['infinity', 'a: .inf\n', '1:4', 'the number Infinity cannot be held exactly'],
    ['a number that overflows', 'a: 1e400\n', '1:4', 'the number Infinity'],
    ['a lone surrogate', 'a: "\\ud800"\n', '1:4', 'a text with a lone surrogate'],
    ['an alias without anchor', 'a: *x\n', '1:4', 'there is no anchor &x before this'],
    ['an alias inside of itself', 'a: &a [*a]\n', '1:8', 'stands inside of what it stands for'],
    ['a merge that is none here', 'a: &x\n  b: 1\n  <<: *x\n', '3:7', 'stands inside of what it stands for'],
  ])('%s', (_, text, place, why) => {
    expect(refusal(text).message).toContain(`cairn.yaml:${place}: `);
    expect(refusal(text).message).toContain(why);
  });

  test('an alias bomb, while it is small', () => {
    let bomb = 'a0: &a0 [x,x,x,x,x,x,x,x,x]\n';
    for (let level = 1; level < 20; level++) {
      bomb += `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(',')}]\n`;
    }
    expect(refusal(bomb).message).toMatch(/more than 20000 values, aliases counted/);
  });

  test.each<[what: string, text: string]>([
    ['brackets', '['.repeat(100_000)],
    ['maps', '{a: '.repeat(50_000)],
    ['lists in one line', `${'- '.repeat(100_000)}x`],
    ['keys in one line', '? '.repeat(100_000)],
  ])('nesting of %s, before anything recursive sees it', (_, text) => {
    expect(refusal(text).message).toMatch(/nesting more than 64 deep/);
  });

  test.each<[what: string, text: string]>([
    ['keys', Array.from({ length: 30_000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['anchors', '&a '.repeat(80_000)],
    ['commas', `[${','.repeat(250_000)}]`],
    ['aliases', `${'- &a x\n'.repeat(15_000)}${'- *a\n'.repeat(15_000)}`],
    ['escapes', `a: "${'\\'.repeat(250_001)}`],
  ])('too many %s in time that grows with the text', (_, text) => {
    const start = performance.now();
    refusal(text);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
