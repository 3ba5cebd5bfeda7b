/**
 * Names of tree entries, relative paths, and refs: what may be called what, so that a tree made anywhere can be checked
 * out anywhere and a name can never be taken for an id or for a way out of the workspace.
 *
 * Names arrive from other people's trees and are hostile until parsed here.
 */
import { CodedError } from './errors.ts';
import { isIdPrefix, type RefName } from './ids.ts';

function badPath(text: string, why: string): CodedError {
  const shown = text.toWellFormed().slice(0, 200);
  return new CodedError('BAD_PATH', `not allowed as a name: ${JSON.stringify(shown)} (${why})`, {
    data: { value: shown },
  });
}

/** Names that need no closer look, which are nearly all. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
/** Code points that HFS+ ignores in names, so that `.g\u200cit` is `.git` there. */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** True for what some file system takes for `.git` or `.cairn`: any case, HFS+ ignorables, NTFS endings and short names. */
function isReserved(name: string): boolean {
  const folded = name.replace(ignoredByHfs, '').toLowerCase();
  return /^(?:\.git|\.cairn|git~1|cairn~1)[ .]*(?:$|[:\\])/.test(folded);
}

/**
 * A name of a tree entry, as git allows them: not empty, `.` or `..`; no `/`, NUL or lone surrogate; nothing that is
 * `.git` or `.cairn` on any file system. Returns it; throws BAD_PATH.
 */
export function entryName(name: string): string {
  if (plainName.test(name)) return name;
  if (name === '') throw badPath(name, 'it is empty');
  if (name === '.' || name === '..') throw badPath(name, 'it is a step, not a name');
  if (name.includes('/')) throw badPath(name, 'it holds a "/"');
  if (name.includes('\0')) throw badPath(name, 'it holds a NUL');
  if (!name.isWellFormed()) throw badPath(name, 'it is not valid Unicode');
  if (isReserved(name)) throw badPath(name, 'it is the directory of git or cairn on some file system');
  return name;
}

/**
 * The names along a relative path with `/`; empty for `.`. Empty and `.` steps are dropped. Throws BAD_PATH for an empty
 * or absolute path, for `..`, and for a name that `entryName` refuses.
 */
export function parseRelativePath(text: string): string[] {
  if (text === '') throw badPath(text, 'a path is empty');
  if (text.startsWith('/')) throw badPath(text, 'the path is absolute');
  return text
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .map(entryName);
}

/** The one spelling of a relative path: `./a//b/` is `a/b`, `.` is the empty text. Throws as `parseRelativePath`. */
export function normalizePath(text: string): string {
  return parseRelativePath(text).join('/');
}

const refKinds = ['heads/', 'tags/', 'accepted/'] as const;

/** Characters git forbids in refs: controls, space and the operators of revisions and globs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenInRef = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/;

/** Why a short name is no name, or undefined when it is one. The rules of `git check-ref-format`, and ours. */
function refNameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === 'HEAD' || name === '@') return 'it has a meaning of its own';
  if (isIdPrefix(name)) return 'it looks like an id';
  if (!name.isWellFormed()) return 'it is not valid Unicode';
  if (forbiddenInRef.test(name)) return 'it holds a space, a control character, "..", "@{" or one of ~ ^ : ? * [ \\';
  if (name.startsWith('-')) return 'it starts with "-"';
  if (name.endsWith('.')) return 'it ends with "."';
  if (refKinds.some((kind) => name.startsWith(kind))) return 'it starts like a full ref name';
  for (const part of name.split('/')) {
    if (part === '') return 'it has an empty part';
    if (part.startsWith('.')) return 'a part starts with "."';
    if (part.endsWith('.lock')) return 'a part ends with ".lock"';
  }
  return undefined;
}

function badRefName(text: string, why: string): CodedError {
  const shown = text.toWellFormed().slice(0, 200);
  return new CodedError('BAD_REF_NAME', `not a ref name: ${JSON.stringify(shown)} (${why})`, {
    hint: 'Use letters, digits, "-", "_" and "/", and not only hexadecimal digits.',
    data: { value: shown },
  });
}

/** A full ref name: `heads/…`, `tags/…` or `accepted/…`. Throws BAD_REF_NAME. */
export function parseRefName(text: string): RefName {
  const kind = refKinds.find((prefix) => text.startsWith(prefix));
  if (kind === undefined) throw badRefName(text, 'it does not start with heads/, tags/ or accepted/');
  const fault = refNameFault(text.slice(kind.length));
  if (fault !== undefined) throw badRefName(text, fault);
  return text as RefName;
}

/** `heads/<name>`. Throws BAD_REF_NAME. */
export const branchRef = (name: string): RefName => parseRefName(`heads/${name}`);
/** `tags/<name>`. Throws BAD_REF_NAME. */
export const tagRef = (name: string): RefName => parseRefName(`tags/${name}`);
/** `accepted/<name>`: only promote, withdraw and reject move these. Throws BAD_REF_NAME. */
export const acceptedRef = (name: string): RefName => parseRefName(`accepted/${name}`);
