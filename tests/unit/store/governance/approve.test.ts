import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { auditContext } from '../../../../src/app/audit-ports.ts';
import { utf8 } from '../../../../src/core/bytes.ts';
import { parseEnvelope, preAuthEncoding } from '../../../../src/core/dsse.ts';
import { spkiOfPublicKey } from '../../../../src/core/ed25519.ts';
import { approvalStatement, parseApproval } from '../../../../src/core/records/approval.ts';
import { parseTimestamp } from '../../../../src/core/time.ts';
import type { Signer } from '../../../../src/ports/signer.ts';
import { findActor, grantRoles, revokeRoles } from '../../../../src/store/governance/actors.ts';
import { approvalState } from '../../../../src/store/governance/approvals.ts';
import { approveReport } from '../../../../src/store/governance/approve.ts';
import { auditStore } from '../../../../src/store/governance/audit.ts';
import { allowedSigners, allowedSignersText } from '../../../../src/store/governance/export-signers.ts';
import { revokeKey } from '../../../../src/store/governance/keys.ts';
import { promoteCandidate } from '../../../../src/store/governance/promote.ts';
import { keysOf, signWith } from '../../../../src/store/governance/sign-statement.ts';
import { ada, aStudy, ben, cleo, dora, type Study } from './two-approvers.ts';

const approve = (study: Study, author: string, key?: string) =>
  study.as(author, (store) => approveReport(store, study.report), { key });

async function have(study: Study): Promise<number | undefined> {
  return study.open(ada, async (store) => {
    const [report] = await store.manifest.reports([study.report]);
    if (report === undefined) throw new Error('no report');
    return (await approvalState(store, report)).required[0]?.have;
  });
}

describe('approvals', () => {
  test('of two approvers make a promotion possible, and one does not', async () => {
    const study = await aStudy();
    const promote = () => study.open(ada, (store) => promoteCandidate(store, study.candidate, { to: 'candidate' }));
    const first = await approve(study, ben);
    expect(first.required).toEqual([{ role: 'approver', count: 2, have: 1 }]);
    expect(first.doubt).toBeUndefined();
    await expect(promote()).rejects.toMatchObject({ exitStatus: 1 });
    expect((await approve(study, cleo)).required).toEqual([{ role: 'approver', count: 2, have: 2 }]);
    await promote();
  });

  test("with one person's two keys count once, and write nothing the second time", async () => {
    const study = await aStudy();
    await study.key(ben, 'ben-2');
    await approve(study, ben, 'ben');
    const size = await study.events();
    const again = await approve(study, ben, 'ben-2');
    expect(again).toMatchObject({ changed: false, required: [{ have: 1 }] });
    expect(await study.events()).toBe(size);
  });

  test('of an interested person are refused, whatever role they hold', async () => {
    const study = await aStudy();
    await study.as(ada, async (store) => grantRoles(store, (await findActor(store, ada)).id, ['approver']));
    const size = await study.events();
    await expect(approve(study, ada)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/not independent/),
    });
    expect(await study.events()).toBe(size);
  });

  test('of somebody without the role are refused, and so are those of a failed or an older report', async () => {
    const study = await aStudy();
    await study.person(dora);
    await study.key(dora, 'dora');
    await expect(approve(study, dora)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/is no approver/),
    });
    await study.evaluate(dora);
    await expect(approve(study, ben)).rejects.toMatchObject({
      code: 'STATUS_CONFLICT',
      message: expect.stringMatching(/not the newest/),
    });
  });

  test('by a key that is revoked, or of a person who lost the role, count no more', async () => {
    const study = await aStudy();
    const { keyFingerprint } = await approve(study, ben);
    await approve(study, cleo);
    expect(await have(study)).toBe(2);
    await study.as(ada, (store) => revokeKey(store, keyFingerprint, undefined, 'laptop lost'));
    expect(await have(study)).toBe(1);
    await expect(approve(study, ben)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await expect(approve(study, ben, 'ben')).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/is revoked/),
    });
    await study.as(ada, async (store) => revokeRoles(store, (await findActor(store, cleo)).id, ['approver']));
    expect(await have(study)).toBe(0);
  });

  test('in the name of another, with a key that is not theirs, are refused', async () => {
    const study = await aStudy();
    const size = await study.events();
    await expect(approve(study, ben, 'ada@example.org')).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/belongs to Ada Lovelace <ada@example.org>, and you act as Ben Noyce/),
    });
    await expect(approve(study, dora)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await study.events()).toBe(size);
  });

  test('of an asserted approver are refused: a role that no admin signed for is none', async () => {
    const study = await aStudy();
    await study.person(dora);
    const fingerprint = await study.key(dora, 'dora');
    await study.open(ada, async (store) => {
      const { rolesPayload } = await import('../../../../src/core/records/act-values.ts');
      const { payloadBytes } = await import('../../../../src/core/records/payload.ts');
      const { writing } = await import('../../../../src/store/objects/write-session.ts');
      const { eventDraft } = await import('../../../../src/store/log/governance.ts');
      const { id: actor } = await findActor(store, dora);
      await writing(store, 'test', async (session) => {
        const payload = session.record<never>(payloadBytes(rolesPayload(['approver'])));
        const event = eventDraft(store, 'actor.grant', { kind: 'actor', id: actor }, payload);
        const stored = await session.settle();
        const fact = { kind: 'grant', actor, roles: ['approver'], event } as const;
        await store.manifest.apply({ facts: [...stored, fact], nowMs: store.clock.now(), clock: 'wall' });
      });
      expect((await store.manifest.actor(actor))?.roles).toContain('approver');
    });
    await expect(approve(study, dora)).rejects.toMatchObject({
      message: expect.stringMatching(/no admin signed that Dora Hall/),
    });
    const audit = await study.open(ada, (store) => auditStore(auditContext(store)));
    expect(audit.checks.filter(({ outcome }) => outcome !== 'pass')).toMatchObject([{ name: 'authority' }]);
    expect(fingerprint).toMatch(/^SHA256:/);
  });
});

describe('what was signed', () => {
  test('is checked by openssl, without this program', async () => {
    const study = await aStudy();
    await approve(study, ben);
    const [record, publicKey] = await study.open(ada, async (store) => {
      const [entry] = await store.manifest.approvals(study.report);
      const key = await store.manifest.key(entry?.keyFingerprint ?? '');
      return [parseApproval(entry?.record ?? ''), Buffer.from(key?.publicKey ?? '', 'hex').subarray(-32)] as const;
    });
    if (!('envelope' in record.signed)) throw new Error('no envelope');
    const envelope = parseEnvelope(utf8(record.signed.envelope));
    const path = (name: string): string => join(study.root, name);
    writeFileSync(path('pae'), preAuthEncoding(envelope.payloadType, envelope.payload));
    writeFileSync(path('sig'), envelope.signatures[0]?.sig ?? '');
    writeFileSync(path('pub.der'), spkiOfPublicKey(publicKey));
    const args = ['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', path('pub.der'), '-rawin'];
    const done = execFileSync('openssl', [...args, '-in', path('pae'), '-sigfile', path('sig')], { encoding: 'utf8' });
    expect(done).toContain('Verified Successfully');
  });

  test('as SSHSIG, as a key in hardware does, is checked by ssh-keygen with the exported signers', async () => {
    const study = await aStudy();
    // A key in software that says of itself that it is in hardware takes the same way.
    const approved = await study.as(ben, async (store) => {
      const { openSigner } = store;
      const asHardware = async (own: Parameters<typeof openSigner>[0]): Promise<Signer> => {
        const signer = await openSigner(own);
        return { ...signer, kind: 'hardware', signSsh: (namespace, message) => signer.signSsh(namespace, message) };
      };
      return approveReport(Object.defineProperty(store, 'openSigner', { value: asHardware }), study.report, 'checked');
    });
    expect(approved.doubt).toBeUndefined();
    const [record, signers] = await study.open(ada, async (store) => [
      parseApproval((await store.manifest.approvals(study.report))[0]?.record ?? ''),
      allowedSignersText(store.storeId, await allowedSigners(store)),
    ]);
    if (!('sshsig' in record.signed)) throw new Error('no SSH signature');
    mkdirSync(join(study.root, 'ssh'));
    writeFileSync(join(study.root, 'ssh/allowed'), signers);
    writeFileSync(join(study.root, 'ssh/sig'), record.signed.sshsig);
    const verify = (principal: string, namespace: string, message: string) =>
      spawnSync(
        'ssh-keygen',
        ['-Y', 'verify', '-f', 'ssh/allowed', '-I', principal, '-n', namespace, '-s', 'ssh/sig'],
        { cwd: study.root, input: message },
      ).status;
    expect(verify('ben@example.org', 'cairn-approval', record.signed.statement)).toBe(0);
    expect(verify('cleo@example.org', 'cairn-approval', record.signed.statement)).not.toBe(0);
    expect(verify('ben@example.org', 'cairn-report', record.signed.statement)).not.toBe(0);
    expect(verify('ben@example.org', 'cairn-approval', `${record.signed.statement} `)).not.toBe(0);
  });

  test('does not count when the record names another report, person or key', async () => {
    const study = await aStudy();
    await approve(study, ben);
    const { judgeApproval } = await import('../../../../src/verify/approval.ts');
    const { readAuthority } = await import('../../../../src/store/governance/read-authority.ts');
    await study.open(ada, async (store) => {
      const [report] = await store.manifest.reports([study.report]);
      const [entry] = await store.manifest.approvals(study.report);
      if (report === undefined || entry === undefined) throw new Error('nothing there');
      const authority = await readAuthority(store);
      const approval = parseApproval(entry.record);
      const base = { approval, report, authority, store: store.storeId, verify: store.verifyEd25519 };
      expect(await judgeApproval(base)).toMatchObject({ counts: true });
      const other = await findActor(store, cleo);
      const key = (await store.manifest.keys()).find(({ actor }) => actor === other.id)?.fingerprint ?? '';
      const wrong = [
        { ...base, store: 'another' },
        { ...base, approval: { ...approval, actor: other.id } },
        { ...base, approval: { ...approval, keyFingerprint: key } },
        { ...base, approval: { ...approval, actor: other.id, keyFingerprint: key } },
        { ...base, report: { ...report, id: 'f'.repeat(64) as typeof report.id } },
        { ...base, report: { ...report, record: { ...report.record, policy: 'f'.repeat(64) as never } } },
        { ...base, verify: () => false },
      ];
      for (const one of wrong) expect(await judgeApproval(one)).toMatchObject({ counts: false, doubt: 'signature' });
      // Cleo signs, with her own key, that Ben approves.
      const statement = approvalStatement({
        ...{ report: report.id, record: report.record, store: store.storeId, approvedAt: entry.timestamp },
        actor: { id: approval.actor, name: 'Ben Noyce', mail: 'ben@example.org' },
      });
      const asBen = await study.as(cleo, async (signing) => {
        const signed = await signWith(await signing.openSigner(await keysOf(signing, other.id)), statement);
        return { ...approval, keyFingerprint: key, signed };
      });
      expect(await judgeApproval({ ...base, approval: asBen })).toMatchObject({
        doubt: 'signature',
        detail: expect.stringMatching(/is not a key of this person/),
      });
      const refused = { ...report.record, interested: [approval.actor] };
      expect(await judgeApproval({ ...base, report: { ...report, record: refused } })).toMatchObject({
        doubt: 'interested',
      });
    });
  });
});

test('a key that is stolen and revoked from a moment on leaves nothing that it granted since', async () => {
  const study = await aStudy();
  await study.as(ada, async (store) => grantRoles(store, (await findActor(store, cleo)).id, ['admin']));
  const from = parseTimestamp(new Date(Date.now()).toISOString());
  await new Promise((resolve) => setTimeout(resolve, 5));
  await study.person(dora, 'approver');
  const { fingerprint } = (await study.open(ada, (store) => store.manifest.keys()))[0] ?? { fingerprint: '' };
  const roles = () =>
    study.open(ada, async (store) => {
      const { showActor } = await import('../../../../src/store/governance/actors.ts');
      return (await showActor(store, (await findActor(store, dora)).id)).roles;
    });
  expect(await roles()).toEqual([{ role: 'approver', standing: 'proven' }]);
  await study.as(cleo, (store) => revokeKey(store, fingerprint, from, 'stolen'));
  expect(await roles()).toEqual([{ role: 'approver', standing: 'asserted' }]);
  await approve(study, ben);
});
