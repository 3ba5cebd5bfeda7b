import { resolve } from 'node:path';
import { utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { type QueryAnswer, queryParquet, queryRows } from '../../store/tables/run-query.ts';
import { oneOf, wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { csvAnswer, documentAnswer, jsonAnswer, Rows, tableAnswer } from '../query-view.ts';

const formats = ['table', 'csv', 'json', 'parquet'] as const;
type Format = (typeof formats)[number];

interface Options {
  readonly format?: Format;
  readonly output?: string;
  readonly limit?: number;
}

/** Rows that people are shown; programs get all. */
const shownRows = 100;

async function* encoded(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield utf8(piece);
}

export const command = defineCommand<[sql: string], Options>({
  description:
    "Answers one SQL statement that reads, in DuckDB's SQL: over the manifest (`SHOW TABLES` lists its tables: artifacts, artifact_lineage, runs, run_params, run_metrics, …) and over any table in the store as artifact('<rev>'), which is verified first. Nothing that it says can change the store or read anything else. With --format table the first 100 rows are shown, otherwise all; with --json the document has columns and rows, with --format json it is an array of objects.",
  examples: [
    ['cairn query "SELECT artifact_type, count(*) FROM artifacts GROUP BY ALL"', 'the manifest'],
    ['cairn query "FROM artifact(\'HEAD:prices.parquet\') LIMIT 10"', 'a table in the store'],
    ['cairn query "SUMMARIZE FROM artifact(\'v1:prices.csv\')"', 'its columns, with their ranges'],
    ['cairn query "SELECT * FROM runs" --format parquet -o runs.parquet', 'for other programs'],
  ],
  declare: (command) => {
    command
      .argument('<sql>', 'one statement')
      .option('--format <format>', `${formats.join(', ')} (default: table)`, oneOf('--format', formats))
      .option('-o, --output <file>', 'write to a file')
      .option(
        '--limit <n>',
        'at most so many rows; 0 for all (default: 100 of a table, else all)',
        wholeNumber('--limit', 0),
      );
  },
  action: async ({ args: [sql], options, out, io, cwd, openStore }) => {
    const format = options.format ?? (out.json ? 'json' : 'table');
    if (out.json && format !== 'json') {
      throw new CodedError('BAD_ARGUMENT', `--json and --format ${format} ask for two things`, {
        data: { argument: '--format' },
      });
    }
    const store = await openStore();
    const write = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
      if (options.output !== undefined) await store.localFiles.write(resolve(cwd, options.output), bytes);
      else for await (const piece of bytes) out.bytes(piece);
    };
    if (format === 'parquet') {
      if (options.limit !== undefined) {
        throw new CodedError('BAD_ARGUMENT', '--limit is not for Parquet', {
          hint: 'Write LIMIT into the statement.',
          data: { argument: '--limit' },
        });
      }
      if (options.output === undefined && io.stdout.isTerminal) {
        throw new CodedError('BAD_ARGUMENT', 'a Parquet file is not for a terminal', {
          hint: 'Name a file with -o, or redirect the output.',
          data: { argument: '--format' },
        });
      }
      await queryParquet(store, sql, write);
      return undefined;
    }
    const limit = options.limit ?? (format === 'table' ? shownRows : 0);
    // One row more says that there are more.
    const atMost = limit === 0 ? undefined : limit + 1;
    const show = async (answer: QueryAnswer): Promise<void> => {
      const rows = new Rows(answer, limit);
      const look = {
        width: options.output === undefined ? out.columns : undefined,
        heading: (text: string) => (options.output === undefined ? out.style('bold', text) : text),
      };
      const texts = { table: () => tableAnswer(rows, look), csv: () => csvAnswer(rows), json: () => jsonAnswer(rows) };
      await write(encoded(out.json ? documentAnswer(rows) : texts[format]()));
      if (rows.more && !out.json) out.note('… there are more rows: --limit 0 for all');
    };
    await queryRows(store, sql, show, { atMost });
    return undefined;
  },
});
