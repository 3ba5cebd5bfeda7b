/**
 * Declared inputs: `[<relation>=]<rev or path>`. A path of the workspace stands for the artifact that the tip of the branch
 * has there; what is not in the store yet cannot be an input.
 */

import { datasetOfArtifacts } from '../../core/dataset-id.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { RunInput } from '../../core/records/run.ts';
import type { DatasetIdentity } from '../../core/run-key.ts';
import type { StoreContext } from '../context.ts';
import { type RevisionContext, resolveArtifact, resolveRevision } from './revision.ts';

const relationPattern =
  /^(derived_from|uses_null|uses_folds|uses_transforms|uses_config|[a-z0-9_-]+(?:\.[a-z0-9_-]+)+)=(.+)$/s;

/** Splits `[<relation>=]<rev or path>`. A text before `=` that is no relation belongs to the path. */
export function parseInput(text: string): { relation: string; rev: string } {
  const match = relationPattern.exec(text);
  if (match === null) return { relation: 'derived_from', rev: text };
  return { relation: match[1] as string, rev: match[2] as string };
}

async function resolveOne(context: RevisionContext, text: string, toPath: (text: string) => string): Promise<RunInput> {
  const { relation, rev } = parseInput(text);
  let found: Awaited<ReturnType<typeof resolveRevision>> | undefined;
  if (!rev.includes(':') && context.state !== undefined) {
    try {
      found = await resolveRevision(context, `HEAD:${toPath(rev)}`);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      // Not a path of the tip; then it must be a revision, whose own error is the one to show.
    }
  }
  if (found === undefined || found.kind !== 'artifact') {
    try {
      found = await resolveRevision(context, rev);
      if (found.kind === 'blob') found = { kind: 'artifact', id: await resolveArtifact(context, rev) };
    } catch (error) {
      if (!isCodedError(error, 'REV_NOT_FOUND')) throw error;
      throw new CodedError(
        'REV_NOT_FOUND',
        `--input ${text}: neither an artifact of the store nor a path of the current run`,
        {
          hint: 'Add and commit the input first, or name it by its id.',
          data: { input: text },
          cause: error,
        },
      );
    }
  }
  if (found.kind !== 'artifact') {
    throw new CodedError('BAD_ARGUMENT', `--input ${text} names a ${found.kind}, and an input is an artifact`, {
      hint: 'Name a file: <run>:<path> or an artifact id.',
      data: { input: text },
    });
  }
  const artifact = found.id as ArtifactId;
  const [latest] = await context.manifest.productions(artifact, 1);
  const run = latest?.run;
  return {
    artifact,
    relation,
    ...(found.path === undefined ? {} : { path: found.path }),
    ...(run === undefined ? {} : { run }),
  };
}

/** `toPath` turns what a user typed into a workspace path. Equal inputs are taken once. */
export async function resolveInputs(
  context: RevisionContext,
  texts: readonly string[],
  toPath: (text: string) => string,
): Promise<RunInput[]> {
  const inputs = new Map<string, RunInput>();
  for (const text of texts) {
    const input = await resolveOne(context, text, toPath);
    inputs.set(`${input.artifact} ${input.relation}`, input);
  }
  return [...inputs.values()];
}

/** The default datasets of a run: one over all its declared inputs, or none. */
export async function datasetsOf(
  context: Pick<StoreContext, 'manifest'>,
  inputs: readonly RunInput[],
): Promise<DatasetIdentity[]> {
  if (inputs.length === 0) return [];
  const ids = [...new Set(inputs.map((input) => input.artifact))];
  const artifacts = await context.manifest.artifacts(ids);
  const entries = artifacts.map((artifact, index) => {
    if (artifact === undefined) throw new CodedError('REV_NOT_FOUND', `the store has no artifact ${ids[index]}`);
    const { type, schemaVersion, logicalKey, blob } = artifact;
    return { type, schemaVersion, logicalKey, algorithm: 'file' as const, sha256: blob };
  });
  return [datasetOfArtifacts(entries)];
}
