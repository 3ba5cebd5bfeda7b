/**
 * Branches and tags: names for runs. Every change is one event, guarded by what the name stood for before, so two
 * processes cannot both move it.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { type RefName, type RunId, shortId } from '../../core/ids.ts';
import { branchRef, parseRefName, tagRef } from '../../core/names.ts';
import type { Page, PageRequest, RefLogEntry, RunEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { applyFacts, refFact, screenText } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { runEntry } from './head.ts';

export type RefKind = 'branch' | 'tag';

export interface NamedRun {
  readonly name: RefName;
  /** Without `heads/` or `tags/`. */
  readonly short: string;
  readonly run: RunEntry;
}

export interface RefChange {
  readonly name: RefName;
  readonly short: string;
  readonly from: RunId | undefined;
  readonly to: RunId | undefined;
}

const prefixes = { branch: 'heads/', tag: 'tags/' } as const;

function fullName(kind: RefKind, short: string): RefName {
  return kind === 'branch' ? branchRef(short) : tagRef(short);
}

/** The name people use: `main` for `heads/main`, `v1` for `tags/v1`, `accepted/x` as it is. */
export function shortRef(name: string): string {
  return name.replace(/^(heads|tags)\//, '');
}

/** All branches or tags, by name, with the runs they stand for. */
export async function listNamed(context: Pick<StoreContext, 'manifest'>, kind: RefKind): Promise<NamedRun[]> {
  const refs = await context.manifest.refs(prefixes[kind]);
  const runs = await context.manifest.runs(refs.map((ref) => ref.target));
  return refs.flatMap((ref, index) => {
    const run = runs[index];
    return run === undefined ? [] : [{ name: ref.name, short: shortRef(ref.name), run }];
  });
}

/** Makes a branch or tag at a run. Throws REF_EXISTS, BAD_REF_NAME. */
export async function createNamed(
  context: StoreContext,
  kind: RefKind,
  short: string,
  target: RunId,
  message?: string,
): Promise<RefChange> {
  const name = fullName(kind, short);
  if (message !== undefined) screenText(context, 'the message', message);
  await writing(context, kind, async (session) => {
    const existing = await context.manifest.ref(name);
    if (existing !== undefined) throw refExists(kind, short, existing);
    const run = await runEntry(context, target);
    if (run.retired) {
      throw new CodedError('STATUS_CONFLICT', `run ${shortId(target)} is retired: its bytes may be gone at any time`, {
        hint: 'Name a run that is kept.',
        data: { run: target },
      });
    }
    try {
      await applyFacts(context, session, [refFact(context, session, name, undefined, target, message)]);
    } catch (error) {
      const actual = isCodedError(error, 'REF_MOVED') ? await context.manifest.ref(name) : undefined;
      throw actual === undefined ? error : refExists(kind, short, actual);
    }
  });
  return { name, short, from: undefined, to: target };
}

function refExists(kind: RefKind, short: string, target: RunId): CodedError {
  return new CodedError('REF_EXISTS', `the ${kind} ${short} exists already, at run ${shortId(target)}`, {
    hint: `Choose another name, or delete it first: \`cairn ${kind} -d ${short}\`.`,
    data: { name: short, target },
  });
}

/** Deletes a branch or tag; `current` is the ref that the workspace is on. Throws REF_NOT_FOUND, BRANCH_IN_USE. */
export async function deleteNamed(
  context: StoreContext,
  kind: RefKind,
  short: string,
  current: string | undefined,
  message?: string,
): Promise<RefChange> {
  const name = fullName(kind, short);
  if (message !== undefined) screenText(context, 'the message', message);
  if (name === current) {
    throw new CodedError('BRANCH_IN_USE', `${short} is the current branch`, {
      hint: 'Switch to another one first: `cairn switch <branch>`.',
      data: { name: short },
    });
  }
  return writing(context, kind, async (session) => {
    const from = await context.manifest.ref(name);
    if (from === undefined) {
      throw new CodedError('REF_NOT_FOUND', `there is no ${kind} ${JSON.stringify(short)}`, {
        hint: `\`cairn ${kind}\` lists them.`,
        data: { name: short },
      });
    }
    await applyFacts(context, session, [refFact(context, session, name, from, undefined, message)]);
    return { name, short, from, to: undefined };
  });
}

/** Changes of one ref or of all, newest first. A deleted ref keeps its history. */
export async function refHistory(
  context: Pick<StoreContext, 'manifest'>,
  text: string | undefined,
  page: PageRequest,
): Promise<Page<RefLogEntry>> {
  if (text === undefined) return context.manifest.refLog(undefined, page);
  const isFull = /^(heads|tags|accepted)\//.test(text);
  const names = isFull ? [parseRefName(text)] : [branchRef(text), tagRef(text)];
  for (const name of names) {
    const found = await context.manifest.refLog(name, page);
    if (found.rows.length > 0) return found;
  }
  throw new CodedError('REF_NOT_FOUND', `no ref ${JSON.stringify(text)} was ever made`, {
    hint: '`cairn reflog` shows the changes of all refs.',
    data: { name: text },
  });
}
