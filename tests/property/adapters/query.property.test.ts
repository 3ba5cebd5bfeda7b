/** Any filter, grouping and order over the manifest's tables gives the same rows in SQLite and in DuckDB. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type QueryPlace, queryPlace } from '../../unit/adapters/duckdb/query-place.ts';

const runs = Number(process.env['CAIRN_PROPERTY_RUNS'] ?? 150);

let place: QueryPlace;
beforeAll(async () => {
  place = await queryPlace();
});
afterAll(() => place.remove());

interface Source {
  readonly from: string;
  readonly texts: readonly string[];
  readonly integers: readonly string[];
}

const sources: readonly Source[] = [
  {
    from: 'artifacts',
    texts: ['artifact_type', 'logical_key', 'status', 'created_at'],
    integers: ['size', 'schema_version'],
  },
  { from: 'artifact_lineage', texts: ['run_key', 'relative_path', 'created_utc', 'sha256'], integers: ['size'] },
  { from: 'artifact_status', texts: ['status', 'superseded_by', 'reason'], integers: ['event_id', 'erased'] },
  {
    from: 'runs',
    texts: ['message', 'status', 'created_utc', 'retired_reason'],
    integers: ['event_id', 'output_count', 'stale', 'retired'],
  },
  { from: 'governance_events', texts: ['action', 'subject_kind', 'timestamp', 'actor'], integers: ['event_id'] },
  { from: 'objects', texts: ['namespace', 'encoding', 'pack', 'sha256'], integers: ['size', 'stored_size', 'offset'] },
];

const quoted = (name: string): string => `"${name}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A condition over a source; texts are compared with texts that stand in it. */
function condition(source: Source): fc.Arbitrary<string> {
  const text = fc.constantFrom(...source.texts).chain((column) => {
    const values = place.lite(
      `SELECT DISTINCT ${quoted(column)} FROM ${source.from} WHERE ${quoted(column)} IS NOT NULL`,
    );
    const value = fc.constantFrom('', 'a', ...values.map(([found]) => String(found)));
    return fc.oneof(
      fc
        .tuple(fc.constantFrom('=', '<>', '<', '>=', 'IS NOT DISTINCT FROM'), value)
        .map(([operator, to]) => `${quoted(column)} ${operator} ${literal(to)}`),
      fc.constantFrom(
        `${quoted(column)} IS NULL`,
        `length(${quoted(column)}) > 5`,
        `substr(${quoted(column)}, 1, 1) < 'm'`,
      ),
    );
  });
  const integer = fc
    .tuple(fc.constantFrom(...source.integers), fc.constantFrom('=', '<', '>', '<='), fc.integer({ min: -1, max: 200 }))
    .map(([column, operator, to]) => `${quoted(column)} ${operator} ${to}`);
  return fc.letrec<{ all: string; one: string }>((tie) => ({
    one: fc.oneof(text, integer),
    all: fc.oneof(
      { depthSize: 'small' },
      tie('one'),
      fc
        .tuple(tie('all'), fc.constantFrom('AND', 'OR'), tie('all'))
        .map(([left, word, right]) => `(${left} ${word} ${right})`),
      tie('all').map((inner) => `NOT (${inner})`),
    ),
  })).all;
}

describe('SQLite and DuckDB', () => {
  test('answer any filter, grouping and order alike', async () => {
    const question = fc.constantFrom(...sources).chain((source) =>
      fc.record({
        source: fc.constant(source),
        where: condition(source),
        group: fc.option(fc.constantFrom(...source.texts, ...source.integers), { nil: undefined }),
        measure: fc.constantFrom(...source.integers),
      }),
    );
    await fc.assert(
      fc.asyncProperty(question, async ({ source, where, group, measure }) => {
        const columns = [...source.texts, ...source.integers].map(quoted);
        const order = (count: number): string =>
          Array.from({ length: count }, (_, at) => `${at + 1} NULLS FIRST`).join(', ');
        const sql =
          group === undefined
            ? `SELECT ${columns.join(', ')} FROM ${source.from} WHERE ${where} ORDER BY ${order(columns.length)}`
            : `SELECT ${quoted(group)}, count(*), sum(${quoted(measure)}), min(${quoted(measure)}) FROM ${source.from} WHERE ${where} GROUP BY 1 ORDER BY ${order(4)}`;
        expect(await place.duck(sql)).toEqual(place.lite(sql));
      }),
      { numRuns: runs, seed: 9 },
    );
  }, 120_000);
});
