/**
 * A claim as its record: which run, which signal, which evidence. Making it writes nothing, so that a policy can be tried on a
 * claim that nobody has made yet.
 */

import { CodedError } from '../../core/errors.ts';
import { type RunId, shortId } from '../../core/ids.ts';
import { isLosslessObject } from '../../core/lossless-value.ts';
import type { CandidateRecord, EvidenceItem } from '../../core/records/candidate.ts';
import type { PolicyRecord } from '../../core/records/policy.ts';
import type { Ancestry } from '../../ports/manifest.ts';
import { screenText } from '../log/governance.ts';
import { runEntry } from '../runs/head.ts';
import { type RevisionContext, resolveRun } from '../runs/revision.ts';
import {
  checkRole,
  type EvidenceFile,
  evidenceArtifact,
  guessEvidence,
  inAncestry,
  type NamedEvidence,
  placesOf,
  readEvidenceFile,
  sortEvidence,
} from './evidence-files.ts';

export interface ClaimRequest {
  /** A revision of the run. */
  readonly run: string;
  readonly signal: string;
  /** In bars, from 1. */
  readonly horizon: number;
  readonly estimator?: string | undefined;
  readonly family?: string | undefined;
  /** The dataset that is claimed, where the run says none or several. */
  readonly dataset?: string | undefined;
  /** Left out: what the run has under the type or name of a role. */
  readonly evidence?: readonly NamedEvidence[] | undefined;
  readonly notes?: string | undefined;
}

export interface ClaimedEvidence {
  readonly file: EvidenceFile;
  readonly place: Ancestry['artifacts'][number];
}

export interface Claim {
  readonly record: Omit<CandidateRecord, 'notes'>;
  /** In the order of the record. */
  readonly evidence: readonly ClaimedEvidence[];
  /** Evidence was found by its type or name. */
  readonly guessed: boolean;
  /** What will block, as far as it is seen already. */
  readonly warnings: readonly string[];
}

const textLimit = 4096;

function checkText(context: RevisionContext, flag: string, text: string | undefined): void {
  if (text === undefined) return;
  const why =
    text.trim() === ''
      ? 'it is empty'
      : !text.isWellFormed()
        ? 'it holds a lone surrogate'
        : text.length > textLimit
          ? `more than ${textLimit} characters`
          : undefined;
  if (why !== undefined) throw new CodedError('BAD_ARGUMENT', `${flag}: ${why}`, { data: { argument: flag } });
  screenText(context, flag, text);
}

async function chosenEvidence(
  context: RevisionContext,
  run: RunId,
  named: readonly NamedEvidence[] | undefined,
  policy: PolicyRecord | undefined,
): Promise<EvidenceItem[]> {
  if (named === undefined || named.length === 0) return sortEvidence(await guessEvidence(context, run));
  const known = new Set<string>();
  for (const level of Object.values(policy?.levels ?? {})) for (const role of level.evidence) known.add(role);
  for (const { role } of policy?.checks ?? []) if (role !== undefined) known.add(role);
  const items: EvidenceItem[] = [];
  for (const { role, rev } of named) {
    checkRole(role, known);
    items.push({ role, artifact: await evidenceArtifact(context, run, rev) });
  }
  return sortEvidence(items);
}

/** Throws EVIDENCE_INVALID for a file that cannot be read or is not what its role's schema says. */
function refuseInvalid({ role, artifact, content }: EvidenceFile): void {
  const name = `${role} (${artifact.logicalKey})`;
  const [fault, ...others] = 'error' in content ? [] : content.faults;
  if (!('error' in content) && fault === undefined) return;
  const why =
    'error' in content
      ? `cannot be read: ${content.error}`
      : `${fault?.path} ${fault?.why}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
  throw new CodedError('EVIDENCE_INVALID', `${name}: ${why}`, {
    hint: `\`cairn schema evidence.${role}\` prints what the file may hold; docs/guides/evidence.md has an example.`,
    data: { role, artifact: artifact.id, ...('error' in content ? {} : { faults: content.faults }) },
  });
}

function warningsOf({ file: { role, artifact }, place }: ClaimedEvidence, run: RunId): string[] {
  const name = `${role} (${artifact.logicalKey})`;
  const warnings: string[] = [];
  if (!inAncestry(place)) {
    warnings.push(
      `${name} was not produced by run ${shortId(run)} and is not in its ancestry: it will block candidate and accepted`,
    );
  }
  if (artifact.status === 'superseded') warnings.push(`${name} is superseded by another artifact: it will block`);
  return warnings;
}

/** What the validation bundle says of its data, where it says so. */
function datasetOfBundle(evidence: readonly ClaimedEvidence[]): string | undefined {
  const content = evidence.find(({ file }) => file.role === 'validation_bundle')?.file.content;
  if (content === undefined || !('value' in content) || !isLosslessObject(content.value)) return undefined;
  const { dataset_id: own, meta } = content.value;
  const claimed = isLosslessObject(meta) ? (meta['dataset_id_v2'] ?? own) : own;
  return typeof claimed === 'string' && claimed.trim() !== '' ? claimed : undefined;
}

/** `policy` says which roles there are besides the usual ones. */
export async function makeClaim(
  context: RevisionContext,
  request: ClaimRequest,
  policy: PolicyRecord | undefined,
): Promise<Claim> {
  const { signal, horizon, estimator, family, dataset } = request;
  checkText(context, '--signal', signal);
  checkText(context, '--estimator', estimator);
  checkText(context, '--family', family);
  checkText(context, '--dataset', dataset);
  if (!Number.isSafeInteger(horizon) || horizon < 1) {
    throw new CodedError('BAD_ARGUMENT', '--horizon: not a whole number from 1', { data: { argument: '--horizon' } });
  }
  const run = await resolveRun(context, request.run);
  const entry = await runEntry(context, run);
  const items = await chosenEvidence(context, run, request.evidence, policy);
  const places = await placesOf(
    context,
    run,
    items.map(({ artifact }) => artifact),
  );
  const evidence: ClaimedEvidence[] = [];
  for (const [index, item] of items.entries()) {
    const file = await readEvidenceFile(context, item);
    refuseInvalid(file);
    evidence.push({ file, place: places[index] ?? { producedBy: undefined, usedBy: undefined } });
  }
  const ofRun = dataset ?? entry.datasetIdV2;
  const datasetId = ofRun ?? datasetOfBundle(evidence);
  if (datasetId === undefined) {
    throw new CodedError(
      'BAD_ARGUMENT',
      `neither run ${shortId(run)} nor a validation bundle says which dataset it is`,
      {
        hint: "Declare the run's inputs (`cairn commit --input …`), or say which it is: --dataset <id>.",
        data: { run },
      },
    );
  }
  return {
    record: {
      schema: 'cairn.candidate/1',
      run,
      signalName: signal,
      horizon,
      ...(estimator === undefined ? {} : { estimator }),
      ...(family === undefined ? {} : { familyId: family }),
      datasetId,
      configHash: entry.configHash,
      evidence: items,
    },
    evidence,
    guessed: request.evidence === undefined || request.evidence.length === 0,
    warnings: [
      ...(ofRun === undefined
        ? [`run ${shortId(run)} names no dataset; the claim is about the bundle's: it will block`]
        : []),
      ...(entry.status === 'failed' ? [`run ${shortId(run)} ended as failed: it will block`] : []),
      ...evidence.flatMap((one) => warningsOf(one, run)),
    ],
  };
}
