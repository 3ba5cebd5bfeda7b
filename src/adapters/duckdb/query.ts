/**
 * `SqlQueries` over a DuckDB of its own for every query: in memory, filled with what the text names, then locked, and only
 * then shown the text.
 *
 * What keeps a text from acting, each alone enough for most of it: the prepared statement must be of a type that reads
 * (EXPLAIN, which may run what it explains, is asked about that); external access is off but for the files that were resolved;
 * extensions are neither installed nor loaded; the configuration is locked. The manifest is a copy of its rows.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  StatementType,
} from '@duckdb/node-api';
import { CodedError } from '../../core/errors.ts';
import type { ManifestTables } from '../../ports/manifest-tables.ts';
import type { QueryBatch, QueryColumn, QueryRequest, QueryTable, SqlQueries } from '../../ports/sql-query.ts';
import { type DuckDb, openDuckDb } from './instance.ts';
import { queryError } from './query-errors.ts';
import { addArtifacts, addManifest, pathPattern, type QueryTables } from './query-tables.ts';
import { badQuery, type QueryText, readQueryText, whatReads } from './query-text.ts';
import { columnConverter } from './query-values.ts';
import { quoteText } from './sql-text.ts';

export interface SqlQueriesOptions {
  /** Opens the manifest's tables as they are now. */
  readonly manifest: () => ManifestTables;
  /** Directory for what does not fit into memory and for answers in Parquet. */
  readonly temporary: string;
  /** Bytes that DuckDB may hold. */
  readonly memoryLimit: number;
}

interface Prepared {
  readonly connection: DuckDBConnection;
  readonly text: QueryText;
  readonly statement: DuckDBPreparedStatement;
  /** Where an answer in Parquet goes. */
  readonly output: string;
  readonly tables: QueryTables;
}

/** Enough for a DuckDB that only reads a text. */
const parserMemory = 64 * 1024 * 1024;

async function lock(connection: DuckDBConnection, paths: readonly string[]): Promise<void> {
  const allowed = [...new Set(paths.flatMap((path) => [path, pathPattern(path)]))].map(quoteText);
  if (allowed.length > 0) await connection.run(`SET allowed_paths = [${allowed.join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

function refuse(statement: DuckDBPreparedStatement, allowed: readonly StatementType[]): void {
  const type = statement.statementType;
  if (!allowed.includes(type)) {
    const word = StatementType[type]?.replaceAll('_', ' ') ?? 'other';
    throw badQuery(`a statement of the kind ${word} does more than read`, '', undefined, whatReads);
  }
  if (statement.parameterCount > 0) {
    throw badQuery('the statement has parameters', '', undefined, 'Write the values into the text.');
  }
}

/**
 * A text that cannot be read costs no reading of tables. Even to read a text is done behind the lock: some statements
 * (IMPORT DATABASE) open files before they run.
 */
async function checkSyntax(text: QueryText, temporary: string): Promise<void> {
  const { connection, close } = await openDuckDb({ temporary, memoryLimit: parserMemory, threads: 1 });
  try {
    await lock(connection, []);
    await telling(undefined, () => connection.extractStatements(text.sql));
  } finally {
    close();
  }
}

/** A PIVOT without IN comes as two statements: the first makes a type of the values that there are. */
async function prepare(connection: DuckDBConnection, text: QueryText): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(text.sql);
  for (let index = 0; index < statements.count - 1; index++) {
    const first = await statements.prepare(index);
    refuse(first, [StatementType.CREATE]);
    await first.run();
  }
  const statement = await statements.prepare(statements.count - 1);
  refuse(statement, [StatementType.SELECT, StatementType.EXPLAIN]);
  if (statement.statementType === StatementType.EXPLAIN) {
    const inner = await connection.prepare(text.explained ?? '');
    refuse(inner, [StatementType.SELECT]);
    inner.destroySync();
  }
  return statement;
}

export function openSqlQueries(options: SqlQueriesOptions): SqlQueries {
  async function withPrepared<Result>(
    request: QueryRequest,
    use: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    const text = readQueryText(request.sql);
    if (text.revisions.length > 0) await checkSyntax(text, options.temporary);
    const database = await openDuckDb({ temporary: options.temporary, memoryLimit: options.memoryLimit });
    try {
      return await use(await prepareIn(database, request, text));
    } finally {
      database.close();
    }
  }

  async function prepareIn(
    { connection, directory }: DuckDb,
    request: QueryRequest,
    text: QueryText,
  ): Promise<Prepared> {
    const output = join(directory, 'answer.parquet');
    const named = new Map<string, QueryTable>();
    for (const rev of text.revisions) named.set(rev, await request.resolve(rev));
    const manifest = options.manifest();
    try {
      await addManifest(connection, manifest, text.names);
    } finally {
      manifest.close();
    }
    const tables = await addArtifacts(connection, named);
    await lock(connection, [...[...named.values()].map(({ file }) => file.path), output]);
    const statement = await telling(tables, () => prepare(connection, text));
    return { connection, text, statement, output, tables };
  }

  return {
    rows: (request, use) =>
      withPrepared(request, async (prepared) => {
        const { result, rows } = await answerOf(prepared, request.atMost);
        return use({ columns: columnsOf(prepared.statement), batches: batchesOf(result, rows) });
      }),
    parquet: (request, use) =>
      withPrepared(request, async ({ connection, text, statement, output, tables }) => {
        if (statement.statementType === StatementType.EXPLAIN) {
          throw badQuery('an EXPLAIN has no rows to write as Parquet', '', undefined, 'Take another --format.');
        }
        const copy = `COPY (FROM (\n${text.sql}\n)) TO ${quoteText(output)} (FORMAT parquet, COMPRESSION zstd)`;
        await telling(tables, () => connection.run(copy), 1);
        return use(createReadStream(output));
      }),
  };
}

/**
 * The whole answer is made, on disk where it is large, before anybody sees a row of it: a row that cannot be made is an error
 * and no answer that ends early. (A stream would not even tell: see whole-stream.ts.)
 */
async function answerOf(
  { connection, text, statement, tables }: Prepared,
  atMost: number | undefined,
): Promise<{ readonly result: DuckDBResult; readonly rows: number | undefined }> {
  if (statement.statementType === StatementType.EXPLAIN) {
    return { result: await telling(tables, () => statement.run()), rows: undefined };
  }
  const limit = atMost === undefined ? '' : ` LIMIT ${atMost}`;
  // In a schema of its own: SHOW TABLES would list it otherwise.
  await connection.run('CREATE SCHEMA IF NOT EXISTS cairn');
  const make = `CREATE TABLE cairn.answer AS FROM (\n${text.sql}\n)${limit}`;
  await telling(tables, () => connection.run(make), 1);
  const counted = await connection.runAndReadAll('SELECT count(*) FROM cairn.answer');
  return { result: await connection.stream('FROM cairn.answer'), rows: Number(counted.getRows()[0]?.[0]) };
}

/** As the statement calls them; the second of one name is `name:1`. */
function columnsOf(statement: DuckDBPreparedStatement): QueryColumn[] {
  const seen = new Map<string, number>();
  return Array.from({ length: statement.columnCount }, (_, at) => {
    const name = statement.columnName(at);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { name: before === 0 ? name : `${name}:${before}`, type: String(statement.columnType(at)) };
  });
}

/** Failures of DuckDB in the words of whoever asked. */
async function telling<Result>(
  tables: QueryTables | undefined,
  work: () => Promise<Result>,
  linesBefore = 0,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw (await tables?.explain(error)) ?? queryError(error, linesBefore);
  }
}

/** `rows`: how many there must be, where that is known. */
async function* batchesOf(result: DuckDBResult, rows: number | undefined): AsyncGenerator<QueryBatch> {
  const converters = result.columnTypes().map(columnConverter);
  for (let seen = 0; ; ) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) {
      if (rows === undefined || seen === rows) return;
      throw new CodedError('IO', `the answer has ${rows} rows, and ${seen} of them could be read`, {
        hint: 'Free some space in the directory for temporary files.',
      });
    }
    seen += chunk.rowCount;
    const columns = converters.map((convert, at) => {
      const values = chunk.getColumnValues(at);
      return (convert === undefined ? values : values.map(convert)) as QueryBatch['columns'][number];
    });
    yield { rows: chunk.rowCount, columns };
  }
}
