import { describe, expect, test } from 'vitest';
import { verifyEd25519 } from '../../../src/adapters/node/ed25519.ts';
import { type AuthorityAction, authorityStatement } from '../../../src/core/authority-statement.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { formatEnvelope, preAuthEncoding } from '../../../src/core/dsse.ts';
import type { ActorId, EventId } from '../../../src/core/ids.ts';
import { statementBytes, statementPayloadType } from '../../../src/core/in-toto.ts';
import type { JsonValue } from '../../../src/core/json-value.ts';
import { noEvent } from '../../../src/core/records/event.ts';
import { sha256Hex } from '../../../src/core/sha256.ts';
import { formatSshsig, sshsigSignedData } from '../../../src/core/ssh/sshsig.ts';
import { formatTimestamp, parseTimestamp } from '../../../src/core/time.ts';
import { type Authority, type AuthorityAct, provenRoles, replayAuthority } from '../../../src/verify/authority.ts';
import { type TestKey, testKey } from '../signing-keys.ts';

const store = 'store-1';
const person = (name: string): ActorId => sha256Hex(name) as string as ActorId;
const [ada, ben, eve] = [person('ada'), person('ben'), person('eve')];
const [adaKey, benKey, eveKey, secondKey] = ['ada', 'ben', 'eve', 'second'].map(testKey) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];

interface Sent {
  readonly action: AuthorityAction;
  readonly actor: ActorId;
  readonly subject: string;
  readonly values?: { readonly [name: string]: JsonValue };
  /** Who signs; left out: nobody. */
  readonly by?: TestKey;
  readonly previous?: string;
  /** What is signed instead of the act. */
  readonly instead?: Partial<Parameters<typeof authorityStatement>[0]>;
  readonly asSsh?: string;
}

const keyValues = (actor: ActorId, { sshKey }: TestKey): { [name: string]: JsonValue } => ({
  actor,
  publicKey: toHex(sshKey.blob),
  type: sshKey.algorithm,
});
const bind = (actor: ActorId, key: TestKey, by: TestKey | undefined, who = ada): Sent => ({
  ...{ action: 'key.add', actor: who, subject: key.fingerprint, values: keyValues(actor, key) },
  ...(by === undefined ? {} : { by }),
});
const grant = (actor: ActorId, roles: string[], by?: TestKey, more: Partial<Sent> = {}): Sent => ({
  ...{ action: 'actor.grant', actor: ada, subject: actor, values: { roles } },
  ...(by === undefined ? {} : { by }),
  ...more,
});
const enter = (actor: ActorId, roles: string[], by?: TestKey): Sent => ({
  ...{
    action: 'actor.add',
    actor: by === undefined ? actor : ada,
    subject: actor,
    values: { name: 'x', mail: '', roles },
  },
  ...(by === undefined ? {} : { by }),
});

async function signedBy(key: TestKey, sent: Sent, previous: EventId): Promise<JsonValue> {
  const { action, actor, subject, values, instead, asSsh } = sent;
  const statement = authorityStatement({ store, action, actor, subject, previous, values, ...instead });
  if (statement === undefined) throw new Error('no statement');
  const payload = statementBytes(statement);
  if (asSsh !== undefined) {
    const signature = await key.sign(sshsigSignedData(asSsh, payload));
    const parts = { publicKey: key.sshKey, namespace: asSsh, hash: 'sha512', hardware: undefined } as const;
    const sshsig = formatSshsig({ ...parts, signature });
    return { statement: new TextDecoder().decode(payload), sshsig };
  }
  const sig = await key.sign(preAuthEncoding(statementPayloadType, payload));
  const signatures = [{ keyid: key.fingerprint, sig }];
  return { envelope: formatEnvelope({ payloadType: statementPayloadType, payload, signatures }) };
}

/** One act a second; subjects are chained as the log does. */
async function replay(...log: readonly Sent[]): Promise<Authority> {
  const newest = new Map<string, EventId>();
  const acts: AuthorityAct[] = [];
  for (const [index, sent] of log.entries()) {
    const { action, actor, subject } = sent;
    const seq = index + 1;
    const subjectPrevious = newest.get(subject) ?? noEvent;
    const signed = sent.by === undefined ? {} : { signed: await signedBy(sent.by, sent, subjectPrevious) };
    const id = sha256Hex(`event ${seq}`) as string as EventId;
    newest.set(subject, id);
    const timestamp = formatTimestamp(1000 * seq);
    acts.push({ seq, id, action, actor, subject, subjectPrevious, timestamp, values: { ...sent.values, ...signed } });
  }
  return replayAuthority(acts, { store, verify: verifyEd25519 });
}

const founding = [enter(ada, ['admin']), bind(ada, adaKey, adaKey)];
const details = ({ faults }: Authority): string[] => faults.map(({ seq, detail }) => `${seq}: ${detail}`);

describe('the first actor', () => {
  test('is an admin by assertion until its first key has signed for itself', async () => {
    expect(provenRoles(await replay(enter(ada, ['admin'])), ada)).toEqual([]);
    const founded = await replay(...founding);
    expect(provenRoles(founded, ada)).toEqual(['admin']);
    expect(founded.faults).toEqual([]);
  });

  test('cannot be another one who comes later, and its key is signed by no other', async () => {
    const later = await replay(enter(ada, ['admin']), enter(eve, ['admin']), bind(eve, eveKey, eveKey, eve));
    expect(provenRoles(later, eve)).toEqual([]);
    expect(later.faults.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(details(await replay(enter(ada, ['admin']), bind(ada, adaKey, eveKey)))).toHaveLength(1);
    expect(details(await replay(enter(ada, ['admin']), bind(ada, adaKey, undefined)))).toEqual(['2: it is not signed']);
  });
});

describe('roles and keys', () => {
  test('are proven by a key of an admin, in either form of signature', async () => {
    const ssh = { asSsh: 'cairn-admin' };
    const given = await replay(
      ...founding,
      enter(ben, ['researcher']),
      grant(ben, ['approver'], adaKey),
      { ...bind(ben, benKey, adaKey), ...ssh },
      grant(ben, ['admin'], adaKey, ssh),
      grant(eve, ['ci'], benKey, { actor: ben }),
    );
    expect(details(given)).toEqual([]);
    expect(provenRoles(given, ben)).toEqual(['admin', 'approver']);
    expect(given.keys.get(benKey.fingerprint)).toMatchObject({ actor: ben, standing: 'proven', revoked: false });
    expect(provenRoles(given, eve)).toEqual(['ci']);
  });

  test.each<[string, Sent]>([
    ['nobody', grant(eve, ['admin'])],
    ['a key that is not bound', grant(eve, ['admin'], eveKey)],
    ['somebody else than the event says', grant(eve, ['admin'], adaKey, { actor: eve })],
    ['somebody who is no admin', grant(eve, ['admin'], benKey, { actor: ben })],
    ['an admin for other roles', grant(eve, ['admin'], adaKey, { instead: { values: { roles: ['ci'] } } })],
    ['an admin for somebody else', grant(eve, ['admin'], adaKey, { instead: { subject: ben } })],
    ['an admin for another act', grant(eve, ['admin'], adaKey, { instead: { action: 'actor.revoke' } })],
    ['an admin of another store', grant(eve, ['admin'], adaKey, { instead: { store: 'store-2' } })],
    [
      'an admin, behind another event',
      grant(eve, ['admin'], adaKey, { instead: { previous: sha256Hex('x') as never } }),
    ],
    ['an admin, in another namespace', grant(eve, ['admin'], adaKey, { asSsh: 'cairn-approval' })],
  ])('signed by %s are asserted, and a fault that is named', async (_, forged) => {
    const given = await replay(...founding, enter(ben, ['researcher']), bind(ben, benKey, adaKey), forged);
    expect(provenRoles(given, eve)).toEqual([]);
    expect(given.roles.get(eve)?.get('admin')).toBe('asserted');
    expect(given.faults.map(({ seq, subject }) => ({ seq, subject }))).toEqual([{ seq: 5, subject: eve }]);
  });

  test('are not given again by an old signature: it names the event that it continued', async () => {
    const once = grant(ben, ['approver'], adaKey);
    const revoked: Sent = { ...once, action: 'actor.revoke' };
    const replayed = { ...once, instead: { previous: sha256Hex('event 3') as string as EventId } };
    const given = await replay(...founding, enter(ben, ['researcher']), once, revoked, replayed);
    expect(given.faults.map(({ seq }) => seq)).toEqual([6]);
    expect(provenRoles(given, ben)).toEqual([]);
  });

  test('that are taken away are gone, whoever took them', async () => {
    const given = await replay(...founding, grant(ben, ['approver'], adaKey), {
      ...grant(ben, ['approver']),
      action: 'actor.revoke',
    });
    expect(provenRoles(given, ben)).toEqual([]);
    expect(given.faults).toHaveLength(1);
  });

  test('given by who was an admin before, are asserted', async () => {
    const given = await replay(
      ...founding,
      grant(ben, ['admin'], adaKey),
      bind(ben, benKey, adaKey),
      { ...grant(ben, ['admin'], adaKey), action: 'actor.revoke' },
      grant(eve, ['ci'], benKey, { actor: ben }),
    );
    expect(given.faults.map(({ seq }) => seq)).toEqual([6]);
  });

  test('whose values were erased are asserted', async () => {
    const given = await replay(...founding);
    const [first] = given.faults;
    expect(first).toBeUndefined();
    const act: AuthorityAct = {
      ...{ seq: 1, id: noEvent, action: 'actor.grant', actor: ada, subject: eve, subjectPrevious: noEvent },
      ...{ timestamp: formatTimestamp(0), values: undefined },
    };
    const erased = await replayAuthority([act], { store, verify: verifyEd25519 });
    expect(details(erased)).toEqual(['1: nothing is kept that could be signed']);
  });
});

describe('revoking a key', () => {
  const revoke = (key: TestKey, by: TestKey | undefined, actor = ada, from?: number): Sent => ({
    ...{ action: 'key.revoke', actor, subject: key.fingerprint },
    values: from === undefined ? {} : { from: formatTimestamp(from) },
    ...(by === undefined ? {} : { by }),
  });
  const two = [...founding, bind(ada, secondKey, adaKey)];

  test('is for its owner and for an admin, and ends what it can sign', async () => {
    const given = await replay(
      ...two,
      bind(ben, benKey, adaKey),
      revoke(benKey, benKey, ben),
      revoke(adaKey, secondKey),
      grant(eve, ['ci'], adaKey),
    );
    expect(given.faults.map(({ seq }) => seq)).toEqual([7]);
    expect(given.keys.get(benKey.fingerprint)?.revoked).toBe(true);
    const foreign = await replay(...two, bind(ben, benKey, adaKey), revoke(secondKey, benKey, ben));
    expect(foreign.faults.map(({ seq }) => seq)).toEqual([5]);
  });

  test('leaves what it granted before, and takes away what it granted at or behind `from`', async () => {
    const grants = [grant(ben, ['approver'], adaKey), grant(eve, ['approver'], adaKey)];
    const kept = await replay(...two, ...grants, revoke(adaKey, secondKey));
    expect([provenRoles(kept, ben), provenRoles(kept, eve)]).toEqual([['approver'], ['approver']]);
    const voided = await replay(...two, ...grants, revoke(adaKey, secondKey, ada, 5000));
    expect([provenRoles(voided, ben), provenRoles(voided, eve)]).toEqual([['approver'], []]);
    expect(voided.faults.map(({ seq }) => seq)).toEqual([5]);
    expect(parseTimestamp('1970-01-01T00:00:05Z')).toBe(formatTimestamp(5000));
  });
});

test('every byte of a signature counts', async () => {
  const good = grant(eve, ['admin'], adaKey);
  const signed = (await signedBy(adaKey, good, noEvent)) as { envelope: string };
  const log = (envelope: string): AuthorityAct[] => {
    const base = { subjectPrevious: noEvent, actor: ada, timestamp: formatTimestamp(1000) };
    const values = keyValues(ada, adaKey);
    return [
      {
        ...base,
        seq: 1,
        id: noEvent,
        action: 'actor.add',
        subject: ada,
        values: { name: 'x', mail: '', roles: ['admin'] },
      },
      {
        ...base,
        seq: 2,
        id: noEvent,
        action: 'key.add',
        subject: adaKey.fingerprint,
        values: { ...values, signed: first },
      },
      {
        ...base,
        seq: 3,
        id: noEvent,
        action: 'actor.grant',
        subject: eve,
        values: { roles: ['admin'], signed: { envelope } },
      },
    ];
  };
  const first = await signedBy(adaKey, bind(ada, adaKey, adaKey), noEvent);
  const options = { store, verify: verifyEd25519 };
  expect(provenRoles(await replayAuthority(log(signed.envelope), options), eve)).toEqual(['admin']);
  const { length } = signed.envelope;
  for (let at = 0; at < length; at += 7) {
    const other = signed.envelope[at] === 'A' ? 'B' : 'A';
    const changed = signed.envelope.slice(0, at) + other + signed.envelope.slice(at + 1);
    // The key's name in an envelope is a hint that nothing signs, but it has to be a name of ours.
    expect(provenRoles(await replayAuthority(log(changed), options), eve), `byte ${at}`).toEqual([]);
  }
});
