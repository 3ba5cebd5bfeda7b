import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../../src/core/base64.ts';
import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';
import { publicKeyOfSpki, spkiOfPublicKey } from '../../../../src/core/ed25519.ts';
import { createSshsig } from '../../../../src/core/signing.ts';
import {
  formatPublicKeyLine,
  hardwareKey,
  parsePublicKeyBlob,
  parsePublicKeyLine,
} from '../../../../src/core/ssh/public-key.ts';
import { formatSshsig, parseSshsig, sshsigSignedData } from '../../../../src/core/ssh/sshsig.ts';
import { wireString } from '../../../../src/core/ssh/wire.ts';
import { generated, keygenAccepts, needs, scratch, testKey } from '../../signing-keys.ts';

const directory = scratch();
const badKey = expect.objectContaining({ code: 'BAD_KEY' });

describe('a public key', () => {
  test('reads and writes the line and the fingerprint of ssh-keygen', (context) => {
    needs(context, 'ssh-keygen');
    const path = generated(directory, 'line', '');
    const line = readFileSync(`${path}.pub`, 'utf8');
    const { key, comment } = parsePublicKeyLine(line);
    expect(comment).toBe('line@example.org');
    expect(`${formatPublicKeyLine(key, comment)}\n`).toBe(line);
    const listed = spawnSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).stdout;
    expect(listed.split(' ')[1]).toBe(key.fingerprint);
  });

  test('has an SPKI form and comes back from it', () => {
    const { publicKey } = testKey('a');
    expect(publicKeyOfSpki(spkiOfPublicKey(publicKey))).toEqual(publicKey);
    expect(() => publicKeyOfSpki(new Uint8Array(44))).toThrow(badKey);
    expect(() => publicKeyOfSpki(spkiOfPublicKey(publicKey).subarray(1))).toThrow(badKey);
  });

  test('of hardware says what it was made for', () => {
    const blob = concatBytes(wireString(hardwareKey), wireString(new Uint8Array(32)), wireString('ssh:'));
    const { key } = parsePublicKeyLine(`${hardwareKey} ${toBase64(blob)}`);
    expect([key.algorithm, key.application, key.key.length]).toEqual([hardwareKey, 'ssh:', 32]);
  });

  test('of another algorithm, cut short or padded out is refused', () => {
    const { sshKey } = testKey('a');
    const line = formatPublicKeyLine(sshKey);
    const bad = [
      '',
      'ssh-ed25519',
      'ssh-rsa AAAAB3NzaC1yc2E= x',
      line.replace('ssh-ed25519 ', `${hardwareKey} `),
      line.replace('AAAAC3', 'AAAAC4'),
      line.slice(0, -4),
      `${line}=`,
      `ssh-ed25519 ${toBase64(concatBytes(sshKey.blob, Uint8Array.of(0)))}`,
      `ssh-ed25519 ${toBase64(concatBytes(wireString('ssh-ed25519'), wireString(new Uint8Array(31))))}`,
    ];
    for (const one of bad) expect(() => parsePublicKeyLine(one), one).toThrow(badKey);
    expect(() => parsePublicKeyBlob(new Uint8Array([255, 255, 255, 255]))).toThrow('cut short');
  });
});

describe('an SSH signature', () => {
  test('of ours is accepted by ssh-keygen, and one of its own reads and writes back', async (context) => {
    needs(context, 'ssh-keygen');
    const { sshKey, sign } = testKey('a');
    const message = 'one line\n';
    const signature = await createSshsig(sshKey, 'cairn-approval', utf8(message), sign);
    const signers = `a@example.org ${formatPublicKeyLine(sshKey)}\n`;
    const question = { signers, principal: 'a@example.org', namespace: 'cairn-approval', signature, message };
    expect(keygenAccepts(directory, question)).toBe(true);
    expect(keygenAccepts(directory, { ...question, message: 'another\n' })).toBe(false);
    expect(keygenAccepts(directory, { ...question, namespace: 'file' })).toBe(false);
    const path = generated(directory, 'own', '');
    for (const hash of ['sha512', 'sha256']) {
      const own = spawnSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', path, '-n', 'file', '-O', `hashalg=${hash}`], {
        input: message,
        encoding: 'utf8',
      }).stdout;
      expect(parseSshsig(own).hash).toBe(hash);
      expect(formatSshsig(parseSshsig(own))).toBe(own);
    }
  });

  test('is read with other line lengths and line ends', async () => {
    const { sshKey, sign } = testKey('a');
    const text = await createSshsig(sshKey, 'n', utf8('m'), sign);
    const body = text.split('\n').slice(1, -2).join('');
    const others = [
      text.trimEnd(),
      text.replaceAll('\n', '\r\n'),
      ['-----BEGIN SSH SIGNATURE-----', ...(body.match(/.{1,64}/g) ?? []), '-----END SSH SIGNATURE-----'].join('\n'),
    ];
    for (const other of others) expect(formatSshsig(parseSshsig(other))).toBe(text);
  });

  test('needs a namespace', () => {
    expect(() => sshsigSignedData('', utf8('m'))).toThrow('namespace');
  });

  test('is refused, saying why, when its form is not exact', async () => {
    const { sshKey } = testKey('a');
    const signature = {
      publicKey: sshKey,
      namespace: 'n',
      hash: 'sha512',
      signature: new Uint8Array(64),
      hardware: undefined,
    } as const;
    const text = formatSshsig(signature);
    const bad: readonly (readonly [text: string, why: string])[] = [
      ['', 'begin'],
      [`x${text}`, 'begin'],
      [`${text}x`, 'end'],
      [`${text}\n`, 'end'],
      [text.replace('U1NI', 'U1NJ'), 'SSHSIG'],
      [text.replace('U1NI', 'U1N'), 'base64'],
      [formatSshsig({ ...signature, namespace: '' }), 'namespace is empty'],
      [formatSshsig({ ...signature, hash: 'sha384' as 'sha512' }), 'sha256 nor sha512'],
      [formatSshsig({ ...signature, signature: new Uint8Array(63) }), '64 bytes'],
      [formatSshsig({ ...signature, hardware: { flags: 1, counter: 1 } }), 'bytes follow'],
      [text.repeat(300), 'longer than'],
    ];
    for (const [one, why] of bad) {
      expect(() => parseSshsig(one), why).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_INVALID', message: expect.stringContaining(why) }),
      );
    }
  });
});
