import { describe, expect, test } from 'vitest';
import { utf8, utf8Decode } from '../../../src/core/bytes.ts';
import { parseStatement, statementBytes } from '../../../src/core/in-toto.ts';

const digest = { sha256: '0'.repeat(64) };
const statement = { subject: [{ name: 'a', digest }], predicateType: 'https://example.org/x/v1', predicate: { n: 1 } };

describe('a statement', () => {
  test('is canonical JSON and reads back', () => {
    const bytes = statementBytes(statement);
    expect(utf8Decode(bytes)).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","predicate":{"n":1},"predicateType":"https://example.org/x/v1","subject":[{"digest":{"sha256":"${'0'.repeat(64)}"},"name":"a"}]}`,
    );
    expect(parseStatement(bytes)).toEqual(statement);
  });

  test('of others may have members that are not known, no predicate, and names that are left out', () => {
    const other = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { digest, downloadLocation: 'x' },
        { digest: { gitCommit: 'abcd' } },
        { name: '', digest },
        { name: '', digest },
      ],
      predicateType: 'p',
      more: true,
    };
    expect(parseStatement(utf8(JSON.stringify(other, undefined, 2)))).toEqual({
      subject: [{ digest }, { digest: { gitCommit: 'abcd' } }, { name: '', digest }, { name: '', digest }],
      predicateType: 'p',
      predicate: {},
    });
  });

  test('that leaves open what it speaks of is refused', () => {
    const good = { _type: 'https://in-toto.io/Statement/v1', ...statement };
    const bad: readonly (readonly [value: unknown, why: string])[] = [
      [{ ...good, _type: 'https://in-toto.io/Statement/v0.1' }, '_type'],
      [{ ...good, subject: [] }, 'no subject'],
      [{ ...good, subject: {} }, 'no subject'],
      [{ ...good, subject: [{ name: 'a' }] }, 'digest'],
      [{ ...good, subject: [{ name: 'a', digest: {} }] }, 'no digest'],
      [{ ...good, subject: [{ name: 'a', digest: { sha256: 'A'.repeat(64) } }] }, 'lower-case hexadecimal'],
      [{ ...good, subject: [{ name: 'a', digest: { sha256: 'ab' } }] }, '64 digits'],
      [{ ...good, subject: [{ name: 1, digest }] }, 'name'],
      [{ ...good, subject: [statement.subject[0], statement.subject[0]] }, 'the name "a"'],
      [{ ...good, predicateType: '' }, 'predicateType'],
      [{ ...good, predicate: [] }, 'predicate is no object'],
      ['text', 'no object'],
    ];
    for (const [value, why] of bad) {
      expect(() => parseStatement(utf8(JSON.stringify(value))), why).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_INVALID', message: expect.stringContaining(why) }),
      );
    }
    expect(() => parseStatement(Uint8Array.of(0xc0))).toThrow('UTF-8');
    expect(() => statementBytes({ ...statement, subject: [] })).toThrow('no subject');
  });
});
