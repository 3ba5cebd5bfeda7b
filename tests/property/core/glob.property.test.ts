import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globMatcher } from '../../../src/core/glob.ts';

/** The meaning of stars and question marks by trying everything; fine for short texts. */
function oracle(pattern: string, path: string): boolean {
  const inName = (glob: string, name: string): boolean => {
    if (glob === '') return name === '';
    if (glob.startsWith('*')) return inName(glob.slice(1), name) || (name !== '' && inName(glob, name.slice(1)));
    return name !== '' && (glob[0] === '?' || glob[0] === name[0]) && inName(glob.slice(1), name.slice(1));
  };
  const inPath = (parts: string[], names: string[]): boolean => {
    const [part, ...rest] = parts;
    if (part === undefined) return names.length === 0;
    if (part === '**' && rest.length === 0) return names.length > 0;
    if (part === '**') return inPath(rest, names) || (names.length > 0 && inPath(parts, names.slice(1)));
    return names.length > 0 && inName(part, names[0] as string) && inPath(rest, names.slice(1));
  };
  return inPath(pattern.split('/'), path.split('/'));
}

describe('globs', () => {
  test('match exactly what trying everything matches', () => {
    const part = fc.oneof(
      fc.constant('**'),
      fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 5 }),
    );
    const pattern = fc
      .array(part, { minLength: 1, maxLength: 5 })
      .map((parts) => parts.map((p) => (/^\*{3,}$/.test(p) ? '**' : p)).join('/'));
    const path = fc
      .array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })
      .map((names) => names.join('/'));
    return fc.assert(
      fc.property(pattern, path, (glob, names) => {
        expect(globMatcher(glob)(names)).toBe(oracle(glob, names));
      }),
      { numRuns: 5_000 },
    );
  });

  test('never throw, whatever the pattern', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'[]!^-\\*?/ab:[:alpha:]') });
    return fc.assert(fc.property(soup, soup, (pattern, path) => typeof globMatcher(pattern)(path) === 'boolean'));
  });
});
