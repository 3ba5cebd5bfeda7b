import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyEd25519 } from '../../../../src/adapters/node/ed25519.ts';
import { agentIdentities, openAgentSigner } from '../../../../src/adapters/ssh/agent.ts';
import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';
import { parsePublicKeyLine } from '../../../../src/core/ssh/public-key.ts';
import { wireString, wireUint32 } from '../../../../src/core/ssh/wire.ts';
import { generated, needs, scratch } from '../../signing-keys.ts';

const directory = scratch();
const message = utf8('one line\n');
const agents: ChildProcess[] = [];
const servers: Server[] = [];
afterAll(() => {
  for (const agent of agents) agent.kill();
  for (const server of servers) server.close();
});

/** A real agent in the foreground, on a socket of its own. */
async function startAgent(socketPath: string): Promise<(...args: readonly string[]) => number | null> {
  const agent = spawn('ssh-agent', ['-D', '-a', socketPath], { stdio: ['ignore', 'pipe', 'ignore'] });
  agents.push(agent);
  await new Promise((resolve) => agent.stdout?.once('data', resolve));
  const env = { ...process.env, SSH_AUTH_SOCK: socketPath };
  return (...args) => spawnSync('ssh-add', args, { env, stdio: 'ignore' }).status;
}

/** Something that answers whatever it is asked with these bytes; with none, it stays silent. */
async function fakeAgent(name: string, answer: Uint8Array | undefined): Promise<string> {
  const path = join(directory, name);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      if (answer !== undefined) socket.end(answer);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

describe('the agent', () => {
  test('lists its Ed25519 keys and signs plainly and as ssh-keygen does', async (context) => {
    needs(context, 'ssh-agent', 'ssh-add', 'ssh-keygen');
    const socketPath = join(directory, 'agent');
    const add = await startAgent(socketPath);
    const path = generated(directory, 'held', '');
    const rsa = join(directory, 'rsa');
    spawnSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa]);
    expect([add(rsa), add(path)]).toEqual([0, 0]);
    const { key } = parsePublicKeyLine(readFileSync(`${path}.pub`, 'utf8'));
    const identities = await agentIdentities({ socketPath });
    expect(identities.map((one) => [one.key.fingerprint, one.comment])).toEqual([
      [key.fingerprint, 'held@example.org'],
    ]);
    const signer = await openAgentSigner({ socketPath }, key.fingerprint);
    expect(signer.kind).toBe('agent');
    expect(await verifyEd25519(signer.publicKey, message, await signer.sign(message))).toBe(true);
    const args = ['-q', '-Y', 'sign', '-f', path, '-n', 'cairn-approval'];
    const expected = spawnSync('ssh-keygen', args, { input: message, encoding: 'utf8' }).stdout;
    expect(await signer.signSsh('cairn-approval', message)).toBe(expected);
    await expect(openAgentSigner({ socketPath }, 'SHA256:other')).rejects.toMatchObject({
      code: 'AGENT',
      message: expect.stringContaining('does not hold SHA256:other'),
    });
    expect(add('-D')).toBe(0);
    await expect(signer.sign(message)).rejects.toMatchObject({
      message: expect.stringContaining('does not sign with'),
    });
  });

  test('that is not there is named as such', async () => {
    for (const [socketPath, why] of [
      [undefined, 'SSH_AUTH_SOCK is not set'],
      ['', 'SSH_AUTH_SOCK is not set'],
      [join(directory, 'nothing'), 'ENOENT'],
    ] as const) {
      await expect(agentIdentities({ socketPath })).rejects.toMatchObject({
        code: 'AGENT',
        message: expect.stringContaining(why),
        hint: expect.stringContaining('ssh-add'),
      });
    }
  });

  test('that is silent, refuses, or answers nonsense is not believed', async () => {
    const answers: readonly (readonly [answer: Uint8Array | undefined, why: string])[] = [
      [undefined, 'no answer within 0.1 s'],
      [new Uint8Array(), 'closed the connection'],
      [concatBytes(wireUint32(1), Uint8Array.of(5)), 'does not list'],
      [concatBytes(wireUint32(2 ** 31)), '2147483648 bytes'],
      [concatBytes(wireUint32(5), Uint8Array.of(12, 0, 0, 0, 9)), 'cut short'],
      [concatBytes(wireUint32(13), Uint8Array.of(12), wireUint32(0), new Uint8Array(8)), 'bytes follow'],
      [concatBytes(wireUint32(13), Uint8Array.of(12), wireUint32(1), wireString('abcd')), 'cut short'],
    ];
    for (const [index, [answer, why]] of answers.entries()) {
      const socketPath = await fakeAgent(`fake-${index}`, answer);
      await expect(
        agentIdentities({ socketPath, listTimeout: answer === undefined ? 100 : 5000 }),
        why,
      ).rejects.toMatchObject({
        code: 'AGENT',
        message: expect.stringContaining(why),
      });
    }
  });
});
