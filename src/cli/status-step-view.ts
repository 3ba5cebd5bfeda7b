/** What promoting, rejecting and withdrawing say. */
import { shortId } from '../core/ids.ts';
import type { StatusStep } from '../store/governance/promote.ts';
import type { Fields } from './output.ts';

export function statusStepFields({ candidate, event, replaced }: StatusStep): Fields {
  return {
    candidateId: candidate.id,
    status: candidate.status,
    eventId: event,
    name: candidate.name ?? null,
    eligibilityReportId: candidate.report ?? null,
    replaced: replaced ?? null,
  };
}

export function statusStepLine({ candidate }: StatusStep): string {
  return `candidate ${shortId(candidate.id)} is ${candidate.status}`;
}
