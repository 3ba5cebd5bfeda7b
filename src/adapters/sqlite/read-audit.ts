/** What an audit asks besides: the schema against the one that the migrations give, and the texts of records that stand here. */
import type { GovernanceText } from '../../ports/audit-reads.ts';
import type { Connection } from './connection.ts';
import { type Migration, migrate } from './migrations.ts';

type Definition = readonly [type: string, name: string, sql: string];

const schemaSql = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";

/** `scratch` opens an empty database in memory. */
export function schemaDifferences(
  connection: Connection,
  migrations: readonly Migration[],
  scratch: () => Connection,
): string[] {
  const expected = scratch();
  try {
    migrate(expected, migrations, 0);
    const ours = definitions(expected);
    const found = definitions(connection);
    const differences: string[] = [];
    for (const [key, sql] of ours) {
      const there = found.get(key);
      if (there === undefined) differences.push(`${key} is missing`);
      else if (there !== sql) differences.push(`${key} was changed`);
    }
    for (const key of found.keys()) if (!ours.has(key)) differences.push(`${key} is not ours`);
    return differences;
  } finally {
    expected.close();
  }
}

function definitions(connection: Connection): Map<string, string> {
  return new Map(connection.tuples<Definition>(schemaSql).map(([type, name, sql]) => [`${type} ${name}`, sql]));
}

const recordOf = (table: string): string =>
  `SELECT '${table}' AS "table", lower(hex(o.sha256)) AS id, t.record AS text FROM ${table} t JOIN object o ON o.object_id = t.${table}_id`;

const textsSql = [
  ...['policy', 'candidate', 'report', 'approval'].map(recordOf),
  `SELECT 'event_payload' AS "table", lower(hex(o.sha256)) AS id, t.payload AS text FROM event_payload t JOIN event e ON e.seq = t.seq
    LEFT JOIN object o ON o.object_id = e.payload_id`,
];

/** On a connection that does nothing else meanwhile. */
export function* governanceTexts(connection: Connection): Generator<GovernanceText> {
  for (const sql of textsSql) yield* connection.iterate<GovernanceText>(sql);
}
