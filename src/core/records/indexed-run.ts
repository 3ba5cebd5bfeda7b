/**
 * Reading a run that the manifest knows. It was held against its whole schema before it was indexed, and its bytes match
 * its id; so here the form is enough: canonical, of this version, with its fields and no others. The schema itself would
 * cost `show` and `diff` 10 ms of start-up.
 */
import { parseCanonical } from '../canonical-json.ts';
import { CodedError, isCodedError } from '../errors.ts';
import type { RunRecord } from './run.ts';

type Kind = 'text' | 'list' | 'map';

const required: { readonly [field: string]: Kind } = {
  schema: 'text',
  runKey: 'text',
  identity: 'map',
  parents: 'list',
  message: 'text',
  author: 'text',
  actor: 'text',
  createdAt: 'text',
  inputs: 'list',
  outputs: 'text',
  tree: 'text',
  removed: 'list',
  relations: 'list',
  code: 'map',
  writer: 'map',
  plugins: 'list',
  status: 'text',
  tags: 'map',
  metrics: 'map',
} satisfies { [Field in keyof RunRecord as undefined extends RunRecord[Field] ? never : Field]: Kind };

const optional: { readonly [field: string]: Kind } = {
  edges: 'list',
  command: 'map',
  context: 'text',
  contents: 'list',
  publication: 'text',
} satisfies { [Field in keyof RunRecord as undefined extends RunRecord[Field] ? Field : never]-?: Kind };

function kindOf(value: unknown): Kind | undefined {
  if (typeof value === 'string') return 'text';
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? 'list' : 'map';
}

function invalid(why: string, cause?: unknown): CodedError {
  return new CodedError('RECORD_INVALID', `not a cairn.run/1 record: ${why}`, {
    hint: 'It may have been written by a newer version of cairn, or not by cairn at all.',
    cause,
  });
}

/** Throws RECORD_INVALID. */
export function parseIndexedRun(bytes: Uint8Array): RunRecord {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw invalid(cause.message, cause);
  }
  if (kindOf(value) !== 'map') throw invalid('not an object');
  const record = value as { readonly [field: string]: unknown };
  if (record['schema'] !== 'cairn.run/1') throw invalid(`schema is ${JSON.stringify(record['schema'])}`);
  for (const [field, kind] of Object.entries(required)) {
    if (kindOf(record[field]) !== kind) throw invalid(`${field} is not a ${kind}`);
  }
  for (const [field, member] of Object.entries(record)) {
    const kind = required[field] ?? optional[field];
    if (kind === undefined) throw invalid(`unknown field ${JSON.stringify(field)}`);
    if (kindOf(member) !== kind) throw invalid(`${field} is not a ${kind}`);
  }
  return value as RunRecord;
}
