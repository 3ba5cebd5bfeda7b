/** Programs and keys that the tests of signatures share: real OpenSSH and OpenSSL, in a directory of their own. */

import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, sign as cryptoSign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, type TestContext } from 'vitest';
import { concatBytes, fromHex } from '../../src/core/bytes.ts';
import { publicKeyOfSpki } from '../../src/core/ed25519.ts';
import { sha256 } from '../../src/core/sha256.ts';
import { type SshPublicKey, sshPublicKey } from '../../src/core/ssh/public-key.ts';

export interface TestKey {
  readonly sshKey: SshPublicKey;
  readonly publicKey: Uint8Array;
  readonly fingerprint: string;
  readonly privateKey: KeyObject;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

/** The same key for the same name, on every machine. */
export function testKey(name: string): TestKey {
  const seed = sha256(new TextEncoder().encode(`test key ${name}`));
  const der = Buffer.from(concatBytes(fromHex('302e020100300506032b657004220420'), seed));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = publicKeyOfSpki(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  const sshKey = sshPublicKey(new Uint8Array(publicKey));
  return {
    sshKey,
    publicKey: sshKey.key,
    fingerprint: sshKey.fingerprint,
    privateKey,
    sign: async (message) => new Uint8Array(cryptoSign(null, message, privateKey)),
  };
}

/** A directory that goes away with the file's tests. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-keys-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Skips the test, saying so, where a program is not installed. */
export function needs(context: TestContext, ...programs: readonly string[]): void {
  for (const program of programs) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) continue;
    const reason = `needs ${program}`;
    console.log(`skipped: ${reason}`);
    context.skip(reason);
  }
}

/** Makes a key with ssh-keygen and gives the path of its file. */
export function generated(directory: string, name: string, passphrase: string, ...more: readonly string[]): string {
  const path = join(directory, name);
  const args = ['-q', '-t', 'ed25519', '-N', passphrase, '-C', `${name}@example.org`, '-f', path, ...more];
  const { status, stderr } = spawnSync('ssh-keygen', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  return path;
}

export interface KeygenQuestion {
  readonly signers: string;
  readonly principal: string;
  readonly namespace: string;
  readonly signature: string;
  readonly message: string;
  /** As -O takes it. */
  readonly time?: string;
  readonly revoked?: string;
}

/** Whether `ssh-keygen -Y verify` accepts. */
export function keygenAccepts(directory: string, question: KeygenQuestion): boolean {
  writeFileSync(join(directory, 'signers'), question.signers);
  writeFileSync(join(directory, 'sig'), question.signature);
  const { principal, namespace, time, revoked } = question;
  const args = ['-Y', 'verify', '-f', 'signers', '-I', principal, '-n', namespace, '-s', 'sig'];
  if (time !== undefined) args.push('-O', `verify-time=${time}`);
  if (revoked !== undefined) {
    writeFileSync(join(directory, 'revoked'), revoked);
    args.push('-r', 'revoked');
  }
  const env = { ...process.env, TZ: 'UTC' };
  return spawnSync('ssh-keygen', args, { cwd: directory, input: question.message, env }).status === 0;
}
