/** The decision made again: from the facts that the report names and the policy that it names, the same report has to follow. */

import { utf8 } from '../../core/bytes.ts';
import { shortId } from '../../core/ids.ts';
import { parseFactsRecord, parsePolicyRecord } from '../../core/records/parse-record.ts';
import { reportBytes } from '../../core/records/report.ts';
import { readRecord } from '../objects/object-reader.ts';
import type { AuditContext, Standing } from './audit-context.ts';

export async function decisionFault(context: AuditContext, { report }: Standing): Promise<string[]> {
  if (report === undefined) return [];
  const { record, id } = report;
  const policy = await context.manifest.policy(record.policy);
  if (policy === undefined) return [`the policy ${shortId(record.policy)} of its report is not known`];
  const facts = parseFactsRecord(await readRecord(context, record.facts));
  // Loaded only here: deciding brings the evaluator of the policy language.
  const { decide } = await import('../../verify/policy/decide.ts');
  const { reportOf } = await import('../../verify/policy/report-of.ts');
  const decision = decide(parsePolicyRecord(utf8(policy.record)), facts);
  const again = reportOf(record.policy, record.facts, facts, decision);
  if (context.codec.sha256Hex(reportBytes(again)) === id) return [];
  const what = decision.passed === record.passed ? 'says something else' : decision.passed ? 'passes' : 'does not pass';
  return [`report ${shortId(id)}: the decision made again from its facts and policy ${what}`];
}
