import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyEd25519 } from '../../../../src/adapters/node/ed25519.ts';
import { openKeyFile } from '../../../../src/adapters/ssh/key-file.ts';
import {
  firstPassphrase,
  passphraseFile,
  passphrasePrompt,
  passphraseValue,
} from '../../../../src/adapters/ssh/passphrase.ts';
import { formatPkcs8, parsePkcs8 } from '../../../../src/adapters/ssh/pkcs8.ts';
import { signByKeygen } from '../../../../src/adapters/ssh/ssh-keygen.ts';
import { utf8 } from '../../../../src/core/bytes.ts';
import { generated, needs, scratch, testKey } from '../../signing-keys.ts';

const directory = scratch();
const message = utf8('one line\n');

const optionsWith = (passphrase: string | undefined) => ({
  passphrase: passphraseValue(passphrase),
  agent: { socketPath: undefined },
  notice: () => undefined,
});

/** What `ssh-keygen -Y sign` writes with an unencrypted key. */
function signedByKeygen(path: string): string {
  const args = ['-q', '-Y', 'sign', '-f', path, '-n', 'cairn-approval'];
  return spawnSync('ssh-keygen', args, { input: message, encoding: 'utf8' }).stdout;
}

const badKey = (why: string) => expect.objectContaining({ code: 'BAD_KEY', message: expect.stringContaining(why) });

describe('a key file of OpenSSH', () => {
  test('signs byte for byte as ssh-keygen does, encrypted or not', async (context) => {
    needs(context, 'ssh-keygen');
    const path = generated(directory, 'plain', '');
    const expected = signedByKeygen(path);
    const signer = await openKeyFile(path, optionsWith(undefined));
    expect(signer.kind).toBe('openssh-file');
    expect(await signer.signSsh('cairn-approval', message)).toBe(expected);
    expect(await verifyEd25519(signer.publicKey, message, await signer.sign(message))).toBe(true);
    for (const rounds of ['16', '3']) {
      const copy = join(directory, `encrypted-${rounds}`);
      writeFileSync(copy, readFileSync(path), { mode: 0o600 });
      spawnSync('ssh-keygen', ['-q', '-p', '-f', copy, '-P', '', '-N', 'correct hörse', '-a', rounds]);
      expect(readFileSync(copy)).not.toEqual(readFileSync(path));
      const opened = await openKeyFile(copy, optionsWith('correct hörse'));
      expect(await opened.signSsh('cairn-approval', message)).toBe(expected);
      await expect(openKeyFile(copy, optionsWith('wrong'))).rejects.toMatchObject({ code: 'BAD_PASSPHRASE' });
      await expect(openKeyFile(copy, optionsWith(undefined))).rejects.toMatchObject({
        code: 'BAD_PASSPHRASE',
        message: expect.stringContaining('none was given'),
      });
    }
  });

  test('with another cipher or algorithm is refused with what to do', async (context) => {
    needs(context, 'ssh-keygen');
    const path = generated(directory, 'chacha', 'x', '-Z', 'chacha20-poly1305@openssh.com');
    await expect(openKeyFile(path, optionsWith('x'))).rejects.toMatchObject({
      hint: expect.stringContaining('ssh-keygen -p -Z'),
    });
    const rsa = join(directory, 'rsa');
    spawnSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa]);
    await expect(openKeyFile(rsa, optionsWith(undefined))).rejects.toEqual(badKey('ssh-rsa'));
  });

  test('with any one byte changed is refused or is still the same key, and never a crash', async (context) => {
    needs(context, 'ssh-keygen');
    const path = generated(directory, 'flipped', '');
    const good = readFileSync(path);
    const signer = await openKeyFile(path, optionsWith(undefined));
    const spoilt = join(directory, 'spoilt');
    for (let at = 0; at < good.length; at++) {
      writeFileSync(spoilt, good.with(at, (good[at] as number) ^ 1));
      try {
        // A comment and the check numbers are no part of the key.
        expect((await openKeyFile(spoilt, optionsWith(undefined))).fingerprint).toBe(signer.fingerprint);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CodedError', code: 'BAD_KEY' });
      }
    }
  });
});

describe('a key file of ours', () => {
  const { privateKey, publicKey } = testKey('a');

  test('is read by openssl and by ourselves, with a passphrase and without', async (context) => {
    const path = join(directory, 'ours');
    for (const passphrase of [undefined, 'correct hörse']) {
      const text = formatPkcs8(privateKey, passphrase);
      expect(text).toMatch(passphrase === undefined ? /^-----BEGIN PRIVATE/ : /^-----BEGIN ENCRYPTED PRIVATE/);
      writeFileSync(path, text);
      const signer = await openKeyFile(path, optionsWith(passphrase));
      expect([signer.kind, signer.publicKey]).toEqual(['cairn-key', publicKey]);
      expect(await verifyEd25519(publicKey, message, await signer.sign(message))).toBe(true);
      needs(context, 'openssl');
      const args = ['pkey', '-in', path, '-passin', `pass:${passphrase ?? ''}`, '-pubout'];
      const { stdout } = spawnSync('openssl', args, { encoding: 'utf8' });
      expect(stdout).toContain(Buffer.from(publicKey).subarray(3).toString('base64').replace(/=+$/, ''));
    }
    const { stdout } = spawnSync('openssl', ['asn1parse', '-in', path], { encoding: 'utf8' });
    expect(stdout).toMatch(/INTEGER\s+:0927C0\n/); // 600,000 iterations
    expect(stdout).toContain('hmacWithSHA256');
  });

  test('does not open with the wrong passphrase, and is nothing else than an Ed25519 key', async () => {
    expect(() => parsePkcs8(formatPkcs8(privateKey, 'right'), 'wrong', 'k')).toThrow(
      expect.objectContaining({ code: 'BAD_PASSPHRASE' }),
    );
    expect(() => parsePkcs8('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', undefined, 'k')).toThrow(
      badKey('cannot be read'),
    );
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' });
    expect(() => parsePkcs8(ec.toString(), undefined, 'k')).toThrow(badKey('SPKI'));
  });

  test('that is not there, or not the expected key, is named', async () => {
    await expect(openKeyFile(join(directory, 'none'), optionsWith(undefined))).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    });
    const path = join(directory, 'ours-plain');
    writeFileSync(path, formatPkcs8(privateKey, undefined));
    await expect(openKeyFile(path, optionsWith(undefined), testKey('b').sshKey)).rejects.toEqual(
      badKey('is not that of'),
    );
    const locked = join(directory, 'ours-locked');
    writeFileSync(locked, formatPkcs8(privateKey, 'x'));
    await expect(openKeyFile(locked, optionsWith('x'), testKey('b').sshKey)).rejects.toEqual(badKey('is not that of'));
  });
});

describe('ssh-keygen as a signer', () => {
  test('signs over pipes, and says what went wrong', async (context) => {
    needs(context, 'ssh-keygen');
    const path = generated(directory, 'by-keygen', '');
    const said: string[] = [];
    const options = { path, notice: (line: string) => said.push(line) };
    expect(await signByKeygen(options, 'cairn-approval', message)).toBe(signedByKeygen(path));
    await expect(signByKeygen({ ...options, path: `${path}-none` }, 'n', message)).rejects.toMatchObject({
      code: 'AGENT',
      message: expect.stringContaining('No such file'),
    });
    expect(said.join()).toContain('No such file');
  });
});

describe('a passphrase', () => {
  test('comes from the first source that has one', async () => {
    const file = join(directory, 'passphrase');
    writeFileSync(file, 'from the file\r\nsecond line\n');
    const asked: string[] = [];
    const prompt = passphrasePrompt(async (question) => {
      asked.push(question);
      return 'from a person';
    });
    expect(await firstPassphrase(passphraseValue(undefined), passphraseFile(file), prompt)('k')).toBe('from the file');
    expect(asked).toEqual([]);
    expect(await firstPassphrase(passphraseValue(undefined), prompt)('k')).toBe('from a person');
    expect(asked).toEqual(['Passphrase of the key k: ']);
    expect(await firstPassphrase(passphraseValue(''), prompt)('k')).toBe('');
    expect(await firstPassphrase()('k')).toBeUndefined();
    await expect(passphraseFile(`${file}-none`)('k')).rejects.toMatchObject({ code: 'IO' });
  });
});
