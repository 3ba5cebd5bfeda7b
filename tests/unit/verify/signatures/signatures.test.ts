import { spawnSync } from 'node:child_process';
import { sign as cryptoSign } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyEd25519 } from '../../../../src/adapters/node/ed25519.ts';
import { concatBytes, utf8, utf8Decode } from '../../../../src/core/bytes.ts';
import { formatCheckpoint } from '../../../../src/core/checkpoint.ts';
import { formatEnvelope, preAuthEncoding } from '../../../../src/core/dsse.ts';
import { statementBytes } from '../../../../src/core/in-toto.ts';
import { appendPlan, inclusionPlan, merkleLeaf, rootPlan } from '../../../../src/core/merkle.ts';
import { verifyInclusion } from '../../../../src/core/merkle-proof.ts';
import { approvalPredicate, promotionPredicate, provenancePredicate } from '../../../../src/core/predicates.ts';
import { createNote, createSshsig, createStatement } from '../../../../src/core/signing.ts';
import { formatPublicKeyLine, hardwareKey, parsePublicKeyBlob } from '../../../../src/core/ssh/public-key.ts';
import { formatSshsig, sshsigVerifiedData } from '../../../../src/core/ssh/sshsig.ts';
import { wireString } from '../../../../src/core/ssh/wire.ts';
import { formatTlogProof, parseTlogProof } from '../../../../src/core/tlog-proof.ts';
import { parseRevocationFile } from '../../../../src/verify/revocation-file.ts';
import { trustedCheckpoint, verifyCheckpoint } from '../../../../src/verify/signatures/checkpoint.ts';
import { verifyEnvelope, verifyStatement } from '../../../../src/verify/signatures/dsse.ts';
import { roleOfPredicate, signatureRoles } from '../../../../src/verify/signatures/roles.ts';
import { verifySshsig } from '../../../../src/verify/signatures/sshsig.ts';
import {
  requireTrusted,
  type SignatureVerdict,
  type VerifyOptions,
} from '../../../../src/verify/signatures/verdict.ts';
import { parseTrustFile } from '../../../../src/verify/trust-file.ts';
import { keygenAccepts, needs, scratch, testKey } from '../../signing-keys.ts';

const directory = scratch();
const alice = testKey('alice');
const log = testKey('log');
const mallory = testKey('mallory');
const origin = 'cairn.example/7f3a';
const trustText = `alice@x namespaces="cairn-approval" ${formatPublicKeyLine(alice.sshKey)}
${origin} namespaces="cairn-log" ${formatPublicKeyLine(log.sshKey)}
`;
const statement = {
  subject: [{ name: 'report', digest: { sha256: 'ab'.repeat(32) } }],
  predicateType: approvalPredicate,
  predicate: { decision: 'approve' },
};

function options(trust = trustText, revoked = ''): VerifyOptions {
  return {
    trust: { file: parseTrustFile(trust), revocations: parseRevocationFile(revoked) },
    verify: verifyEd25519,
    time: { ms: Date.UTC(2026, 0, 31), source: 'self-asserted' },
  };
}

const outcomeOf = (verdict: SignatureVerdict): string => (verdict.outcome === 'trusted' ? 'trusted' : verdict.reason);

/** Every single-bit change of every byte. */
function* flips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) yield bytes.with(at, (bytes[at] as number) ^ (1 << bit));
  }
}

/** How a verification ends: a reason, or the code of the error. Anything else than a `CodedError` is a crash. */
async function reasonOf(verify: () => Promise<SignatureVerdict[]>): Promise<string> {
  try {
    return (await verify()).map(outcomeOf).join();
  } catch (error) {
    expect(error).toMatchObject({ name: 'CodedError', code: expect.stringMatching(/^(SIGNATURE|PROOF)_INVALID$/) });
    return 'unreadable';
  }
}

let envelope: Uint8Array;
beforeAll(async () => {
  envelope = utf8(formatEnvelope(await createStatement(statement, alice)));
});

describe('a statement in an envelope', () => {
  test('is trusted by the role of its predicate type', async () => {
    const verified = await verifyStatement(envelope, options());
    expect(verified.statement).toEqual(statement);
    expect(verified.role).toBe('cairn-approval');
    expect(requireTrusted('the approval', verified.signatures)).toMatchObject({
      fingerprint: alice.fingerprint,
      principals: 'alice@x',
      line: 1,
      time: { source: 'self-asserted' },
    });
  });

  test('is refused, each for its own reason', async () => {
    const own = formatPublicKeyLine(alice.sshKey);
    const outcome = async (trust: string, revoked = '', principal?: string): Promise<string> =>
      (await verifyStatement(envelope, { ...options(trust, revoked), principal })).signatures.map(outcomeOf).join();
    expect(await outcome(`alice@x ${formatPublicKeyLine(mallory.sshKey)}`)).toBe('unknown-key');
    expect(await outcome(trustText, '', 'bob@x')).toBe('wrong-principal');
    expect(await outcome(`alice@x namespaces="cairn-report" ${own}`)).toBe('wrong-role');
    expect(await outcome(`alice@x valid-before="20250101" ${own}`)).toBe('expired');
    expect(await outcome(`alice@x valid-after="20270101" ${own}`)).toBe('not-yet-valid');
    expect(await outcome(trustText, own)).toBe('revoked');
    const forged = await createStatement(statement, { ...mallory, fingerprint: alice.fingerprint });
    expect((await verifyEnvelope(forged, 'cairn-approval', options())).map(outcomeOf)).toEqual(['bad-signature']);
  });

  test('that nobody trusted has signed is an error with every reason', async () => {
    const two = await createStatement(statement, mallory);
    const forged = await createStatement(statement, { ...mallory, fingerprint: alice.fingerprint });
    const both = { ...two, signatures: [...two.signatures, ...forged.signatures] };
    const verdicts = await verifyEnvelope(both, 'cairn-approval', options());
    expect(() => requireTrusted('it', verdicts)).toThrow(
      /no trusted signature of it \(unknown-key, SHA256:.*; bad-signature, SHA256:/,
    );
    expect(() => requireTrusted('it', [])).toThrow('none at all');
  });

  test('without a keyid is tried with every key, and one good signature among others is enough', async () => {
    const nameless = await createStatement(statement, { ...alice, fingerprint: '' });
    expect((await verifyEnvelope(nameless, 'cairn-approval', options())).map(outcomeOf)).toEqual(['trusted']);
    expect((await verifyEnvelope(nameless, 'cairn-report', options())).map(outcomeOf)).toEqual(['wrong-role']);
    const foreign = await createStatement(statement, mallory);
    const both = { ...foreign, signatures: [...foreign.signatures, ...nameless.signatures] };
    const verdicts = await verifyEnvelope(both, 'cairn-approval', options());
    expect(verdicts.map(outcomeOf)).toEqual(['unknown-key', 'trusted']);
    expect(requireTrusted('it', verdicts).fingerprint).toBe(alice.fingerprint);
  });

  test('of a type that is not ours needs a role from the verifier', async () => {
    const foreign = utf8(formatEnvelope(await createStatement({ ...statement, predicateType: 'https://x/y' }, alice)));
    await expect(verifyStatement(foreign, options())).rejects.toThrow('no role is known');
    const verified = await verifyStatement(foreign, { ...options(), role: 'cairn-approval' });
    expect(verified.signatures.map(outcomeOf)).toEqual(['trusted']);
    const promoted = utf8(
      formatEnvelope(await createStatement({ ...statement, predicateType: promotionPredicate }, alice)),
    );
    const given = await verifyStatement(promoted, { ...options(), role: 'cairn-approval' });
    expect(given.signatures.map(outcomeOf)).toEqual(['wrong-role']);
  });

  test('in an envelope of another kind is not read', async () => {
    const payload = statementBytes(statement);
    const sig = await alice.sign(preAuthEncoding('text/plain', payload));
    const other = formatEnvelope({
      payloadType: 'text/plain',
      payload,
      signatures: [{ keyid: alice.fingerprint, sig }],
    });
    await expect(verifyStatement(utf8(other), options())).rejects.toThrow('an envelope of "text/plain"');
  });

  test('is refused with any one bit changed', async () => {
    const trusted: string[] = [];
    for (const changed of flips(envelope)) {
      const reason = await reasonOf(async () => [...(await verifyStatement(changed, options())).signatures]);
      if (reason === 'trusted') trusted.push(utf8Decode(changed));
    }
    expect(trusted).toEqual([]);
  });

  test('is accepted by openssl over the pre-authentication encoding', (context) => {
    needs(context, 'openssl');
    const payload = statementBytes(statement);
    const type = 'application/vnd.in-toto+json';
    writeFileSync(join(directory, 'pae'), preAuthEncoding(type, payload));
    writeFileSync(join(directory, 'sig'), cryptoSign(null, preAuthEncoding(type, payload), alice.privateKey));
    const pem = spawnSync('openssl', ['pkey', '-pubout'], {
      input: alice.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    }).stdout;
    writeFileSync(join(directory, 'pub.pem'), pem);
    const args = ['pkeyutl', '-verify', '-pubin', '-inkey', 'pub.pem', '-rawin', '-in', 'pae', '-sigfile', 'sig'];
    expect(spawnSync('openssl', args, { cwd: directory }).status).toBe(0);
    const fromEnvelope = JSON.parse(utf8Decode(envelope)) as { signatures: { sig: string }[] };
    writeFileSync(join(directory, 'sig'), Buffer.from(fromEnvelope.signatures[0]?.sig ?? '', 'base64'));
    expect(spawnSync('openssl', args, { cwd: directory }).status).toBe(0);
    writeFileSync(join(directory, 'pae'), preAuthEncoding(type, utf8('other')));
    expect(spawnSync('openssl', args, { cwd: directory }).status).not.toBe(0);
  });
});

test('the shell commands of docs/predicates verify an envelope, and refuse another', (context) => {
  needs(context, 'openssl', 'jq', 'base64');
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/predicates/README.md'), 'utf8');
  const script = /```sh\n(type=[^`]+)```/.exec(guide)?.[1] ?? '';
  const place = mkdtempSync(join(directory, 'by-hand-'));
  const pem = spawnSync('openssl', ['pkey', '-pubout'], {
    input: alice.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  }).stdout;
  writeFileSync(join(place, 'key.pem'), pem);
  const run = (text: Uint8Array): number | null => {
    writeFileSync(join(place, 'envelope.json'), text);
    return spawnSync('bash', ['-e'], { cwd: place, input: script }).status;
  };
  expect(run(envelope)).toBe(0);
  const other = utf8Decode(envelope).replace('vnd.in-toto+json', 'vnd.in-toto.x+json');
  expect(run(utf8(other))).not.toBe(0);
});

describe('an SSH signature', () => {
  const message = statementBytes(statement);

  test('is trusted in the namespace that is asked for, and in no other', async () => {
    const armoured = await createSshsig(alice.sshKey, 'cairn-approval', message, alice.sign);
    expect(outcomeOf(await verifySshsig(armoured, message, 'cairn-approval', options()))).toBe('trusted');
    expect(outcomeOf(await verifySshsig(armoured, message, 'cairn-report', options()))).toBe('wrong-namespace');
    expect(outcomeOf(await verifySshsig(armoured, utf8('other'), 'cairn-approval', options()))).toBe('bad-signature');
    const asReport = await createSshsig(alice.sshKey, 'cairn-report', message, alice.sign);
    expect(outcomeOf(await verifySshsig(asReport, message, 'cairn-report', options()))).toBe('wrong-role');
    const byMallory = await createSshsig(mallory.sshKey, 'cairn-approval', message, mallory.sign);
    expect(outcomeOf(await verifySshsig(byMallory, message, 'cairn-approval', options()))).toBe('unknown-key');
    // The key inside says alice; only the mathematics can tell.
    const forged = await createSshsig(alice.sshKey, 'cairn-approval', message, mallory.sign);
    expect(outcomeOf(await verifySshsig(forged, message, 'cairn-approval', options()))).toBe('bad-signature');
  });

  test('is refused with any one bit changed', async () => {
    const armoured = utf8(await createSshsig(alice.sshKey, 'cairn-approval', message, alice.sign));
    const trusted: string[] = [];
    for (const changed of flips(armoured)) {
      const text = Buffer.from(changed).toString('latin1');
      const reason = await reasonOf(async () => [await verifySshsig(text, message, 'cairn-approval', options())]);
      if (reason === 'trusted') trusted.push(text);
    }
    expect(trusted).toEqual([]);
  });

  test('by hardware is checked as ssh-keygen checks it, and only counts when a person touched the device', async (context) => {
    // No device is needed: it differs from a key in software only in what it signs.
    const publicKey = parsePublicKeyBlob(
      concatBytes(wireString(hardwareKey), wireString(alice.publicKey), wireString('ssh:')),
    );
    const signedWith = (flags: number): string => {
      const blank = {
        publicKey,
        namespace: 'cairn-approval',
        hash: 'sha512',
        hardware: { flags, counter: 7 },
      } as const;
      const data = sshsigVerifiedData({ ...blank, signature: new Uint8Array(64) }, message);
      return formatSshsig({ ...blank, signature: new Uint8Array(cryptoSign(null, data, alice.privateKey)) });
    };
    const signers = `alice@x ${formatPublicKeyLine(publicKey)}\n`;
    const verdict = async (flags: number): Promise<string> =>
      outcomeOf(await verifySshsig(signedWith(flags), message, 'cairn-approval', options(signers)));
    expect(await verdict(1)).toBe('trusted');
    expect(await verdict(5)).toBe('trusted');
    expect(await verdict(0)).toBe('no-touch');
    expect(outcomeOf(await verifySshsig(signedWith(1), message, 'cairn-approval', options()))).toBe('unknown-key');
    needs(context, 'ssh-keygen');
    const question = { signers, principal: 'alice@x', namespace: 'cairn-approval', signature: signedWith(1) };
    expect(keygenAccepts(directory, { ...question, message: utf8Decode(message) })).toBe(true);
    expect(keygenAccepts(directory, { ...question, message: 'other' })).toBe(false);
  });
});

describe('a checkpoint', () => {
  const leaves = Array.from({ length: 7 }, (_, index) => merkleLeaf(Uint8Array.of(index)));
  const nodes = appendPlan(0, leaves).finish([]);
  const rootOf = rootPlan(7);
  const root = rootOf.finish(rootOf.indexes.map((index) => nodes[index] as Uint8Array));
  const text = formatCheckpoint({ origin, size: 7, root, extensions: [] });
  const signed = (): Promise<string> => createNote(text, { name: origin, publicKey: log.publicKey }, log.sign);

  test('is believed when the key of this log signed it', async () => {
    expect(await trustedCheckpoint(await signed(), origin, options())).toEqual({
      origin,
      size: 7,
      root,
      extensions: [],
    });
    const witnessed = `${await signed()}— witness.example AAAAAAAA\n`;
    expect((await trustedCheckpoint(utf8(witnessed), origin, options())).size).toBe(7);
  });

  test('of another log, or by a key that is not the log’s, is refused', async () => {
    const outcome = async (note: string, trust?: string): Promise<string> =>
      outcomeOf((await verifyCheckpoint(note, origin, options(trust))).signature);
    await expect(verifyCheckpoint(await signed(), 'other.example', options())).rejects.toThrow('another log');
    const byAlice = await createNote(text, { name: origin, publicKey: alice.publicKey }, alice.sign);
    expect(await outcome(byAlice)).toBe('wrong-principal');
    const byMallory = await createNote(text, { name: origin, publicKey: mallory.publicKey }, mallory.sign);
    expect(await outcome(byMallory)).toBe('unknown-key');
    const underAnotherName = await createNote(text, { name: 'other.example', publicKey: log.publicKey }, log.sign);
    expect(await outcome(underAnotherName)).toBe('unknown-key');
    const line = formatPublicKeyLine(log.sshKey);
    expect(await outcome(await signed(), `${origin} namespaces="cairn-report" ${line}`)).toBe('wrong-role');
    await expect(trustedCheckpoint(byMallory, origin, options())).rejects.toThrow(
      'no trusted signature of the checkpoint',
    );
  });

  test('with a proof under it shows one event, and nothing with any one bit changed', async () => {
    const plan = inclusionPlan(4, 7);
    const proof = plan.finish(plan.indexes.map((index) => nodes[index] as Uint8Array));
    const file = utf8(formatTlogProof({ extra: undefined, index: 4, proof, checkpoint: await signed() }));
    const check = async (bytes: Uint8Array): Promise<string> =>
      reasonOf(async () => {
        const parsed = parseTlogProof(Buffer.from(bytes).toString('utf8'));
        const { checkpoint, signature } = await verifyCheckpoint(parsed.checkpoint, origin, options());
        verifyInclusion({ ...parsed, size: checkpoint.size, leafHash: leaves[4] as Uint8Array, root: checkpoint.root });
        return [signature];
      });
    expect(await check(file)).toBe('trusted');
    const trusted: string[] = [];
    for (const changed of flips(file)) if ((await check(changed)) === 'trusted') trusted.push(utf8Decode(changed));
    expect(trusted).toEqual([]);
  });
});

test('every predicate of ours has a role, and none is that of the log', () => {
  expect(roleOfPredicate(provenancePredicate)).toBe('cairn-report');
  expect(roleOfPredicate('https://example.org/other')).toBeUndefined();
  expect(signatureRoles).toContain(roleOfPredicate(approvalPredicate));
});

test('a key or signature of the wrong length verifies nothing', () => {
  expect(verifyEd25519(new Uint8Array(31), utf8('m'), new Uint8Array(64))).toBe(false);
  expect(verifyEd25519(alice.publicKey, utf8('m'), new Uint8Array(63))).toBe(false);
  expect(verifyEd25519(new Uint8Array(32).fill(255), utf8('m'), new Uint8Array(64))).toBe(false);
});
