/** Requests of `cairn ops` as objects: names in snake_case or camelCase, members that are null left out. */
import { CodedError } from '../core/errors.ts';

export interface Fields {
  readonly [name: string]: unknown;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Only the object's own names are changed: what is inside `params` and `tags` is the user's. Throws BAD_ARGUMENT. */
export function camelFields(value: unknown, what: string): Fields {
  if (!isFields(value)) {
    throw new CodedError('BAD_ARGUMENT', `${what} is no JSON object`, {
      hint: 'For example: {"operation": "health_check"}.',
    });
  }
  const fields: { [name: string]: unknown } = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === null) continue;
    const camel = name.includes('_') ? camelCase(name) : name;
    if (Object.hasOwn(fields, camel)) {
      throw new CodedError('BAD_ARGUMENT', `${what} has ${JSON.stringify(camel)} twice`, { data: { argument: camel } });
    }
    fields[camel] = member;
  }
  return fields;
}
