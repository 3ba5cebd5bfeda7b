/**
 * The rules of a .cairnignore file, with the whole meaning of .gitignore (gitignore(5)):
 *
 *   - one pattern a line; blank lines and lines starting with `#` say nothing; `\#`, `\!` and `\ ` take the character as it is;
 *     trailing spaces do not count; a byte order mark and CR LF are tolerated;
 *   - `!` takes back what an earlier pattern ignored; the last pattern that matches decides;
 *   - a `/` at the end matches directories only; a `/` elsewhere anchors the pattern to the root, else it matches a name
 *     at any depth;
 *   - what lies in an ignored directory is ignored, and nothing in there can be taken back.
 */
import { globMatcher, nameMatcher } from './glob.ts';

interface Rule {
  readonly negated: boolean;
  readonly directoriesOnly: boolean;
  /** Looks at the name alone. */
  readonly byName: boolean;
  matches(path: string, name: string): boolean;
}

export interface IgnoreRules {
  /** Whether a path relative to the rules' directory, with `/`, is ignored, itself or through a directory above it. */
  ignores(path: string, isDirectory: boolean): boolean;
  /** The same for an entry of a directory that is known not to be ignored, without putting its path together. */
  ignoresIn(directory: string, name: string, isDirectory: boolean): boolean;
}

/** Removes the spaces at the end of a line, except one behind a backslash. */
function trimTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') end--;
  if (end === line.length) return line;
  let backslashes = 0;
  while (line[end - 1 - backslashes] === '\\') backslashes++;
  return line.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}

function parseRule(line: string): Rule | undefined {
  if (line.startsWith('#')) return undefined;
  let pattern = trimTrailingSpaces(line);
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  const directoriesOnly = pattern.endsWith('/');
  if (directoriesOnly) pattern = pattern.slice(0, -1);
  if (pattern === '') return undefined;
  if (!pattern.includes('/')) {
    const matches = nameMatcher(pattern);
    return { negated, directoriesOnly, byName: true, matches: (_path, name) => matches(name) };
  }
  const matches = globMatcher(pattern.startsWith('/') ? pattern.slice(1) : pattern);
  return { negated, directoriesOnly, byName: false, matches: (path) => matches(path) };
}

/** Reads the rules. Nothing in the text is an error: a line that cannot be read matches nothing. */
export function ignoreRules(text: string): IgnoreRules {
  const rules = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => parseRule(line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((rule) => rule !== undefined)
    .reverse();
  const directories = new Map<string, boolean>();

  const decide = (path: string, isDirectory: boolean): boolean => {
    const slash = path.lastIndexOf('/');
    if (slash > 0 && ignoresDirectory(path.slice(0, slash))) return true;
    const name = path.slice(slash + 1);
    const rule = rules.find((one) => (isDirectory || !one.directoriesOnly) && one.matches(path, name));
    return rule !== undefined && !rule.negated;
  };
  const ignoresDirectory = (path: string): boolean => {
    let ignored = directories.get(path);
    if (ignored === undefined) {
      ignored = decide(path, true);
      directories.set(path, ignored);
    }
    return ignored;
  };
  const forFiles = rules.filter((rule) => !rule.directoriesOnly);
  return {
    ignoresIn: (directory, name, isDirectory) => {
      for (const rule of isDirectory ? rules : forFiles) {
        const path = rule.byName ? name : directory === '' ? name : `${directory}/${name}`;
        if (rule.matches(path, name)) return !rule.negated;
      }
      return false;
    },
    ignores: (path, isDirectory) => {
      if (rules.length === 0) return false;
      return isDirectory ? ignoresDirectory(path) : decide(path, false);
    },
  };
}
