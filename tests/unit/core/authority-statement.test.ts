import { describe, expect, test } from 'vitest';
import { type AuthorityClaim, authorityStatement, fingerprintDigest } from '../../../src/core/authority-statement.ts';
import { sha256Hex } from '../../../src/core/sha256.ts';
import { parseSignedStatement } from '../../../src/core/signed-statement.ts';
import { testKey } from '../signing-keys.ts';

const { fingerprint, sshKey } = testKey('ada');
const claim: AuthorityClaim = {
  ...{ store: 's', action: 'key.add', actor: 'a'.repeat(64) as never, previous: '0'.repeat(64) as never },
  ...{ subject: fingerprint, values: { type: 'ssh-ed25519', signed: { envelope: 'x' } } },
};

describe('the statement of an act', () => {
  test('names a key by its fingerprint and by the digest of its wire form, and leaves the signature out', () => {
    const statement = authorityStatement(claim);
    expect(statement?.subject).toEqual([{ name: fingerprint, digest: { sha256: sha256Hex(sshKey.blob) } }]);
    expect(statement?.predicate['values']).toEqual({ type: 'ssh-ed25519' });
  });

  test('is none about something that is neither an actor nor a key', () => {
    for (const subject of ['', 'SHA256:', 'MD5:00', `SHA256:${'_'.repeat(43)}`, `SHA256:${'A'.repeat(42)}B`]) {
      expect(authorityStatement({ ...claim, subject })).toBeUndefined();
      expect(fingerprintDigest(subject)).toBeUndefined();
    }
    expect(authorityStatement({ ...claim, action: 'actor.grant' })).toBeUndefined();
  });
});

test('a signed statement has one of two forms', () => {
  const good = [{ envelope: 'x' }, { statement: 'x', sshsig: 'y' }];
  for (const one of good) expect(parseSignedStatement(one)).toEqual(one);
  const bad = [null, 'x', {}, { statement: 'x' }, { sshsig: 'y' }, { envelope: 1 }, { envelope: 'x', sshsig: 'y' }];
  for (const one of [...bad, { envelope: 'x', more: 1 }, ['x']]) {
    expect(() => parseSignedStatement(one)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  }
});
