import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import { canonicalBytes, canonicalize } from '../../../../src/core/canonical-json.ts';
import { parseTree, type TreeEntry, treeBytes } from '../../../../src/core/records/tree.ts';

const id = fc.stringMatching(/^[0-9a-f]{64}$/);
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,6}$/),
  fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }).filter((text) => !/[/\0]|^\.{1,2}$/.test(text)),
);
const entry = fc.oneof(
  fc.record({ name, artifact: id }),
  fc.record({ name, artifact: id, executable: fc.constant(true) }),
  fc.record({ name, tree: id }),
  fc.record({ name, link: fc.string({ minLength: 1 }).filter((text) => !text.includes('\0')) }),
) as fc.Arbitrary<TreeEntry>;
const entries = fc.uniqueArray(entry, { selector: (one) => one.name, maxLength: 8 });
const sha = 'ab'.repeat(32);

describe('cairn.tree/1', () => {
  test('is read as it was written, and is canonical JSON', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const bytes = treeBytes(list);
        const parsed = parseTree(bytes);
        expect(canonicalBytes(parsed)).toStrictEqual(bytes);
        expect(new Set(parsed.entries.map((one) => canonicalize(one)))).toStrictEqual(
          new Set(list.map((one) => canonicalize(one))),
        );
      }),
    );
  });

  test('is refused when any one byte of it is another, or says another tree', () => {
    const bytes = treeBytes([
      { name: 'a', artifact: sha as never, executable: true },
      { name: 'b', link: 'x' },
      { name: 'c', tree: sha as never },
    ]);
    const whole = canonicalize(parseTree(bytes));
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 32, 128]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ flip;
        let said: string | undefined;
        try {
          said = canonicalize(parseTree(changed));
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(RECORD_INVALID|BAD_JSON|BAD_PATH)$/) });
        }
        expect(said).not.toBe(whole);
      }
    }
  });

  test.each([
    ['an unknown field', `{"entries":[{"artifact":"${sha}","name":"a","size":1}],"schema":"cairn.tree/1"}`],
    ['an unknown field of its own', '{"entries":[],"extra":1,"schema":"cairn.tree/1"}'],
    ['a later version', '{"entries":[],"schema":"cairn.tree/2"}'],
    [
      'two kinds in one entry',
      `{"entries":[{"artifact":"${sha}","name":"a","tree":"${sha}"}],"schema":"cairn.tree/1"}`,
    ],
    ['an executable directory', `{"entries":[{"executable":true,"name":"a","tree":"${sha}"}],"schema":"cairn.tree/1"}`],
    ['executable false', `{"entries":[{"artifact":"${sha}","executable":false,"name":"a"}],"schema":"cairn.tree/1"}`],
    ['names out of order', `{"entries":[{"link":"x","name":"b"},{"link":"x","name":"a"}],"schema":"cairn.tree/1"}`],
    ['a name twice', `{"entries":[{"link":"x","name":"a"},{"link":"x","name":"a"}],"schema":"cairn.tree/1"}`],
    ['a number as a link', '{"entries":[{"link":1,"name":"a"}],"schema":"cairn.tree/1"}'],
    ['no id', '{"entries":[{"artifact":"AB","name":"a"}],"schema":"cairn.tree/1"}'],
    ['null', 'null'],
    ['null as an entry', '{"entries":[null],"schema":"cairn.tree/1"}'],
    ['a list', '[]'],
  ])('is refused with %s', (_, text) => {
    expect(() => parseTree(utf8(text))).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
  });

  test.each([['..'], ['.git'], ['a/b'], ['']])('is refused with the name %j', (bad) => {
    const text = `{"entries":[{"link":"x","name":${JSON.stringify(bad)}}],"schema":"cairn.tree/1"}`;
    expect(() => parseTree(utf8(text))).toThrow(expect.objectContaining({ code: 'BAD_PATH' }));
  });

  test('is refused when it is not canonical', () => {
    const text = `{"schema":"cairn.tree/1","entries":[]}`;
    expect(() => parseTree(utf8(text))).toThrow(expect.objectContaining({ code: 'BAD_JSON' }));
  });
});
