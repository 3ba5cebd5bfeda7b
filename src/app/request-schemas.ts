/** Schemas of requests, loaded with the first request that has one: zod costs start-up. */
import * as z from 'zod/mini';
import { CodedError } from '../core/errors.ts';
import { shortText, wellFormedText } from '../core/records/schemas.ts';

/** Tags of runs and artifacts. */
export const tagTexts = z.record(wellFormedText.check(z.minLength(1), z.maxLength(256)), wellFormedText);

export const filterSchema = z.strictObject({
  artifactType: z.optional(shortText),
  status: z.optional(z.enum(['active', 'superseded', 'tombstoned'])),
  tags: z.optional(tagTexts),
  minCreatedAt: z.optional(shortText),
  maxCreatedAt: z.optional(shortText),
  limit: z.optional(z.int().check(z.gte(0))),
  cursor: z.optional(shortText),
});

/** The messages of zod/mini say nothing but "Invalid input"; ours name what is asked for. */
function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `is longer than ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    default:
      return issue.message === 'Invalid input' ? 'is not right' : issue.message;
  }
}

/** What is wrong, in one line that names the field. A name that is not known explains more than one that is missing. */
function faultOf(issues: readonly z.core.$ZodIssue[]): { readonly field: string; readonly text: string } {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown?.code === 'unrecognized_keys') {
    const [field = ''] = unknown.keys;
    return { field, text: `there is no field ${JSON.stringify(field)}` };
  }
  const [issue] = issues;
  if (issue === undefined) return { field: '', text: 'it is not right' };
  const field = issue.path.map(String).join('.');
  return { field, text: `${field === '' ? 'it' : field} ${messageOf(issue)}` };
}

/** A value that has this form; `what` names it in the message. Throws BAD_ARGUMENT. */
export function parseFields<Value>(schema: z.ZodMiniType, value: unknown, what: string): Value {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data as Value;
  const { field, text } = faultOf(result.error.issues);
  throw new CodedError('BAD_ARGUMENT', `${what}: ${text}`, {
    hint: 'docs/guides/pipelines.md lists the fields.',
    data: field === '' ? {} : { argument: field },
  });
}
