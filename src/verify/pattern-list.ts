/**
 * Lists of patterns as OpenSSH reads them (ssh_config(5), PATTERNS): separated by commas, `*` for any number of characters,
 * `?` for exactly one, `!` before a pattern that must not fit. A text fits when some pattern fits and no negated one does; a
 * list of negations alone fits nothing. Matching is linear in text times pattern, whatever the stars.
 */
function fits(text: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (from < pattern.length && pattern[from] === '*') {
      star = from++;
      resume = at;
    } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === text[at])) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}

export function matchesPatternList(text: string, list: string): boolean {
  let found = false;
  for (const entry of list.split(',')) {
    if (entry.startsWith('!')) {
      if (fits(text, entry.slice(1))) return false;
    } else if (fits(text, entry)) {
      found = true;
    }
  }
  return found;
}
