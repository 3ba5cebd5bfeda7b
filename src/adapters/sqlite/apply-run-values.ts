/** The parts of a run that have a name or an order: parents, relations, removals, parameters, metrics and tags. */
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type { ApplyState } from './apply-state.ts';
import type { SqlValue } from './connection.ts';

/** A parameter as a typed value; numbers that are integers are stored as such, so that `20` prints as `20`. */
function paramValue(value: JsonValue): [type: string, value: SqlValue] {
  if (value === null) return ['null', null];
  if (typeof value === 'boolean') return [String(value), BigInt(value)];
  if (typeof value === 'string') return ['text', value];
  if (typeof value === 'number') return Number.isSafeInteger(value) ? ['integer', BigInt(value)] : ['real', value];
  return [Array.isArray(value) ? 'array' : 'object', canonicalize(value)];
}

/** The other way round. */
export function paramOf(type: string, value: SqlValue): JsonValue {
  if (type === 'null') return null;
  if (type === 'true' || type === 'false') return type === 'true';
  if (type === 'array' || type === 'object') return JSON.parse(String(value)) as JsonValue;
  return value as number | string;
}

export function writeRunValues(state: ApplyState, run: number, record: RunRecord): void {
  const { connection } = state;
  record.parents.forEach((parent, ordinal) => {
    const id = state.object('record', parent);
    connection.run('INSERT INTO run_parent (run_id, ordinal, parent_id) VALUES (?, ?, ?)', run, ordinal, id);
  });
  record.relations.forEach((other, ordinal) => {
    connection.run(
      'INSERT INTO run_relation (run_id, ordinal, other_id, relation_id) VALUES (?, ?, ?, ?)',
      run,
      ordinal,
      state.object('record', other.run),
      state.text(other.relation),
    );
  });
  const remove = connection.prepare('INSERT INTO run_removed (run_id, path_id) VALUES (?, ?)');
  for (const path of new Set(record.removed)) remove.run(run, state.text(path));
  for (const [name, value] of Object.entries(record.identity.params)) {
    const [type, stored] = paramValue(value);
    connection.run(
      'INSERT INTO run_param (run_id, name_id, type, value) VALUES (?, ?, ?, ?)',
      run,
      state.text(name),
      type,
      stored,
    );
  }
  for (const [name, value] of Object.entries(record.metrics)) {
    connection.run('INSERT INTO run_metric (run_id, name_id, value) VALUES (?, ?, ?)', run, state.text(name), value);
  }
  for (const [name, value] of Object.entries(record.tags)) {
    connection.run('INSERT INTO run_tag (run_id, name_id, value) VALUES (?, ?, ?)', run, state.text(name), value);
  }
}
