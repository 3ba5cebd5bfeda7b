/** Policies as people handle them: listed, shown, checked, made the active one, and tried on evidence without writing anything. */
import { canonicalize } from '../../core/canonical-json.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { CandidateId, PolicyId } from '../../core/ids.ts';
import type { FactsRecord } from '../../core/records/facts.ts';
import type { PolicyRecord } from '../../core/records/policy.ts';
import type { Level } from '../../core/records/report.ts';
import type { Timestamp } from '../../core/time.ts';
import type { PolicyEntry } from '../../ports/manifest.ts';
import type { Decision } from '../../verify/policy/decision.ts';
import type { PolicyFault } from '../../verify/policy/policy-faults.ts';
import { actorIdOf, applyFacts } from '../log/governance.ts';
import { policyFact } from '../log/governance-acts.ts';
import { writing } from '../objects/write-session.ts';
import { resolveRevision } from '../runs/revision.ts';
import { builtInPolicy, defaultPolicy, type NamedPolicy, policyOf, readPolicy } from './active-policy.ts';
import { candidateEntry } from './candidate-entry.ts';
import { type ClaimRequest, makeClaim } from './claim.ts';
import type { GovernanceContext } from './context.ts';
import { gatherFacts, type NamedWaiver } from './gather-facts.ts';

export type { NamedPolicy };

export interface ListedPolicy {
  readonly id: PolicyId;
  readonly name: string;
  readonly version: string;
  readonly active: boolean;
  /** Its newest activation; undefined for one that cairn brings along and nobody has activated. */
  readonly activatedAt: Timestamp | undefined;
}

/** Those that were ever active, newest activation first, then those that cairn brings along. */
export async function listPolicies(context: GovernanceContext): Promise<ListedPolicy[]> {
  const entries = await context.manifest.policies();
  const known: ListedPolicy[] = entries.map(({ id, name, version, active, activatedAt }) => {
    return { id, name, version, active, activatedAt };
  });
  const { builtInPolicies } = await import('../../core/policy-file/built-in-policies.ts');
  for (const name of builtInPolicies.keys()) {
    const policy = await builtInPolicy(context, name);
    if (policy === undefined || known.some(({ id }) => id === policy.id)) continue;
    // Where nothing was activated the default decides.
    const active = entries.length === 0 && name === defaultPolicy;
    known.push({ id: policy.id, name, version: String(policy.record.version), active, activatedAt: undefined });
  }
  return known;
}

export interface ShownPolicy extends NamedPolicy {
  readonly active: boolean;
  readonly activatedAt: Timestamp | undefined;
}

/** By its name (the newest activation of it, else the built-in one) or id; the active one when left out. */
export async function showPolicy(context: GovernanceContext, name: string | undefined): Promise<ShownPolicy> {
  const entries = await context.manifest.policies();
  const shown = async (entry: PolicyEntry): Promise<ShownPolicy> => {
    const { active, activatedAt } = entry;
    return { ...(await policyOf(context, entry)), active, activatedAt };
  };
  const wanted = name ?? entries.find(({ active }) => active)?.name ?? defaultPolicy;
  const named = entries.find((entry) => (name === undefined ? entry.active : entry.name === wanted));
  if (named !== undefined) return shown(named);
  const builtIn = await builtInPolicy(context, wanted);
  if (builtIn !== undefined) {
    return { ...builtIn, active: entries.length === 0 && wanted === defaultPolicy, activatedAt: undefined };
  }
  const found = await resolvePolicy(context, wanted);
  if (found !== undefined) return shown(found);
  throw new CodedError('REV_NOT_FOUND', `there is no policy ${JSON.stringify(wanted.slice(0, 80))}`, {
    hint: '`cairn policy list` lists them.',
    data: { policy: wanted.slice(0, 80) },
  });
}

async function resolvePolicy(context: GovernanceContext, rev: string): Promise<PolicyEntry | undefined> {
  try {
    const { kind, id } = await resolveRevision(context, rev);
    return kind === 'policy' ? await context.manifest.policy(id as PolicyId) : undefined;
  } catch (error) {
    if (isCodedError(error, 'REV_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** A policy that somebody names: the text of a file, or undefined where `name` is none and may be a built-in policy. */
export async function namedPolicy(
  context: GovernanceContext,
  name: string,
  text: string | undefined,
): Promise<NamedPolicy> {
  if (text !== undefined) return readPolicy(context, text, name);
  const builtIn = await builtInPolicy(context, name);
  if (builtIn !== undefined) return builtIn;
  throw new CodedError('PATH_NOT_FOUND', `${name} is neither a file nor a policy that cairn brings along`, {
    hint: '`cairn policy list` lists those.',
    data: { path: name },
  });
}

export interface CheckedPolicy extends NamedPolicy {
  /** Expressions and messages that cannot be used. */
  readonly faults: readonly PolicyFault[];
}

export async function checkPolicy(policy: NamedPolicy): Promise<CheckedPolicy> {
  const { policyFaults } = await import('../../verify/policy/policy-faults.ts');
  return { ...policy, faults: policyFaults(policy.record) };
}

export interface ActivatedPolicy extends NamedPolicy {
  /** False when it was the active one already. */
  readonly changed: boolean;
}

/** Throws POLICY_INVALID for one that cannot decide, NOT_PERMITTED for whoever is no admin. */
export async function activatePolicy(context: GovernanceContext, policy: NamedPolicy): Promise<ActivatedPolicy> {
  const { faults } = await checkPolicy(policy);
  const [fault] = faults;
  if (fault !== undefined) {
    throw new CodedError('POLICY_INVALID', `${policy.record.name}: ${fault.check}, ${fault.part}: ${fault.why}`, {
      hint: '`cairn policy check <file>` lists all that is wrong.',
      data: { policy: policy.record.name, faults },
    });
  }
  const me = await context.manifest.actor(actorIdOf(context.author));
  if (me?.roles.includes('admin') !== true) {
    throw new CodedError(
      'NOT_PERMITTED',
      `${context.author.name} is no admin here, and only admins activate policies`,
      {
        hint: '`cairn actor list` shows who is one; an admin grants the role with `cairn actor grant`.',
        data: { role: 'admin' },
      },
    );
  }
  return writing(context, 'policy activate', async (session) => {
    const active = await context.manifest.activePolicy();
    if (active?.id === policy.id) return { ...policy, changed: false };
    await applyFacts(context, session, [policyFact(context, session, policy.record)]);
    return { ...policy, changed: true };
  });
}

export interface PolicyTest {
  readonly level: Level;
  readonly policy: NamedPolicy;
  readonly decision: Decision;
  readonly facts: FactsRecord;
}

export interface TestRequest {
  readonly level: Level;
  /** A candidate that there is, or a claim that nobody has made. */
  readonly subject: { readonly candidate: string } | { readonly claim: ClaimRequest };
  readonly waivers?: readonly NamedWaiver[] | undefined;
}

async function testSubject(context: GovernanceContext, subject: TestRequest['subject'], policy: PolicyRecord) {
  if ('candidate' in subject) return candidateEntry(context, subject.candidate);
  const { record } = await makeClaim(context, subject.claim, policy);
  const id = context.codec.sha256Hex(canonicalize(record)) as CandidateId;
  return { id, record, creator: actorIdOf(context.author) };
}

/** What the policy says, with every value that it read. Nothing is written. */
export async function testPolicy(
  context: GovernanceContext,
  policy: NamedPolicy,
  { level, subject, waivers = [] }: TestRequest,
): Promise<PolicyTest> {
  const candidate = await testSubject(context, subject, policy.record);
  const facts = await gatherFacts(context, { candidate, level, policy: policy.record, waivers });
  const { decide } = await import('../../verify/policy/decide.ts');
  return { level, policy, facts, decision: decide(policy.record, facts) };
}
