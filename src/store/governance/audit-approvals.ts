/** Approvals as they stood when a candidate was promoted: signatures by keys that were bound then, roles that were proven then. */
import { shortId } from '../../core/ids.ts';
import { type CountedApproval, missingApprovals } from '../../core/promotion-rules.ts';
import { parseApproval } from '../../core/records/approval.ts';
import { judgeApproval } from '../../verify/approval.ts';
import { type Authority, type AuthorityAct, replayAuthority } from '../../verify/authority.ts';
import type { AuditContext, Standing } from './audit-context.ts';
import { authorityActs } from './read-authority.ts';

/** Who could do what before some event. */
export class Authorities {
  readonly #context: AuditContext;
  readonly #known = new Map<number, Promise<Authority>>();
  #acts: Promise<readonly AuthorityAct[]> | undefined;

  constructor(context: AuditContext) {
    this.#context = context;
  }

  async before(seq: number): Promise<Authority> {
    this.#acts ??= authorityActs(this.#context);
    const acts = (await this.#acts).filter((act) => act.seq < seq);
    const known = this.#known.get(acts.length);
    if (known !== undefined) return known;
    const { storeId: store, verifyEd25519: verify } = this.#context;
    const authority = replayAuthority(acts, { store, verify });
    this.#known.set(acts.length, authority);
    return authority;
  }
}

export async function approvalFaults(
  { manifest, storeId: store, verifyEd25519: verify }: AuditContext,
  authorities: Authorities,
  { entry, report }: Standing,
): Promise<string[]> {
  if (report === undefined) return [];
  const rows = (await manifest.approvals(report.id)).filter((row) => row.seq < entry.statusSeq);
  if (rows.length === 0 && report.record.approvals.length === 0) return [];
  const authority = await authorities.before(entry.statusSeq);
  const faults: string[] = [];
  const counted: CountedApproval[] = [];
  for (const row of rows) {
    const judged = await judgeApproval({ approval: parseApproval(row.record), report, authority, store, verify });
    if (judged.counts) counted.push({ actor: judged.actor, roles: judged.roles, keyRevoked: false });
    else if (judged.doubt === 'signature') faults.push(`approval ${shortId(row.id)}: ${judged.detail}`);
  }
  for (const { role, count, have } of missingApprovals(report.record, counted)) {
    faults.push(`it needed ${count} approval${count === 1 ? '' : 's'} by the role ${role} and had ${have}`);
  }
  return faults;
}
