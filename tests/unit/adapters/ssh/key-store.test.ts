import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { durableWrite } from '../../../../src/adapters/fs/durable-write.ts';
import { verifyEd25519 } from '../../../../src/adapters/node/ed25519.ts';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { openKeyStore } from '../../../../src/adapters/ssh/key-store.ts';
import { formatPkcs8 } from '../../../../src/adapters/ssh/pkcs8.ts';
import { toBase64 } from '../../../../src/core/base64.ts';
import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';
import { formatPublicKeyLine, hardwareKey } from '../../../../src/core/ssh/public-key.ts';
import { wireString, wireUint32 } from '../../../../src/core/ssh/wire.ts';
import type { KeyStore } from '../../../../src/ports/signer.ts';
import { generated, needs, scratch, testKey } from '../../signing-keys.ts';

const directory = scratch();
const message = utf8('m');
const secret = async (): Promise<string> => 'secret';
const nobody = async (): Promise<undefined> => undefined;

function storeAt(name: string, writeText?: (path: string) => Promise<void>): KeyStore {
  return openKeyStore({
    directory: join(directory, name),
    writeText: writeText ?? ((path, text, mode) => durableWrite(path, text, { random: systemRandom(), mode })),
    agent: { socketPath: undefined },
    notice: () => undefined,
  });
}

describe('a key store', () => {
  test('generates keys that sign, with a passphrase or the mode of their file alone', async () => {
    const keys = storeAt('generated');
    expect(await keys.list()).toEqual([]);
    const locked = await keys.generate({ name: 'locked', comment: 'alice@x', passphrase: 'secret' });
    const open = await keys.generate({ name: 'a-plain', comment: '', passphrase: undefined });
    expect(await keys.list()).toEqual([open, locked]);
    expect([locked.encrypted, open.encrypted, locked.comment]).toEqual([true, false, 'alice@x']);
    expect(statSync(join(directory, 'generated', 'locked', 'key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'generated', 'locked')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(directory, 'generated', 'locked', 'key.pub'), 'utf8')).toBe(
      `${formatPublicKeyLine(locked.sshKey, 'alice@x')}\n`,
    );
    for (const [name, passphrase] of [
      ['locked', secret],
      [locked.fingerprint, secret],
      ['a-plain', nobody],
    ] as const) {
      const signer = await keys.open(name, passphrase);
      expect(await verifyEd25519(signer.publicKey, message, await signer.sign(message))).toBe(true);
    }
    const asked: string[] = [];
    const wrong = async (name: string): Promise<string> => {
      asked.push(name);
      return 'wrong';
    };
    await expect(keys.open('locked', wrong)).rejects.toMatchObject({ code: 'BAD_PASSPHRASE' });
    await expect(keys.open('locked', nobody)).rejects.toMatchObject({ code: 'BAD_PASSPHRASE' });
    expect(asked).toEqual(['locked']);
  });

  test('takes in private keys in the form they have, and public ones of the agent', async (context) => {
    const keys = storeAt('imported');
    const { privateKey, sshKey } = testKey('a');
    const text = formatPkcs8(privateKey, 'secret');
    const imported = await keys.import({ name: 'pem', comment: undefined, text, passphrase: secret });
    expect([imported.kind, imported.encrypted, imported.fingerprint]).toEqual(['cairn-key', true, sshKey.fingerprint]);
    expect(readFileSync(join(directory, 'imported', 'pem', 'key'), 'utf8')).toBe(text);
    const line = formatPublicKeyLine(testKey('b').sshKey, 'b@x');
    const held = await keys.import({ name: 'held', comment: undefined, text: `${line}\n`, passphrase: nobody });
    expect([held.kind, held.comment, held.encrypted]).toEqual(['agent', 'b@x', false]);
    await expect(keys.open('held', nobody)).rejects.toMatchObject({ code: 'AGENT' });
    expect(await keys.list()).toEqual([held, imported]);
    needs(context, 'ssh-keygen');
    const file = readFileSync(generated(directory, 'enc', 'secret'), 'utf8');
    const openssh = await keys.import({ name: 'openssh', comment: 'c', text: file, passphrase: nobody });
    expect([openssh.kind, openssh.encrypted, openssh.comment]).toEqual(['openssh-file', true, 'c']);
    const signer = await keys.open(openssh.fingerprint, secret);
    expect(await verifyEd25519(openssh.sshKey.key, message, await signer.sign(message))).toBe(true);
  });

  test('takes in the handle of a hardware key, which signs only in the form of OpenSSH', async () => {
    const blob = concatBytes(wireString(hardwareKey), wireString(testKey('hw').publicKey), wireString('ssh:'));
    const fields = ['none', 'none', ''].map(wireString);
    const file = concatBytes(
      utf8('openssh-key-v1\0'),
      ...fields,
      wireUint32(1),
      wireString(blob),
      wireString('handle'),
    );
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${toBase64(file)}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const keys = storeAt('hardware');
    const key = await keys.import({ name: 'token', comment: 't', text, passphrase: nobody });
    expect(key.kind).toBe('hardware');
    expect(await keys.list()).toEqual([key]);
    const signer = await keys.open('token', nobody);
    expect([signer.kind, signer.fingerprint]).toEqual(['hardware', key.fingerprint]);
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'BAD_KEY' });
    await expect(signer.signSsh('n', message)).rejects.toMatchObject({ code: 'AGENT' });
  });

  test('never overwrites a key, and refuses a private key that is not that of the public one', async () => {
    const keys = storeAt('kept');
    const first = await keys.generate({ name: 'k', comment: '', passphrase: undefined });
    await expect(keys.generate({ name: 'k', comment: '', passphrase: undefined })).rejects.toMatchObject({
      code: 'KEY_EXISTS',
    });
    const racing = await Promise.allSettled(
      Array.from({ length: 5 }, () => keys.generate({ name: 'race', comment: '', passphrase: undefined })),
    );
    expect(racing.map(({ status }) => status).sort()).toEqual(['fulfilled', ...Array(4).fill('rejected')]);
    expect((await keys.list())[0]).toEqual(first);
    const other = `${formatPublicKeyLine(testKey('b').sshKey)}\n`;
    writeFileSync(join(directory, 'kept', 'k', 'key.pub'), other);
    await expect(keys.open('k', nobody)).rejects.toMatchObject({ code: 'BAD_KEY' });
  });

  test('leaves nothing behind when it cannot write, and says what is not there or not a name', async () => {
    const failing = storeAt('failing', () => Promise.reject(new Error('full')));
    await expect(failing.generate({ name: 'k', comment: '', passphrase: undefined })).rejects.toThrow('full');
    expect(existsSync(join(directory, 'failing', 'k'))).toBe(false);
    const keys = storeAt('failing');
    mkdirSync(join(directory, 'failing', 'half'), { recursive: true });
    expect(await keys.list()).toEqual([]);
    await expect(keys.open('half', nobody)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await expect(keys.open('SHA256:x', nobody)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    for (const name of ['', '../k', 'a/b', '.k', 'x'.repeat(101)]) {
      await expect(keys.generate({ name, comment: '', passphrase: undefined })).rejects.toMatchObject({
        code: 'BAD_ARGUMENT',
      });
    }
  });
});
