import { describe, expect, test } from 'vitest';
import { readQueryText } from '../../../../src/adapters/duckdb/query-text.ts';
import { isCodedError } from '../../../../src/core/errors.ts';

function refusal(sql: string): string {
  try {
    readQueryText(sql);
  } catch (error) {
    if (isCodedError(error, 'BAD_QUERY')) return error.message;
    throw error;
  }
  return 'taken';
}

describe('the text of a query', () => {
  test('is one statement, whatever semicolons stand in texts, names and comments', () => {
    const one = [
      "SELECT ';' -- ; and more",
      'SELECT 1 AS ";"; ',
      '/* a /* ; */ ; */ SELECT 1;;',
      "SELECT E'\\';', $$;$$, $t$ ; $$ ; $t$",
      "SELECT 'it''s ; here'",
    ];
    expect(one.map(refusal)).toEqual(one.map(() => 'taken'));
    expect(refusal('SELECT 1;\n  SELECT 2')).toBe('line 2, column 3: a second statement begins here');
    expect(refusal("SELECT '\\'; DROP TABLE runs; --'")).toMatch(/second statement/);
    expect(['', ' ;; ', '-- nothing'].map(refusal)).toEqual(Array(3).fill('there is no statement'));
  });

  test('names its revisions, each once', () => {
    const { revisions } = readQueryText(
      `FROM artifact('a:b') JOIN main . Artifact ( $$c$$ ) USING (id) JOIN "artifact"('it''s') JOIN artifact('a:b')
       -- artifact('no')
       WHERE x = 'artifact(''no'')' /* artifact('no') */ AND count(artifact) > 0`,
    );
    expect(revisions).toEqual(['a:b', 'c', "it's"]);
  });

  test('is refused where a revision is no plain text', () => {
    const texts = ["FROM artifact(lower('x'))", "FROM artifact('a' || 'b')", 'FROM artifact(rev)', 'FROM artifact()'];
    expect(texts.map(refusal)).toEqual(
      texts.map(() => 'line 1, column 6: artifact() takes one revision in single quotes'),
    );
  });

  test('is refused where it calls a function that acts or hides a text', () => {
    const texts = [
      "FROM enable_logging('QueryLog')",
      'FROM "Enable_Profiling" ()',
      'SELECT * FROM system.main.force_checkpoint /* here */ ()',
      "FROM query('SELECT 1')",
      "FROM json_execute_serialized_sql('{}')",
      'FROM truncate_duckdb_logs()',
    ];
    expect(texts.map(refusal)).toEqual(texts.map(() => expect.stringMatching(/is not for reading tables$/)));
    expect(refusal('SELECT query, enable_x FROM t')).toBe('taken');
    expect(refusal("SELECT U&'\\0061'")).toMatch(/are not taken$/);
  });

  test('says what an EXPLAIN explains', () => {
    const explained = (sql: string): string | undefined => readQueryText(sql).explained;
    expect(explained('EXPLAIN SELECT 1;')).toBe('SELECT 1');
    expect(explained('explain analyze copy (select 1) to x')).toBe('copy (select 1) to x');
    expect(explained('EXPLAIN (ANALYZE, FORMAT json) DELETE FROM runs')).toBe('DELETE FROM runs');
    expect(explained('EXPLAIN (SELECT 1)')).toBe('(SELECT 1)');
    expect(explained('SELECT 1')).toBeUndefined();
    expect(explained('"explain"')).toBeUndefined();
  });

  test('keeps the places of its words', () => {
    expect(readQueryText(';\n SELECT 1;').sql).toBe(' \n SELECT 1');
  });
});
