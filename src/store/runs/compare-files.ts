/** Two versions of a file: what changed, and how, line by line, where both are text of a reasonable size. */
import { utf8Decode } from '../../core/bytes.ts';
import { isCodedError } from '../../core/errors.ts';
import type { ArtifactId, BlobId } from '../../core/ids.ts';
import { diffText, type TextDiff } from '../../core/text-diff.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { WorkspaceFiles } from '../../ports/workspace.ts';
import type { TableComparison } from '../tables/compare-tables.ts';

/** One side of a comparison. */
export type FileSide =
  | {
      readonly kind: 'file';
      /** undefined for a file of the workspace that is not in the store. */
      readonly artifact: ArtifactId | undefined;
      readonly sha256: BlobId;
      readonly size: number;
      readonly executable: boolean;
      /** Where it lies, for those who read it otherwise; its path where that is another one than the other side's. */
      readonly place:
        | { readonly kind: 'stored'; readonly object: StoredObject; readonly path?: string | undefined }
        | { readonly kind: 'directory'; readonly files: WorkspaceFiles; readonly path: string };
      /** The whole content. */
      readonly read: () => Promise<Uint8Array>;
    }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory' };

export interface FileDifference {
  readonly path: string;
  /** `described`: equal bytes, another artifact (type, key or schema version); `mode`: only the executable bit. */
  readonly change: 'added' | 'removed' | 'changed' | 'described' | 'mode';
  readonly before: FileSide | undefined;
  readonly after: FileSide | undefined;
  readonly text: TextDiff | undefined;
  /** Why there is no text difference of changed files. */
  readonly noText: 'binary' | 'large' | 'withdrawn' | undefined;
  /** Where both sides are tables that were compared as such. */
  readonly table?: TableComparison | undefined;
}

/** A file longer than this is told by its size and hash. */
const largestText = 1024 * 1024;

/** How many bytes of text one comparison reads in all, so that a huge difference ends as a list. */
export class TextBudget {
  #left = 64 * largestText;

  allows(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, 8192).includes(0)) return undefined;
  try {
    const text = utf8Decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined; // not UTF-8, which is all that text means here
  }
}

function changeOf(before: FileSide | undefined, after: FileSide | undefined): FileDifference['change'] | undefined {
  if (before === undefined) return after === undefined ? undefined : 'added';
  if (after === undefined) return 'removed';
  if (before.kind === 'file' && after.kind === 'file') {
    if (before.sha256 !== after.sha256) return 'changed';
    if (before.executable !== after.executable) return 'mode';
    return before.artifact === undefined || after.artifact === undefined || before.artifact === after.artifact
      ? undefined
      : 'described';
  }
  if (before.kind === 'link' && after.kind === 'link' && before.target === after.target) return undefined;
  return before.kind === 'directory' && after.kind === 'directory' ? undefined : 'changed';
}

async function contentOf(side: FileSide | undefined): Promise<Uint8Array> {
  if (side === undefined || side.kind === 'directory') return new Uint8Array(0);
  return side.kind === 'link' ? new TextEncoder().encode(side.target) : side.read();
}

/** The difference at one path; undefined when there is none. */
export async function compareSides(
  path: string,
  before: FileSide | undefined,
  after: FileSide | undefined,
  budget: TextBudget,
): Promise<FileDifference | undefined> {
  const change = changeOf(before, after);
  if (change === undefined) return undefined;
  const without = (noText: FileDifference['noText']): FileDifference => ({
    path,
    change,
    before,
    after,
    text: undefined,
    noText,
  });
  if (change === 'mode' || change === 'described') return without(undefined);
  const sizes = [before, after].map((side) => (side?.kind === 'file' ? side.size : 0));
  if (sizes.some((size) => size > largestText) || !budget.allows((sizes[0] as number) + (sizes[1] as number)))
    return without('large');
  let left: string | undefined;
  let right: string | undefined;
  try {
    left = textOf(await contentOf(before));
    right = textOf(await contentOf(after));
  } catch (error) {
    if (isCodedError(error, 'OBJECT_WITHDRAWN')) return without('withdrawn');
    throw error;
  }
  if (left === undefined || right === undefined) return without('binary');
  return { path, change, before, after, text: diffText(left, right), noText: undefined };
}
