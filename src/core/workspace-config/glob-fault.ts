/**
 * Why a glob of `cairn.yaml` could never match a path of the workspace. The matcher (core/glob.ts) takes a pattern that
 * cannot be read as one that matches nothing, which is right for ignore files and wrong for a rule that somebody relies on.
 */

const posixClasses = new Set([
  'alnum',
  'alpha',
  'blank',
  'cntrl',
  'digit',
  'graph',
  'lower',
  'print',
  'punct',
  'space',
  'upper',
  'xdigit',
]);

/** Index behind the class that opens at `start`, or why it cannot be read. */
function classEnd(characters: readonly string[], start: number): number | string {
  const open = `the "[" at character ${start + 1} has no "]"`;
  let at = start + 1;
  if (characters[at] === '!' || characters[at] === '^') at++;
  do {
    if (characters[at] === '[' && characters[at + 1] === ':') {
      const close = characters.indexOf(']', at + 2);
      if (close < 0) return open;
      if (close > at + 2 && characters[close - 1] === ':') {
        const name = characters.slice(at + 2, close - 1).join('');
        if (!posixClasses.has(name)) return `there is no class of characters [:${name}:]`;
        at = close + 1;
        continue;
      }
    }
    if (characters[at] === '\\') at++;
    if (characters[at] === undefined) return open;
    at++;
  } while (characters[at] !== ']');
  return at + 1;
}

/** undefined for a glob that can match; patterns are relative to the workspace's root. */
export function globFault(pattern: string): string | undefined {
  if (pattern === '') return 'the pattern is empty';
  if (pattern.startsWith('/')) return 'a pattern is relative to the workspace and does not start with "/"';
  if (pattern.startsWith('!')) return 'a pattern cannot be negated with "!"';
  if (pattern.endsWith('/')) return 'a pattern names files and does not end with "/"; write "/**" for all below';
  const characters = Array.from(pattern);
  let at = 0;
  while (at < characters.length) {
    if (characters[at] === '\\') {
      if (at + 1 === characters.length) return 'the "\\" at the end takes no character';
      at += 2;
    } else if (characters[at] === '[') {
      const end = classEnd(characters, at);
      if (typeof end === 'string') return end;
      at = end;
    } else at++;
  }
  const steps = pattern.split('/');
  if (steps.includes('')) return 'the pattern has an empty part ("//")';
  if (steps.includes('.') || steps.includes('..')) return 'the pattern has a part "." or "..", which no path has';
  return undefined;
}
