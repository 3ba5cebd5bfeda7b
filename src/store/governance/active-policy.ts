/**
 * The policy that decides. A store in which nobody has activated one decides by `research-default`: the first evaluation
 * activates it, by an event like any other, so that every report names a policy of the log.
 */
import { utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { PolicyId } from '../../core/ids.ts';
import { type PolicyRecord, policyBytes } from '../../core/records/policy.ts';
import type { DocumentReader } from '../../ports/documents.ts';
import type { Fact, PolicyEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { policyFact } from '../log/governance-acts.ts';
import type { WriteSession } from '../objects/write-session.ts';

export const defaultPolicy = 'research-default';

export interface NamedPolicy {
  readonly id: PolicyId;
  readonly record: PolicyRecord;
}

type PolicyContext = StoreContext & { readonly documents: DocumentReader };

/** The record of a policy that the manifest holds, its bytes checked against its id. */
export async function policyOf(context: Pick<StoreContext, 'codec'>, entry: PolicyEntry): Promise<NamedPolicy> {
  const { parsePolicyRecord } = await import('../../core/records/parse-record.ts');
  if (context.codec.sha256Hex(entry.record) !== entry.id) {
    throw new CodedError('RECORD_INVALID', `the bytes of policy ${entry.id} do not match its id`, {
      hint: 'The manifest was changed. `cairn audit` says what else was; `cairn reindex` builds it again from the records.',
      data: { policy: entry.id },
    });
  }
  return { id: entry.id, record: parsePolicyRecord(utf8(entry.record)) };
}

/** undefined where nobody has activated one. */
export async function activePolicy(context: StoreContext): Promise<NamedPolicy | undefined> {
  const entry = await context.manifest.activePolicy();
  return entry === undefined ? undefined : policyOf(context, entry);
}

/** A policy that cairn brings along; undefined for another name. */
export async function builtInPolicy(context: PolicyContext, name: string): Promise<NamedPolicy | undefined> {
  const { builtInPolicies } = await import('../../core/policy-file/built-in-policies.ts');
  const text = builtInPolicies.get(name);
  return text === undefined ? undefined : readPolicy(context, text, name);
}

/** Reads the text of a policy file. Throws BAD_JSON with line and column. */
export async function readPolicy(context: PolicyContext, text: string, what: string): Promise<NamedPolicy> {
  const { builtInPolicies } = await import('../../core/policy-file/built-in-policies.ts');
  const { parsePolicy } = await import('../../core/policy-file/parse-policy.ts');
  const root = await context.documents.yaml(text, what);
  const below = new Map<string, Awaited<typeof root>>();
  // Only a file that extends another one pays for reading it.
  if (/^\s*["']?extends["']?\s*:/m.test(text)) {
    for (const [name, policy] of builtInPolicies) below.set(name, await context.documents.yaml(policy, name));
  }
  const record = parsePolicy(root, what, (name) => below.get(name));
  return { id: context.codec.sha256Hex(policyBytes(record)) as PolicyId, record };
}

/** The active policy, and the fact that activates the default one where there is none. */
export async function decidingPolicy(
  context: PolicyContext,
  session: WriteSession,
): Promise<NamedPolicy & { readonly activation: readonly Fact[] }> {
  const active = await activePolicy(context);
  if (active !== undefined) return { ...active, activation: [] };
  const policy = await builtInPolicy(context, defaultPolicy);
  if (policy === undefined) throw new CodedError('INTERNAL', `there is no built-in policy ${defaultPolicy}`);
  return { ...policy, activation: [policyFact(context, session, policy.record)] };
}
