/**
 * `audit`: the whole store against its own rules, each rule a check with a name. It fails closed: what cannot be checked is not
 * passed. Nothing is changed; a manifest is built again beside the store's own and thrown away.
 *
 *   schema        tables, triggers and views are those of the migrations
 *   index         the manifest is sound in itself
 *   log           the log is one chain, and the events of the manifest are its lines
 *   log-root      the Merkle root over the leaf hashes of the manifest is the one over the lines of the log
 *   records       the bytes of every record that the log names match its id
 *   record-texts  the texts of records that the manifest keeps match their ids
 *   tables        every row of the manifest is what the log and the records give
 *   authority     grants and keys are signed by an admin's key
 *   reports, events, decisions, approvals, evidence, lineage     what has to stand behind every candidate and accepted one
 *   names         accepted names and accepted candidates agree
 *   at-risk       a warning: what was promised has been withdrawn or failed since
 */
import { auditAuthority } from './audit-authority.ts';
import { auditCandidates, auditNames } from './audit-candidates.ts';
import type { AuditContext } from './audit-context.ts';
import { type AuditCheck, Findings, unchecked, verdict } from './audit-finding.ts';
import { auditLog, auditRoot } from './audit-log.ts';
import { auditRecords, auditStoredRecords, auditTexts } from './audit-records.ts';
import { auditTables } from './audit-tables.ts';

export type { AuditCheck, AuditContext };

export interface AuditResult {
  /** No check failed. Warnings are no failures. */
  readonly ok: boolean;
  readonly checks: readonly AuditCheck[];
}

async function listed(name: string, looked: string, problems: Promise<readonly string[]>): Promise<AuditCheck> {
  const findings = new Findings();
  for (const problem of await problems) findings.add('manifest', problem);
  return verdict(name, findings, looked);
}

async function checked(name: string, check: () => Promise<AuditCheck>): Promise<AuditCheck> {
  try {
    return await check();
  } catch (error) {
    return unchecked(name, error);
  }
}

const ofCandidates = ['reports', 'events', 'decisions', 'approvals', 'evidence', 'lineage', 'at-risk'];

async function candidatesChecked(context: AuditContext): Promise<AuditCheck[]> {
  try {
    return await auditCandidates(context);
  } catch (error) {
    return ofCandidates.map((name) => unchecked(name, error));
  }
}

/** Records are read where the rebuilt manifest, not the one under audit, says that they are. */
async function rebuiltChecked(context: AuditContext): Promise<AuditCheck[]> {
  let records: AuditCheck | undefined;
  const tables = await checked('tables', () =>
    auditTables(context, async (rebuilt) => {
      records = await checked('records', () => auditRecords(context, rebuilt));
    }),
  );
  records ??= await checked('records', () => auditStoredRecords(context));
  return [records, tables];
}

export async function auditStore(context: AuditContext): Promise<AuditResult> {
  const { manifest, progress } = context;
  // No gc and no reindex meanwhile; who writes is not kept waiting.
  const held = await context.lock.shared('audit');
  try {
    progress.begin('auditing');
    const checks = [
      await checked('schema', () =>
        listed('schema', 'tables, triggers and views are those of this version', manifest.schemaDifferences()),
      ),
      await checked('index', () =>
        listed('index', 'pages, references and numbers are sound', manifest.indexProblems()),
      ),
      await checked('log', () => auditLog(context)),
      await checked('log-root', () => auditRoot(context)),
      ...(await rebuiltChecked(context)),
      await checked('record-texts', () => auditTexts(context)),
      await checked('authority', () => auditAuthority(context)),
      ...(await candidatesChecked(context)),
      await checked('names', () => auditNames(context)),
    ];
    return { ok: checks.every(({ outcome }) => outcome !== 'fail'), checks };
  } finally {
    progress.end();
    await held.release();
  }
}
