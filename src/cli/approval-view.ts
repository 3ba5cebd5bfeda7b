/** An approval as people and scripts see it: does it count, and what is still needed. */
import type { Approved } from '../store/governance/approve.ts';
import type { Fields } from './output.ts';
import { inLine } from './text.ts';

export function approvalFields(done: Approved): Fields {
  const { approval, report, keyFingerprint, changed, doubt, required, approvals } = done;
  return {
    approvalId: approval,
    eligibilityReportId: report.id,
    candidateId: report.record.candidate,
    level: report.record.level,
    keyFingerprint,
    changed,
    counts: doubt === undefined,
    doubt: doubt ?? null,
    required: required.map(({ role, count, have }) => ({ role, count, have, needed: Math.max(0, count - have) })),
    approvals: approvals.map(({ entry, verdict }) => ({
      approvalId: entry.id,
      actorId: entry.actor,
      keyFingerprint: entry.keyFingerprint,
      approvedAt: entry.timestamp,
      counts: verdict.counts,
      doubt: verdict.counts ? null : verdict.detail,
    })),
  };
}

export function approvalLines(done: Approved, short: (id: string) => string): string[] {
  const { report, keyFingerprint, changed, doubt, required } = done;
  const { level, candidate } = report.record;
  const open = required.filter(({ have, count }) => have < count);
  return [
    changed
      ? `report ${short(report.id)} is approved with the key ${inLine(keyFingerprint)}`
      : `report ${short(report.id)} was approved by you already`,
    ...(doubt === undefined ? [] : [`it does not count: ${inLine(doubt)}`]),
    ...required.map(({ role, count, have }) => {
      const needed = count - have;
      const rest = needed > 0 ? `${needed} more needed` : 'none more needed';
      return `approvals by ${inLine(role)}: ${have} of ${count}, ${rest}`;
    }),
    ...(open.length === 0 && (level === 'candidate' || level === 'accepted')
      ? [`next: cairn promote ${short(candidate)} --to ${level}`]
      : []),
  ];
}
