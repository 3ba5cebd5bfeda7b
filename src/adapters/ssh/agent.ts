/**
 * The SSH agent (draft-miller-ssh-agent): it holds private keys and signs what it is given, over a Unix socket.
 *
 *   message   uint32 length | byte type | fields
 *   11 → 12   list: uint32 count, then count × (string public key | string comment)
 *   13 → 14   sign: string public key | string data | uint32 flags (0) → string signature
 *   5         the agent refuses
 *
 * One connection a request. Answers are bounded and waited for only so long; whatever goes wrong is AGENT, saying what to do.
 */
import { connect } from 'node:net';
import { concatBytes } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { createSshsig } from '../../core/signing.ts';
import { parsePublicKeyBlob, type SshPublicKey, softwareKey } from '../../core/ssh/public-key.ts';
import { formatSshsig, parseSignatureBlob, sshsigSignedData } from '../../core/ssh/sshsig.ts';
import { WireReader, wireString, wireUint32 } from '../../core/ssh/wire.ts';
import type { Signer } from '../../ports/signer.ts';

export interface AgentOptions {
  /** SSH_AUTH_SOCK; undefined when there is none. */
  readonly socketPath: string | undefined;
  /** Milliseconds for a list (default 5 s). */
  readonly listTimeout?: number;
  /** Milliseconds for a signature (default 60 s): a person may have to confirm it. */
  readonly signTimeout?: number;
}

export interface AgentIdentity {
  readonly key: SshPublicKey;
  readonly comment: string;
}

const maxAnswer = 1024 * 1024;
const start = 'Start one with `eval "$(ssh-agent)"` and add the key with ssh-add.';

function agentError(why: string, hint: string, cause?: unknown): CodedError {
  return new CodedError('AGENT', `SSH agent: ${why}`, { hint, cause });
}

/** Sends one message and gives the body of the answer, its type first. */
function ask(socketPath: string | undefined, request: Uint8Array, timeout: number): Promise<Uint8Array> {
  if (socketPath === undefined || socketPath === '') {
    return Promise.reject(agentError('SSH_AUTH_SOCK is not set, so there is none', start));
  }
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let received: Uint8Array = new Uint8Array();
    const fail = (error: CodedError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => {
      fail(agentError(`no answer within ${timeout / 1000} s`, 'Look whether it waits for a confirmation.'));
    }, timeout);
    socket.on('error', (cause) => fail(agentError(`${socketPath}: ${cause.message}`, start, cause)));
    socket.on('close', () => fail(agentError('it closed the connection without an answer', start)));
    socket.on('data', (chunk) => {
      received = concatBytes(received, chunk);
      if (received.length < 4) return;
      const length = new DataView(received.buffer, received.byteOffset).getUint32(0);
      if (length > maxAnswer) fail(agentError(`an answer of ${length} bytes`, start));
      if (received.length < 4 + length) return;
      clearTimeout(timer);
      socket.removeAllListeners('close');
      socket.destroy();
      resolve(received.slice(4, 4 + length));
    });
    socket.write(concatBytes(wireUint32(request.length), request));
  });
}

/** The Ed25519 keys that the agent holds, in its order. Keys of other algorithms are passed over. */
export async function agentIdentities(options: AgentOptions): Promise<AgentIdentity[]> {
  const answer = await ask(options.socketPath, new Uint8Array([11]), options.listTimeout ?? 5000);
  const reader = new WireReader(answer, 'SSH agent', 'AGENT');
  if (reader.byte() !== 12) throw agentError('it does not list its keys', 'It may be locked: ssh-add -X unlocks it.');
  const identities: AgentIdentity[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    const blob = reader.string();
    const comment = reader.text();
    if (new WireReader(blob, 'SSH agent', 'AGENT').text().includes('ssh-ed25519')) {
      // Certificates have the word in their name as well, and another form.
      try {
        identities.push({ key: parsePublicKeyBlob(blob), comment });
      } catch (error) {
        if (!(error instanceof CodedError) || error.data['reason'] !== 'algorithm') throw error;
      }
    }
  }
  reader.end();
  return identities;
}

async function agentSignature(options: AgentOptions, key: SshPublicKey, data: Uint8Array): Promise<Uint8Array> {
  const request = concatBytes(new Uint8Array([13]), wireString(key.blob), wireString(data), wireUint32(0));
  const reader = new WireReader(
    await ask(options.socketPath, request, options.signTimeout ?? 60_000),
    'SSH agent',
    'AGENT',
  );
  if (reader.byte() !== 14) {
    const hint = 'ssh-add -l lists what it holds; the key may have expired there, or the confirmation was declined.';
    throw agentError(`it does not sign with ${key.fingerprint}`, hint);
  }
  const signature = reader.string();
  reader.end();
  return signature;
}

/** A signer of a key that the agent holds. Throws AGENT when it does not. */
export async function openAgentSigner(options: AgentOptions, fingerprint: string): Promise<Signer> {
  const held = (await agentIdentities(options)).find(({ key }) => key.fingerprint === fingerprint);
  if (held === undefined) {
    throw agentError(
      `it does not hold ${fingerprint}`,
      'Add the key with ssh-add <file>; ssh-add -l lists what it holds.',
    );
  }
  const { key } = held;
  const common = { publicKey: key.key, sshKey: key, fingerprint };
  if (key.algorithm === softwareKey) {
    const sign = async (message: Uint8Array): Promise<Uint8Array> =>
      parseSignatureBlob(await agentSignature(options, key, message), key).signature;
    return {
      ...common,
      kind: 'agent',
      sign,
      signSsh: (namespace, message) => createSshsig(key, namespace, message, sign),
    };
  }
  return {
    ...common,
    kind: 'hardware',
    sign: () => Promise.reject(hardwareOnlySshsig(fingerprint)),
    signSsh: async (namespace, message) => {
      const blob = await agentSignature(options, key, sshsigSignedData(namespace, message));
      return formatSshsig({ publicKey: key, namespace, hash: 'sha512', ...parseSignatureBlob(blob, key) });
    },
  };
}

/** A hardware key cannot make a plain signature. */
export function hardwareOnlySshsig(fingerprint: string): CodedError {
  return new CodedError('BAD_KEY', `${fingerprint} is in hardware and signs only in the form of OpenSSH`, {
    hint: 'It can approve; envelopes and checkpoints need a key in a file or in the agent.',
  });
}
