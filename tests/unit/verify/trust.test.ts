import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/core/bytes.ts';
import { createSshsig } from '../../../src/core/signing.ts';
import { formatPublicKeyLine } from '../../../src/core/ssh/public-key.ts';
import { matchesPatternList } from '../../../src/verify/pattern-list.ts';
import { parseRevocationFile } from '../../../src/verify/revocation-file.ts';
import type { SignatureRole } from '../../../src/verify/signatures/roles.ts';
import { judgeKey, type SigningTime, type TrustAnswer } from '../../../src/verify/trust.ts';
import { parseTrustFile } from '../../../src/verify/trust-file.ts';
import { keygenAccepts, needs, scratch, testKey } from '../signing-keys.ts';

const directory = scratch();
const alice = testKey('alice');
const mallory = testKey('mallory');
const key = formatPublicKeyLine(alice.sshKey);
const otherKey = formatPublicKeyLine(mallory.sshKey);
const noon = Date.UTC(2026, 0, 31, 12, 0, 0);
const at = (ms: number, source: SigningTime['source'] = 'self-asserted'): SigningTime => ({ ms, source });

interface Asked {
  readonly principal?: string;
  readonly role?: SignatureRole;
  readonly time?: SigningTime;
  readonly revoked?: string;
}

function judge(
  file: string,
  { principal, role = 'cairn-approval', time = at(noon), revoked = '' }: Asked = {},
): TrustAnswer {
  const trust = { file: parseTrustFile(file), revocations: parseRevocationFile(revoked) };
  return judgeKey(trust, { key: alice.sshKey, role, principal, time });
}

/** `trusted`, or the reason. */
function outcome(file: string, asked: Asked = {}): string {
  const answer = judge(file, asked);
  return answer.trusted ? 'trusted' : answer.reason;
}

/** Files, and whether a signature by alice@x for cairn-approval, made on noon of 31 January 2026, is trusted. */
const files: readonly (readonly [file: string, outcome: string])[] = [
  [`alice@x ${key}`, 'trusted'],
  [`alice@x ${key} with a comment`, 'trusted'],
  [`# a comment\n\n  alice@x   ${key}\n`, 'trusted'],
  [`alice@x,bob@x ${key}`, 'trusted'],
  [`*@x ${key}`, 'trusted'],
  [`al?ce@? ${key}`, 'trusted'],
  [`"alice@x" ${key}`, 'trusted'],
  [`bob@x ${key}`, 'wrong-principal'],
  [`ALICE@x ${key}`, 'wrong-principal'],
  [`!alice@x ${key}`, 'wrong-principal'],
  [`*@x,!alice@x ${key}`, 'wrong-principal'],
  [`!alice@x,*@x ${key}`, 'wrong-principal'],
  [`!bob@x,*@x ${key}`, 'trusted'],
  [`!bob@x ${key}`, 'wrong-principal'],
  [`alice@x ${otherKey}`, 'unknown-key'],
  [`alice@x ${otherKey}\nalice@x ${key}`, 'trusted'],
  [``, 'unknown-key'],
  [`alice@x namespaces="cairn-approval" ${key}`, 'trusted'],
  [`alice@x namespaces="cairn-*" ${key}`, 'trusted'],
  [`alice@x NameSpaces="file,cairn-approval" ${key}`, 'trusted'],
  [`alice@x namespaces="cairn-*,!cairn-approval" ${key}`, 'wrong-role'],
  [`alice@x namespaces="cairn-report" ${key}`, 'wrong-role'],
  [`alice@x namespaces="" ${key}`, 'wrong-role'],
  [`alice@x namespaces="cairn-report" ${key}\nalice@x namespaces="cairn-approval" ${key}`, 'trusted'],
  [`alice@x valid-after="20260131" ${key}`, 'trusted'],
  [`alice@x valid-after="20260131120000Z" ${key}`, 'trusted'],
  [`alice@x valid-after="20260131120001Z" ${key}`, 'not-yet-valid'],
  [`alice@x valid-after="202601311201" ${key}`, 'not-yet-valid'],
  [`alice@x valid-before="20260131120000Z" ${key}`, 'trusted'],
  [`alice@x valid-before="20260131115959Z" ${key}`, 'expired'],
  [`alice@x valid-before="20260131" ${key}`, 'expired'],
  [`alice@x valid-after="20260101Z",valid-before="20260201Z",namespaces="cairn-approval" ${key}`, 'trusted'],
  [`alice@x valid-before="20260101Z" ${key}\nalice@x valid-before="20270101Z" ${key}`, 'trusted'],
];

describe('a trust file', () => {
  for (const [file, expected] of files) {
    test(`${expected}: ${file.replaceAll(key, 'KEY').replaceAll(otherKey, 'OTHER').replaceAll('\n', ' | ')}`, () => {
      expect(outcome(file, { principal: 'alice@x' })).toBe(expected);
    });
  }

  test('is read as ssh-keygen reads it, for each of these files', async (context) => {
    needs(context, 'ssh-keygen');
    const message = 'm';
    const signature = await createSshsig(alice.sshKey, 'cairn-approval', utf8(message), alice.sign);
    const question = { principal: 'alice@x', namespace: 'cairn-approval', signature, message, time: '20260131120000Z' };
    const theirs = files.map(([signers]) => keygenAccepts(directory, { ...question, signers }));
    expect(theirs).toEqual(files.map(([, expected]) => expected === 'trusted'));
  });

  test('asks for no principal where anyone with the role may sign', () => {
    expect(outcome(`bob@x ${key}`)).toBe('trusted');
  });

  test('says which line came nearest', () => {
    const file = `bob@x ${key}\nalice@x valid-before="20200101Z" ${key}\nalice@x namespaces="git" ${key}`;
    expect(judge(file, { principal: 'alice@x' })).toEqual({
      trusted: false,
      reason: 'expired',
      detail: 'line 2 is valid until 2020-01-01T00:00:00.000Z',
    });
  });

  test('with a line that cannot be read is refused as a whole, naming the line', () => {
    const bad: readonly (readonly [line: string, why: string])[] = [
      ['alice@x', 'no principals'],
      [`"alice@x ${key}`, 'no principals'],
      [`"" ${key}`, 'no principals'],
      [`alice@x cert-authority ${key}`, 'cert-authority is not supported'],
      [`alice@x cert-authority,namespaces="x" ${key}`, 'cert-authority is not supported'],
      [`alice@x no-touch-required ${key}`, 'no-touch-required is not known'],
      [`alice@x namespaces ${key}`, 'needs a value'],
      [`alice@x namespaces=file ${key}`, 'cannot be read'],
      [`alice@x namespaces="file ${key}`, 'quote is not closed'],
      [`alice@x namespaces="a",namespaces="b" ${key}`, 'occurs twice'],
      [`alice@x namespaces="a", ${key}`, 'cannot be read'],
      [`alice@x valid-after="yesterday" ${key}`, 'no time'],
      [`alice@x valid-after="20260231" ${key}`, 'no time'],
      [`alice@x valid-after="2026013124" ${key}`, 'no time'],
      [`alice@x valid-after="202601312400" ${key}`, 'no time'],
      [`alice@x valid-after="20260102",valid-before="20260101" ${key}`, 'not later'],
      [`alice@x ssh-ed25519 AAAA`, 'cut short'],
      [`alice@x ssh-ed25519 ${'?'.repeat(10)}`, 'base64'],
      [`alice@x namespaces="a"`, 'no key'],
      [`alice@x ${alice.fingerprint}`, 'cannot be read'],
    ];
    for (const [line, why] of bad) {
      expect(() => parseTrustFile(`# first\n${line}\nbob@x ${key}`), line).toThrow(
        expect.objectContaining({
          code: 'BAD_TRUST_FILE',
          message: expect.stringMatching(new RegExp(`^trust file, line 2: .*${why}`, 's')),
        }),
      );
    }
  });

  test('names and passes over keys of other algorithms', () => {
    const file = parseTrustFile(
      `alice@x ssh-rsa AAAAB3NzaC1yc2E= old\nalice@x namespaces="git" ecdsa-sha2-nistp256 AAAA\nalice@x ${key}`,
    );
    expect(file.passedOver).toEqual([
      { line: 1, algorithm: 'ssh-rsa' },
      { line: 2, algorithm: 'ecdsa-sha2-nistp256' },
    ]);
    expect(file.lines.map(({ line }) => line)).toEqual([3]);
  });
});

describe('a revocation', () => {
  const file = `alice@x ${key}`;
  const from = 'from="2026-01-31T12:00:00Z"';

  test('of a key, by line or fingerprint, is for ever', () => {
    for (const revoked of [
      key,
      `${key} lost laptop`,
      alice.fingerprint,
      `${alice.fingerprint} lost`,
      `# x\n${key}\n`,
    ]) {
      expect(outcome(file, { revoked })).toBe('revoked');
      expect(outcome(file, { revoked, time: at(0, 'checkpoint') })).toBe('revoked');
    }
    expect(outcome(file, { revoked: `${otherKey}\nssh-rsa AAAAB3NzaC1yc2E=` })).toBe('trusted');
  });

  test('from a moment on spares only what a checkpoint shows to be earlier', () => {
    const revoked = `${from} ${key}`;
    expect(outcome(file, { revoked, time: at(noon - 1, 'checkpoint') })).toBe('trusted');
    expect(outcome(file, { revoked, time: at(noon, 'checkpoint') })).toBe('revoked');
    expect(outcome(file, { revoked, time: at(noon - 1) })).toBe('revoked');
    expect(judge(file, { revoked, time: at(noon - 1) })).toMatchObject({
      detail: expect.stringContaining('checkpoint'),
    });
  });

  test('that is given twice counts from the earlier moment', () => {
    const time = at(noon - 1, 'checkpoint');
    expect(outcome(file, { revoked: `${from} ${key}\n${alice.fingerprint}`, time })).toBe('revoked');
    expect(outcome(file, { revoked: `${key}\n${from} ${key}`, time })).toBe('revoked');
    expect(outcome(file, { revoked: `from="2026-01-01T00:00:00Z" ${key}\n${from} ${key}`, time })).toBe('revoked');
    expect(outcome(file, { revoked: `${from} ${key}\nfrom="2026-01-01T00:00:00Z" ${key}`, time })).toBe('revoked');
  });

  test('is told before anything else that is wrong with the key', () => {
    expect(outcome(`bob@x valid-before="20200101" ${key}`, { principal: 'alice@x', revoked: key })).toBe('revoked');
    expect(outcome(`alice@x ${otherKey}`, { revoked: key })).toBe('unknown-key');
  });

  test('file without moments is one for ssh-keygen too', async (context) => {
    needs(context, 'ssh-keygen');
    const signature = await createSshsig(alice.sshKey, 'n', utf8('m'), alice.sign);
    const question = { signers: `${file}\n`, principal: 'alice@x', namespace: 'n', signature, message: 'm' };
    expect(keygenAccepts(directory, { ...question, revoked: `${otherKey}\n` })).toBe(true);
    expect(keygenAccepts(directory, { ...question, revoked: `${otherKey}\n${key}\n` })).toBe(false);
  });

  test('line that cannot be read spoils the file', () => {
    for (const line of [
      'from="soon" SHA256:x',
      `from="now" ${key}`,
      `since="x" ${key}`,
      `from ${key}`,
      'SHA256:abc',
      'x',
    ]) {
      expect(() => parseRevocationFile(`\n${line}`), line).toThrow(
        expect.objectContaining({
          code: 'BAD_TRUST_FILE',
          message: expect.stringContaining('revocation file, line 2'),
        }),
      );
    }
  });
});

test('a pattern with many stars is matched in bounded time', () => {
  expect(matchesPatternList('a'.repeat(5000), `${'*a'.repeat(500)}b`)).toBe(false);
  expect(matchesPatternList('abc', 'a*c,!ab?')).toBe(false);
  expect(matchesPatternList('', '*')).toBe(true);
  expect(matchesPatternList('', '?')).toBe(false);
});
