import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readYaml } from '../../../src/adapters/yaml/read-yaml.ts';
import { isCodedError } from '../../../src/core/errors.ts';
import { globMatcher } from '../../../src/core/glob.ts';
import { isExactNumber } from '../../../src/core/json-value.ts';
import { sourceValue } from '../../../src/core/source-node.ts';
import { globFault } from '../../../src/core/workspace-config/glob-fault.ts';
import { parseWorkspaceConfig } from '../../../src/core/workspace-config/parse-config.ts';

const globText = fc
  .array(
    fc.constantFrom('a', 'b', '/', '*', '**', '?', '[', ']', '!', '^', '-', '\\', '[:alpha:]', '[:', ':]', 'é', '.'),
  )
  .map((parts) => parts.join(''));
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'é', ']', '-', '\\', '[', '!', '.b'))
  .map((names) => names.join('/'));

test('a pattern with a fault in its spelling matches nothing, so that no rule is refused that would work', () => {
  fc.assert(
    fc.property(globText, path, (pattern, text) => {
      if (globMatcher(pattern)(text))
        expect(globFault(pattern) ?? '').not.toMatch(/has no "\]"|class of characters|at the end/);
    }),
    { numRuns: 3000 },
  );
});

test('every JSON text without __proto__ is the same document in YAML', () => {
  const json = fc.json({ maxDepth: 5, noUnicodeString: false }).filter((text) => {
    const fits = (value: unknown): boolean =>
      typeof value === 'number'
        ? isExactNumber(value)
        : typeof value === 'string'
          ? value.isWellFormed()
          : typeof value !== 'object' ||
            value === null ||
            Object.entries(value).every(([key, one]) => key !== '__proto__' && key.isWellFormed() && fits(one));
    return fits(JSON.parse(text));
  });
  fc.assert(
    fc.property(json, (text) => {
      const node = readYaml(text, 'x');
      expect(node === undefined ? null : sourceValue(node)).toEqual(
        JSON.parse(text, (_, value: unknown) => (Object.is(value, -0) ? 0 : value)),
      );
    }),
  );
});

test('any text at all is a configuration or a coded refusal with a place inside the text', () => {
  const word = fc.constantFrom(
    'pins',
    'types',
    'runs',
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '!x ',
    '|',
    '>',
    '#',
    '1',
    '~',
    '? ',
    '%YAML 1.2\n',
    '---',
    '...',
    '\t',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(word).map((words) => words.join('')),
      ),
      (text) => {
        try {
          parseWorkspaceConfig(readYaml(text, 'x'), 'x');
        } catch (error) {
          if (!isCodedError(error, 'BAD_JSON')) throw error;
          const { line, column } = error.data as { line: number; column: number };
          expect(line).toBeGreaterThanOrEqual(1);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length + 1);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
