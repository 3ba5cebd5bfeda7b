// @ts-check
/**
 * Writes the built-in policies (policies/*.yaml) into src/core/policy-file/built-in-policies.ts, so that the bundle and a browser
 * have them without reading a file. A test holds the two equal.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The module's text. */
export function builtInPoliciesModule() {
  const names = readdirSync(join(root, 'policies'))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const entries = names.map((name) => {
    const text = readFileSync(join(root, 'policies', name), 'utf8');
    const escaped = text.replace(/[\\`]|\$(?=\{)/g, '\\$&');
    return `  ['${name.replace(/\.yaml$/, '')}', \`${escaped}\`],\n`;
  });
  return `/**
 * The policies that cairn brings along, as texts by name: policies/*.yaml, written here by scripts/embed-policies.js.
 */
export const builtInPolicies: ReadonlyMap<string, string> = new Map([
${entries.join('')}]);
`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'src/core/policy-file/built-in-policies.ts'), builtInPoliciesModule());
}
