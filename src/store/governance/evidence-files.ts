/**
 * Evidence as files of the store: found by role, read in full and verified, and placed: did the candidate's run produce it,
 * or does it stand in the run's ancestry? What cannot be read is told, not thrown: it is for the policy to block on.
 */

import { compareUtf8 } from '../../core/bytes.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import {
  type EvidenceContent,
  type EvidenceFormat,
  evidenceFormat,
  evidenceRoles,
  isEvidenceRole,
} from '../../core/evidence/evidence.ts';
import { type ArtifactId, type RunId, shortId } from '../../core/ids.ts';
import { normalizePath } from '../../core/names.ts';
import type { EvidenceItem } from '../../core/records/candidate.ts';
import type { Ancestry, ArtifactEntry, StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { readStored, verifyStored } from '../objects/object-reader.ts';
import { runEntry } from '../runs/head.ts';
import { readableBlob } from '../runs/read-content.ts';
import { type RevisionContext, resolveArtifact } from '../runs/revision.ts';
import { TreeReader } from '../runs/trees.ts';

/** `<role>=<rev or path in the run>` as it was typed. */
export interface NamedEvidence {
  readonly role: string;
  readonly rev: string;
}

/** One file of evidence, read. */
export interface EvidenceFile {
  readonly role: string;
  readonly artifact: ArtifactEntry;
  readonly format: EvidenceFormat;
  readonly content: EvidenceContent;
}

const rolePattern = /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*$/;
/** The table whose times a split plan is held against, where the run has several (fold-facts.ts). */
export const datasetRole = 'dataset';

/** Splits `<role>=<rev or path>`; throws BAD_ARGUMENT. */
export function parseNamedEvidence(text: string): NamedEvidence {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { role: text.slice(0, at), rev: text.slice(at + 1) };
  throw new CodedError('BAD_ARGUMENT', `not <role>=<file>: ${JSON.stringify(text.slice(0, 80))}`, {
    hint: `Such as validation_bundle=reports/bundle.json. Roles: ${evidenceRoles.join(', ')}.`,
    data: { value: text.slice(0, 80) },
  });
}

/** `known` are roles that a policy asks for besides. A role with a dot in it is the user's own. */
export function checkRole(role: string, known: ReadonlySet<string>): void {
  const own = role.includes('.');
  if (rolePattern.test(role) && (own || isEvidenceRole(role) || role === datasetRole || known.has(role))) return;
  const roles = [...new Set([...evidenceRoles, datasetRole, ...known])];
  throw new CodedError('BAD_ARGUMENT', `there is no evidence role ${JSON.stringify(role.slice(0, 80))}`, {
    hint: `The roles are ${roles.join(', ')}; a role of your own has a dot in it, such as desk.review.`,
    data: { role: role.slice(0, 80), roles },
  });
}

/** The artifact behind what was typed: a path of the run's outputs, then of its whole tree, then any revision. */
export async function evidenceArtifact(context: RevisionContext, run: RunId, rev: string): Promise<ArtifactId> {
  const { outputs, tree } = await runEntry(context, run);
  if (!rev.includes(':')) {
    const reader = new TreeReader(context);
    for (const root of [outputs, tree]) {
      const entry = await reader.lookup(root, pathOf(rev));
      if (entry !== undefined && 'artifact' in entry) return entry.artifact;
    }
  }
  try {
    return await resolveArtifact(context, rev);
  } catch (error) {
    if (!isCodedError(error, 'REV_NOT_FOUND')) throw error;
    throw new CodedError(
      'REV_NOT_FOUND',
      `${JSON.stringify(rev)} is neither a file of run ${shortId(run)} nor an artifact of the store`,
      {
        hint: `\`cairn ls ${shortId(run)}\` lists the files of the run.`,
        data: { rev, run },
        cause: error,
      },
    );
  }
}

/** The text as a path, or as it stands where it cannot be one. */
function pathOf(text: string): string {
  try {
    return normalizePath(text);
  } catch (error) {
    if (!isCodedError(error, 'BAD_PATH')) throw error;
    return text;
  }
}

/** Files of a run whose type or name is a role's, for when nothing was named. */
export async function guessEvidence(context: StoreContext, run: RunId): Promise<EvidenceItem[]> {
  const productions = await context.manifest.outputs(run);
  const artifacts = await context.manifest.artifacts(productions.map(({ artifact }) => artifact));
  const found = new Map<string, Map<ArtifactId, string>>();
  for (const [index, { path, artifact }] of productions.entries()) {
    const stem = (path.split('/').at(-1) ?? '').replace(/\.[^.]*$/, '');
    const role = [artifacts[index]?.type ?? '', stem].find(isEvidenceRole);
    if (role === undefined || artifacts[index]?.status === 'tombstoned') continue;
    const files = found.get(role) ?? new Map<ArtifactId, string>();
    found.set(role, files.set(artifact, path));
  }
  return Array.from(found, ([role, files]) => {
    const [one, ...others] = files.keys();
    if (one !== undefined && others.length === 0) return { role, artifact: one };
    const paths = [...files.values()].slice(0, 4);
    throw new CodedError('BAD_ARGUMENT', `run ${shortId(run)} has ${files.size} files that may be its ${role}`, {
      hint: `Name one: ${paths.map((path) => `--evidence ${role}=${path}`).join(', or ')}.`,
      data: { run, role, paths },
    });
  });
}

/** Each item once, by role, then artifact: the order in which records hold them. */
export function sortEvidence(items: readonly EvidenceItem[]): EvidenceItem[] {
  const distinct = new Map(items.map((item) => [`${item.role} ${item.artifact}`, item]));
  return [...distinct.values()].sort(
    (left, right) => compareUtf8(left.role, right.role) || compareUtf8(left.artifact, right.artifact),
  );
}

async function contentOf(
  context: StoreContext,
  role: string,
  format: EvidenceFormat,
  object: StoredObject,
): Promise<EvidenceContent> {
  const { evidenceSizeLimit, readEvidence } = await import('../../core/evidence/read-evidence.ts');
  if (format === 'opaque') {
    await verifyStored(context, object);
    return readEvidence(role, new Uint8Array(0), format);
  }
  if (object.size > evidenceSizeLimit) return { error: `${role}: more than ${evidenceSizeLimit} bytes` };
  return readEvidence(role, await readStored(context, object), format);
}

/**
 * One file of evidence, every byte verified. A withdrawn or damaged file is an error in the content; only what is no fault of
 * the file throws.
 */
export async function readEvidenceFile(context: StoreContext, { role, artifact }: EvidenceItem): Promise<EvidenceFile> {
  const entry = await artifactEntry(context, artifact);
  const format = evidenceFormat(role, entry.logicalKey);
  try {
    const object = await readableBlob(context, artifact);
    return { role, artifact: entry, format, content: await contentOf(context, role, format, object) };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { role, artifact: entry, format, content: { error: `${role}: ${error.message}` } };
  }
}

/** Where pieces of evidence stand, in their order. */
export async function placesOf(
  context: StoreContext,
  run: RunId,
  artifacts: readonly ArtifactId[],
): Promise<Ancestry['artifacts']> {
  return (await context.manifest.ancestry({ run, artifacts })).artifacts;
}

export const inAncestry = (place: Ancestry['artifacts'][number] | undefined): boolean =>
  place?.producedBy !== undefined || place?.usedBy !== undefined;
