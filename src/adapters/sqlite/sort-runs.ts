/**
 * Run rows in an order, by just the values that the order looks at: entries of ten thousand runs would be read to show a
 * hundred of them. The comparison is core's.
 */
import type { JsonValue } from '../../core/json-value.ts';
import { compareRuns, type QueriedRun, type RunField, type RunOrder } from '../../core/run-query.ts';
import { paramOf } from './apply-run-values.ts';
import type { Connection, SqlValue } from './connection.ts';

/** A run without anything. */
const blank: QueriedRun = {
  id: '',
  runKey: '',
  message: undefined,
  author: '',
  createdAt: '',
  status: '',
  artifacts: 0,
  engineVersion: '',
  configVersion: '',
  configHash: '',
  datasetIdV2: undefined,
  gitCommit: undefined,
  gitDirty: undefined,
  retired: false,
  stale: false,
  params: {},
  metrics: {},
  tags: {},
};

const named = (table: string, columns: string): string =>
  `SELECT v.run_id, ${columns} FROM ${table} v WHERE v.name_id = (SELECT text_id FROM text WHERE text = ?)`;

/** The values of one field by run row. */
function valuesOf(connection: Connection, { kind, path }: RunField): Map<number, JsonValue> {
  const name = path.join('.');
  if (kind !== 'param')
    return new Map(connection.tuples<[number, number | string]>(named(`run_${kind}`, 'v.value'), name));
  const rows = connection.tuples<[number, string, SqlValue]>(named('run_param', 'v.type, v.value'), name);
  return new Map(rows.map(([run, type, value]) => [run, paramOf(type, value)]));
}

/** The rows in order; undefined where the order asks for more than named values. */
export function sortedRows(
  connection: Connection,
  rows: readonly number[],
  order: readonly RunOrder[],
): number[] | undefined {
  const fields = order.map(({ field }) => field);
  if (fields.some(({ kind, path }) => kind === 'own' || path.length > 1)) return undefined;
  const holders = { metric: 'metrics', param: 'params', tag: 'tags' } as const;
  const columns = fields.map(({ kind, path }) => ({
    holder: kind === 'own' ? 'params' : holders[kind],
    name: path.join('.'),
    values: valuesOf(connection, { kind, path, text: '' }),
  }));
  const runs = rows.map((row) => {
    const values: { [holder: string]: { [name: string]: JsonValue } } = { metrics: {}, params: {}, tags: {} };
    for (const { holder, name, values: found } of columns) {
      const value = found.get(row);
      if (value !== undefined) Object.defineProperty(values[holder], name, { value, enumerable: true });
    }
    return { row, run: { ...blank, ...values } as QueriedRun };
  });
  const compare = compareRuns(order);
  return runs.sort((left, right) => compare(left.run, right.run)).map(({ row }) => row);
}
