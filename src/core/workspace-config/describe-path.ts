/** Type rules at work: what a path's file is, by the first rule of `cairn.yaml` that matches it. */
import { CodedError } from '../errors.ts';
import { globMatcher } from '../glob.ts';
import { expandTemplate } from './key-template.ts';
import type { TableSpecification, TypeRule } from './workspace-config.ts';

/** What a rule says; what it does not say is left out, so that a default or an earlier description stays. */
export interface PathDescription {
  readonly type?: string;
  readonly schemaVersion?: number;
  readonly logicalKey?: string;
  readonly table?: TableSpecification;
}

export type DescribePath = (path: string) => PathDescription | undefined;

function keyOf(template: string, path: string): string {
  const key = expandTemplate(template, path);
  if (key !== '' && key.length <= 4096) return key;
  throw new CodedError('BAD_ARGUMENT', `the key template ${JSON.stringify(template)} gives no usable key for ${path}`, {
    hint: 'Correct the rule in cairn.yaml, or give the key: `cairn add <path> --key <key>`.',
    data: { path, template },
  });
}

/** Compiles the rules; the function costs nothing where there are none. undefined when no rule matches. */
export function describeByRules(rules: readonly TypeRule[]): DescribePath {
  const compiled = rules.map(({ match, type, schemaVersion, key, table }) => ({
    matchers: match.map(globMatcher),
    key,
    fixed: {
      ...(type === undefined ? {} : { type }),
      ...(schemaVersion === undefined ? {} : { schemaVersion }),
      ...(table === undefined ? {} : { table }),
    },
  }));
  return (path) => {
    const rule = compiled.find(({ matchers }) => matchers.some((matches) => matches(path)));
    if (rule === undefined) return undefined;
    return rule.key === undefined ? rule.fixed : { ...rule.fixed, logicalKey: keyOf(rule.key, path) };
  };
}
