/**
 * Messages of checks. `{metrics.mean_ic}` stands for a value by its path: names, `["any name"]` and `[0]`; `{{` and `}}` are the
 * braces themselves. A value that is not there reads `(none)`, a long one is cut.
 */
import { isLosslessObject, type LosslessObject, type LosslessValue, numberText } from '../../core/lossless-json.ts';

const placeholder = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const pathStep = /^(?:\.?([A-Za-z_][A-Za-z0-9_]*)|\["([^"\\]*)"\]|\[([0-9]{1,6})\])/;
const shownLimit = 120;

function steps(path: string): (string | number)[] | undefined {
  const found: (string | number)[] = [];
  let rest = path.trim();
  while (rest !== '') {
    const match = pathStep.exec(rest);
    if (match === null) return undefined;
    found.push(match[1] ?? match[2] ?? Number(match[3]));
    rest = rest.slice(match[0].length);
  }
  return found.length === 0 ? undefined : found;
}

function valueAt(path: readonly (string | number)[], variables: LosslessObject): LosslessValue | undefined {
  let at: LosslessValue | undefined = variables;
  for (const step of path) {
    if (typeof step === 'number') at = Array.isArray(at) ? (at as readonly LosslessValue[])[step] : undefined;
    else at = isLosslessObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

function shown(value: LosslessValue | undefined): string {
  if (value === undefined || value === null) return '(none)';
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value).slice(0, shownLimit);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string')
    return value.length > shownLimit ? `${value.slice(0, shownLimit).toWellFormed()}…` : value;
  if (!Array.isArray(value)) return '(an object)';
  const list = value as readonly LosslessValue[];
  const few = list.slice(0, 8).map((one) => (typeof one === 'object' && one !== null ? '…' : shown(one)));
  return `[${few.join(', ')}${list.length > few.length ? ', …' : ''}]`;
}

/** Why a template cannot be used, or the names that its paths start with. */
export function readMessage(template: string): { readonly fault: string } | { readonly names: readonly string[] } {
  const names: string[] = [];
  for (const [text, path] of template.matchAll(placeholder)) {
    if (text === '{' || text === '}') return { fault: `a lone "${text}" in the message; write "${text}${text}"` };
    if (path === undefined) continue;
    const first = steps(path)?.[0];
    if (typeof first !== 'string') return { fault: `{${path}} in the message is no path of names` };
    names.push(first);
  }
  return { names };
}

/** The message with the values of this decision. */
export function writeMessage(template: string, variables: LosslessObject): string {
  return template.replace(placeholder, (text, path: string | undefined) => {
    if (text === '{{') return '{';
    if (text === '}}') return '}';
    const found = path === undefined ? undefined : steps(path);
    return found === undefined ? text : shown(valueAt(found, variables));
  });
}
