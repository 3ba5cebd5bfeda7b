/**
 * Declared inputs: `[<relation>=]<rev or path>`. A path of the workspace stands for the artifact that the tip of the branch
 * has there, a directory for all that it has below; what is not in the store yet cannot be an input.
 */

import { datasetOfArtifacts } from '../../core/dataset-id.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ArtifactId, TreeId } from '../../core/ids.ts';
import type { RunInput } from '../../core/records/run.ts';
import type { DatasetIdentity } from '../../core/run-key.ts';
import type { StoreContext } from '../context.ts';
import { type Resolved, type RevisionContext, resolveArtifact, resolveRevision } from './revision.ts';
import { TreeReader } from './trees.ts';

/** Files of one directory that may be inputs: a record names each of them. */
const largestDirectory = 100_000;

const relationPattern =
  /^(derived_from|uses_null|uses_folds|uses_transforms|uses_config|[a-z0-9_-]+(?:\.[a-z0-9_-]+)+)=(.+)$/s;

/** Splits `[<relation>=]<rev or path>`. A text before `=` that is no relation belongs to the path. */
export function parseInput(text: string): { relation: string; rev: string } {
  const match = relationPattern.exec(text);
  if (match === null) return { relation: 'derived_from', rev: text };
  return { relation: match[1] as string, rev: match[2] as string };
}

interface FoundInputs {
  readonly inputs: readonly RunInput[];
  /** The directory of the workspace that was named as a whole. */
  readonly directory?: string;
}

async function inputOf(
  context: RevisionContext,
  artifact: ArtifactId,
  relation: string,
  path: string | undefined,
): Promise<RunInput> {
  const [latest] = await context.manifest.productions(artifact, 1);
  return {
    artifact,
    relation,
    ...(path === undefined ? {} : { path }),
    ...(latest === undefined ? {} : { run: latest.run }),
  };
}

/** Every file of a directory, by path. */
async function inputsBelow(
  context: RevisionContext,
  text: string,
  { id, path = '' }: Resolved,
  relation: string,
): Promise<RunInput[]> {
  const below = path === '' ? '' : `${path}/`;
  const refuse = (what: string, hint: string): CodedError =>
    new CodedError('BAD_ARGUMENT', `--input ${text}: ${what}`, { hint, data: { input: text, path } });
  const inputs: RunInput[] = [];
  for (const [name, leaf] of await new TreeReader(context).leaves(id as TreeId)) {
    const at = `${below}${name}`;
    if (leaf.kind === 'link')
      throw refuse(
        `${at} is a symbolic link, and an input is a file`,
        'Name the files of the directory one by one, without the link.',
      );
    if (leaf.kind === 'directory') continue;
    if (inputs.length === largestDirectory)
      throw refuse(
        `the directory ${path} has more than ${largestDirectory} files`,
        'Pack them into fewer files, or name the directories below it that the run reads.',
      );
    inputs.push(await inputOf(context, leaf.artifact, relation, at));
  }
  if (inputs.length > 0) return inputs;
  throw refuse(
    path === '' ? 'there is no file' : `the directory ${path} has no file`,
    'Name a directory with committed files, or leave it out.',
  );
}

async function resolveOne(
  context: RevisionContext,
  text: string,
  toPath: (text: string) => string,
): Promise<FoundInputs> {
  const { relation, rev } = parseInput(text);
  let found: Resolved | undefined;
  let inWorkspace = false;
  if (!rev.includes(':') && context.state !== undefined) {
    try {
      found = await resolveRevision(context, `HEAD:${toPath(rev) || '.'}`);
      inWorkspace = true;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      // Not a path of the tip; then it must be a revision, whose own error is the one to show.
    }
  }
  if (found === undefined || (found.kind !== 'artifact' && found.kind !== 'tree')) {
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
  if (found.kind === 'tree') {
    const inputs = await inputsBelow(context, text, found, relation);
    return inWorkspace ? { inputs, directory: found.path ?? '' } : { inputs };
  }
  if (found.kind !== 'artifact') {
    throw new CodedError('BAD_ARGUMENT', `--input ${text} names a ${found.kind}, and an input is a file or directory`, {
      hint: 'Name a file or directory of the workspace, <run>:<path> or an artifact id.',
      data: { input: text },
    });
  }
  return { inputs: [await inputOf(context, found.id as ArtifactId, relation, found.path)] };
}

/** Equal inputs once: an input that is named without its path is the one that is named with it. */
export function distinctInputs(inputs: readonly RunInput[]): RunInput[] {
  const keyOf = ({ artifact, relation }: RunInput): string => `${artifact} ${relation}`;
  const placed = new Set(inputs.filter(({ path }) => path !== undefined).map(keyOf));
  const distinct = new Map<string, RunInput>();
  for (const input of inputs) {
    const { path } = input;
    if (path === undefined && placed.has(keyOf(input))) continue;
    distinct.set(`${keyOf(input)} ${path ?? ''}`, input);
  }
  return [...distinct.values()];
}

/** What inputs mean, with the directories of the workspace that were named as a whole. */
export async function resolveWithDirectories(
  context: RevisionContext,
  texts: readonly string[],
  toPath: (text: string) => string,
): Promise<{ readonly inputs: readonly RunInput[]; readonly directories: readonly string[] }> {
  const found: FoundInputs[] = [];
  for (const text of texts) found.push(await resolveOne(context, text, toPath));
  return {
    inputs: found.flatMap(({ inputs }) => inputs),
    directories: found.flatMap(({ directory }) => (directory === undefined ? [] : [directory])),
  };
}

/** `toPath` turns what a user typed into a workspace path. A directory stands for every file below it. */
export async function resolveInputs(
  context: RevisionContext,
  texts: readonly string[],
  toPath: (text: string) => string,
): Promise<RunInput[]> {
  return distinctInputs((await resolveWithDirectories(context, texts, toPath)).inputs);
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
