/**
 * Glob patterns over paths with `/`, as gitignore writes them: `*` and `?` stay within a name, `[a-z]`, `[!a]` and
 * `[[:digit:]]` match one character of a name, a part that is only `**` matches any number of names (one or more at the
 * end), `\` takes the next character as it is. Characters are code points. A pattern that cannot be read (an open
 * bracket, a `\` at the end) matches nothing.
 *
 * No regular expression is built from a pattern, and matching never takes more steps than pattern length times path
 * length: a star only ever gives way to the star before the mismatch, never to an earlier one.
 */

/** One character of a class: inclusive ranges of code points. */
interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [low: number, high: number])[];
}
type Token = string | typeof anyCharacter | typeof anyText | CharacterClass;
const anyCharacter = Symbol('?');
const anyText = Symbol('*');

/** A part between slashes, compiled; `anyNames` is `**`. */
type Part = ((name: string) => boolean) | typeof anyNames;
const anyNames = Symbol('**');

/** Pairs of the first and last character of each range; ASCII, as in the C locale. */
const posixClasses = new Map(
  Object.entries({
    alnum: '09AZaz',
    alpha: 'AZaz',
    blank: '\t\t  ',
    cntrl: '\u0000\u001f\u007f\u007f',
    digit: '09',
    graph: '!~',
    lower: 'az',
    print: ' ~',
    punct: '!/:@[`{~',
    space: '\t\r  ',
    upper: 'AZ',
    xdigit: '09AFaf',
  }),
);

function codePoint(character: string): number {
  return character.codePointAt(0) as number;
}

/** Reads the class that opens at `start`; returns it and the index behind its `]`, or undefined when it is malformed. */
function parseClass(pattern: readonly string[], start: number): [CharacterClass, number] | undefined {
  let at = start + 1;
  const negated = pattern[at] === '!' || pattern[at] === '^';
  if (negated) at++;
  const ranges: [number, number][] = [];
  let rangeStart: number | undefined;
  do {
    let character = pattern[at];
    const isRange = character === '-' && pattern[at + 1] !== undefined && pattern[at + 1] !== ']';
    const close = character === '[' && pattern[at + 1] === ':' ? pattern.indexOf(']', at + 2) : undefined;
    if (close === -1) return undefined;
    if (close !== undefined && close > at + 2 && pattern[close - 1] === ':') {
      const bounds = posixClasses.get(pattern.slice(at + 2, close - 1).join(''));
      if (bounds === undefined) return undefined;
      for (let b = 0; b < bounds.length; b += 2) ranges.push([bounds.charCodeAt(b), bounds.charCodeAt(b + 1)]);
      rangeStart = undefined;
      at = close + 1;
      continue;
    }
    if (isRange && rangeStart !== undefined) character = pattern[++at];
    if (character === '\\') character = pattern[++at];
    if (character === undefined) return undefined;
    const code = codePoint(character);
    ranges.push([isRange ? (rangeStart ?? code) : code, code]);
    rangeStart = isRange && rangeStart !== undefined ? undefined : code;
    at++;
  } while (pattern[at] !== ']');
  return [{ negated, ranges }, at + 1];
}

/** The parts of a pattern as tokens, or undefined when it cannot be read. */
function tokenize(pattern: string): Token[][] | undefined {
  const characters = Array.from(pattern);
  let part: Token[] = [];
  const parts = [part];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    const escaped = character === '\\' ? characters[++at] : undefined;
    if (character === '\\' && escaped === undefined) return undefined;
    if ((escaped ?? character) === '/') {
      part = [];
      parts.push(part);
    } else if (character === '[') {
      const parsed = parseClass(characters, at);
      if (parsed === undefined) return undefined;
      part.push(parsed[0]);
      at = parsed[1] - 1;
    } else if (character === '*') part.push(anyText);
    else if (character === '?') part.push(anyCharacter);
    else part.push(escaped ?? character);
  }
  return parts;
}

function matchesToken(token: Token | undefined, character: string): boolean {
  if (typeof token === 'string') return token === character;
  if (token === anyCharacter) return true;
  if (token === undefined || token === anyText) return false;
  const code = codePoint(character);
  return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
}

/**
 * Matches `pattern` against all of `items`, where `star` in the pattern takes any number of items. On a mismatch only the
 * last star takes one item more, which is enough and keeps the work at pattern times items.
 */
function matchWithStars<P, I>(
  pattern: readonly P[],
  items: readonly I[],
  star: P,
  matches: (piece: P | undefined, item: I) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let starAt = -1;
  let starEnd = 0;
  while (next < items.length) {
    if (at < pattern.length && pattern[at] === star) {
      starAt = at++;
      starEnd = next;
    } else if (at < pattern.length && matches(pattern[at], items[next] as I)) {
      at++;
      next++;
    } else if (starAt >= 0) {
      at = starAt + 1;
      next = ++starEnd;
    } else return false;
  }
  while (at < pattern.length && pattern[at] === star) at++;
  return at === pattern.length;
}

function compilePart(tokens: readonly Token[]): (name: string) => boolean {
  const literal = (from: number): string | undefined => {
    const rest = tokens.slice(from);
    return rest.every((token) => typeof token === 'string') ? rest.join('') : undefined;
  };
  const whole = literal(0);
  if (whole !== undefined) return (name) => name === whole;
  const ending = tokens[0] === anyText ? literal(1) : undefined;
  if (ending !== undefined) return (name) => name.endsWith(ending);
  return (name) => matchWithStars<Token, string>(tokens, Array.from(name), anyText, matchesToken);
}

/** A matcher of one name (no `/`); stars in a row are one star. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const parts = tokenize(pattern);
  const only = parts?.[0];
  return parts?.length === 1 && only !== undefined ? compilePart(only) : () => false;
}

function matchesPart(part: Part | undefined, name: string): boolean {
  return typeof part === 'function' && part(name);
}

/** A matcher of whole paths: `*.csv` does not match `data/a.csv`, `**` + `/*.csv` does. */
export function globMatcher(pattern: string): (path: string) => boolean {
  const tokens = tokenize(pattern);
  if (tokens === undefined) return () => false;
  const parts: Part[] = tokens.map((part) =>
    part.length >= 2 && part.every((token) => token === anyText) ? anyNames : compilePart(part),
  );
  // At the end `**` needs one name: it is then one name of any kind and any number more.
  if (parts.at(-1) === anyNames) parts.push(() => true);
  return (path) => matchWithStars<Part, string>(parts, path.split('/'), anyNames, matchesPart);
}
