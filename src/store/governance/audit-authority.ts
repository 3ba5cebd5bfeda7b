/** Every act about actors and keys, and whether an admin's key signed it (verify/authority.ts says when it has to). */
import { shortId } from '../../core/ids.ts';
import { replayAuthority } from '../../verify/authority.ts';
import type { AuditContext } from './audit-context.ts';
import { type AuditCheck, Findings, verdict } from './audit-finding.ts';
import { authorityActs } from './read-authority.ts';

export async function auditAuthority(context: AuditContext): Promise<AuditCheck> {
  const findings = new Findings();
  const acts = await authorityActs(context);
  const times = new Map(acts.map(({ seq, timestamp }) => [seq, timestamp]));
  const { faults } = await replayAuthority(acts, { store: context.storeId, verify: context.verifyEd25519 });
  for (const { seq, action, subject, detail } of faults) {
    const about = /^[0-9a-f]{64}$/.test(subject) ? shortId(subject) : subject;
    findings.add(`event ${seq} (${action} ${about})`, detail, times.get(seq));
  }
  return verdict('authority', findings, `${acts.length} acts about actors and keys are signed where they have to be`);
}
