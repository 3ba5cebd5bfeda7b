import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCodedError } from '../../../src/core/errors.ts';
import { branchRef, normalizePath, parseRelativePath } from '../../../src/core/names.ts';

function accepts(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (isCodedError(error)) return false;
    throw error;
  }
}

function gitAccepts(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', `refs/heads/${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('names', () => {
  test('every branch name accepted here is one that git accepts, and the converse but for our own rules', () => {
    const unit = fc.constantFrom(...'xyz.-_/~^:?*[\\@{} \t\u007fäö', '.lock', '..', '@{');
    return fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 6 }), (name) => {
        const ours = name.startsWith('-') || name === '@';
        expect(accepts(() => branchRef(name))).toBe(gitAccepts(name) && !ours);
      }),
      { numRuns: 300 },
    );
  });

  test('a normalised path is its own normal form and never leaves the workspace', () => {
    const step = fc.constantFrom('a', 'b.csv', '.', '..', '', '.git', '.cairn', ' ', '\u0000', '...');
    return fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const path = steps.join('/');
        if (!accepts(() => normalizePath(path))) return;
        const normal = normalizePath(path);
        expect(parseRelativePath(path)).not.toContain('..');
        expect(normal === '' ? '' : normalizePath(normal)).toBe(normal);
      }),
    );
  });
});
