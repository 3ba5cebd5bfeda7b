import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findSecretLike, stripUserinfo } from '../../../src/core/secret-screen.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

describe('the secret screen', () => {
  test('never takes a hash, a UUID, a number or a time for a secret, whatever it is called', () => {
    const value = fc.oneof(
      hex(64),
      hex(40),
      hex(12),
      fc.uuid(),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toISOString()),
    );
    const name = fc.constantFrom('token', 'secret', 'api_key', 'password', 'sha256', 'seed');
    return fc.assert(
      fc.property(name, fc.constantFrom('=', ': ', '": "'), value, (key, equals, text) => {
        expect(findSecretLike(`--param ${key}${equals}${text}`)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('nearly always finds a random password, and its preview never holds it', async () => {
    const unit = fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789');
    let missed = 0;
    await fc.assert(
      fc.property(fc.string({ unit, minLength: 24, maxLength: 24 }), (secret) => {
        const finding = findSecretLike(`client_secret=${secret}`);
        if (finding === undefined) missed++;
        else expect(finding.preview).not.toContain(secret.slice(0, 8));
      }),
      { numRuns: 1_000, seed: 1 },
    );
    expect(missed).toBeLessThan(50);
  });

  test('a stripped URL has no userinfo, and stripping twice changes nothing', () => {
    return fc.assert(
      fc.property(fc.webUrl(), fc.string({ unit: fc.constantFrom(...'ab1:@%+'), minLength: 1 }), (url, userinfo) => {
        const withUser = url.replace('://', `://${userinfo}@`);
        expect(stripUserinfo(withUser)).toBe(url);
        expect(stripUserinfo(url)).toBe(url);
      }),
    );
  });
});
