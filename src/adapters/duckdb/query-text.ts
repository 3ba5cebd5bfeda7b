/**
 * What a user's SQL is asked before DuckDB sees it: is it one statement, what does an EXPLAIN explain, which words and
 * texts does it hold, which revisions does it name. Words are told from texts, quoted names and comments as DuckDB's own
 * reader does; what this reader does not know is refused.
 *
 * Nothing is made safe by this alone: DuckDB says of what type a statement is, and has no access to anything outside.
 */
import { CodedError } from '../../core/errors.ts';

export interface Token {
  readonly kind: 'word' | 'text' | 'other';
  /** Without quotes, escapes undone; a word that is not quoted in lower case. */
  readonly value: string;
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
}

/** In the order in which they are tried; where a text or a comment ends is found below. Without an end it takes the rest. */
const pattern =
  /(?<space>\s+|--[^\n]*)|(?<comment>\/\*)|(?<odd>u&["'])|(?<text>(?<escaped>e)?')|(?<name>"(?:[^"]|"")*(?:"|$))|(?<dollar>\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<word>[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<number>\d[\w.]*)|(?<other>.)/isuy;

/** End of a comment that may hold others. */
function commentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    const two = sql.slice(at, at + 2);
    if (two === '/*') depth++;
    else if (two === '*/') depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

/** End of a text in quotes that start at `start`; a backslash escapes only in an E'…' text. */
function textEnd(sql: string, start: number, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === "'" && sql[at + 1] === "'") at++;
    else if (sql[at] === "'") return at + 1;
  }
  return sql.length;
}

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let start = 0; start < sql.length; ) {
    pattern.lastIndex = start;
    const groups = pattern.exec(sql)?.groups ?? {};
    let end = pattern.lastIndex;
    const add = (kind: Token['kind'], value: string, quoted: boolean): void => {
      tokens.push({ kind, value, quoted, start, end });
    };
    if (groups['comment'] !== undefined) end = commentEnd(sql, start);
    else if (groups['odd'] !== undefined) {
      throw badQuery('names and texts of the form U&"…" are not taken', sql, start);
    } else if (groups['text'] !== undefined) {
      const escapes = groups['escaped'] !== undefined;
      const from = start + (escapes ? 1 : 0);
      end = textEnd(sql, from, escapes);
      add('text', sql.slice(from + 1, end - 1).replaceAll("''", "'"), true);
    } else if (groups['name'] !== undefined) add('word', sql.slice(start + 1, end - 1).replaceAll('""', '"'), true);
    else if (groups['dollar'] !== undefined) {
      const close = sql.indexOf(groups['dollar'], end);
      const from = end;
      end = close < 0 ? sql.length : close + groups['dollar'].length;
      add('text', sql.slice(from, close < 0 ? sql.length : close), true);
    } else if (groups['word'] !== undefined) add('word', groups['word'].toLowerCase(), false);
    else if (groups['space'] === undefined) add('other', sql.slice(start, end), false);
    start = end;
  }
  return tokens;
}

/** BAD_QUERY at an offset of the text. */
export function badQuery(message: string, sql: string, offset?: number, hint?: string): CodedError {
  if (offset === undefined) return new CodedError('BAD_QUERY', message, { hint });
  const before = sql.slice(0, offset).split('\n');
  const place = { line: before.length, column: [...(before.at(-1) as string)].length + 1 };
  return new CodedError('BAD_QUERY', `line ${place.line}, column ${place.column}: ${message}`, { hint, data: place });
}

export interface QueryText {
  /** Without the semicolon behind it. */
  readonly sql: string;
  /** What an EXPLAIN explains: a statement of its own. */
  readonly explained: string | undefined;
  /** Revisions in `artifact('<rev>')`, each once. */
  readonly revisions: readonly string[];
  /** Lower case: every word and text, which is more than the tables that are named. */
  readonly names: ReadonlySet<string>;
}

/** Table functions that read nothing and set something, and those that run a text which nobody has looked at. */
const refusedFunctions =
  /^(?:(?:en|dis)able_\w+|(?:force_)?checkpoint|truncate_duckdb_logs|query|json_execute_serialized_sql|verify_\w+)$/;

export const whatReads =
  '`cairn query` runs one statement that reads: SELECT, FROM, WITH, VALUES, DESCRIBE, SUMMARIZE, SHOW, EXPLAIN or PIVOT.';

/** Throws BAD_QUERY for what is not one statement, and for functions that act. */
export function readQueryText(sql: string): QueryText {
  const all = tokensOf(sql);
  const isEnd = (token: Token): boolean => token.kind === 'other' && token.value === ';';
  let first = 0;
  while (first < all.length && isEnd(all[first] as Token)) first++;
  const stop = all.findIndex((token, index) => index >= first && isEnd(token));
  const tokens = all.slice(first, stop < 0 ? all.length : stop);
  const [start] = tokens;
  if (start === undefined) throw badQuery('there is no statement', sql, undefined, whatReads);
  const next = stop < 0 ? undefined : all.slice(stop).find((token) => !isEnd(token));
  if (next !== undefined) throw badQuery('a second statement begins here', sql, next.start, whatReads);
  for (const [index, token] of tokens.entries()) {
    const call = token.kind === 'word' && tokens[index + 1]?.value === '(' && !tokens[index + 1]?.quoted;
    if (call && refusedFunctions.test(token.value.toLowerCase())) {
      throw badQuery(`the function ${token.value} is not for reading tables`, sql, token.start, whatReads);
    }
  }
  const end = (tokens.at(-1) as Token).end;
  return {
    // Blank, not cut: places in messages stay right.
    sql: sql.slice(0, start.start).replaceAll(/[^\n]/g, ' ') + sql.slice(start.start, end),
    explained: explainedPart(sql.slice(0, end), tokens),
    revisions: revisionsIn(sql, tokens),
    names: new Set(tokens.filter(({ kind }) => kind !== 'other').map(({ value }) => value.toLowerCase())),
  };
}

function explainedPart(sql: string, tokens: readonly Token[]): string | undefined {
  const isWord = (index: number, word: string): boolean => {
    const token = tokens[index];
    return token?.kind === 'word' && !token.quoted && token.value === word;
  };
  if (!isWord(0, 'explain')) return undefined;
  let at = 1;
  if (isWord(at, 'analyze') || isWord(at, 'analyse')) at++;
  // Options: (FORMAT json). A statement in parentheses starts with a word that is none of them.
  if (tokens[at]?.value === '(' && ['format', 'analyze', 'analyse', 'codegen'].some((word) => isWord(at + 1, word))) {
    while (at < tokens.length && tokens[at]?.value !== ')') at++;
    at++;
  }
  return sql.slice(tokens[at]?.start ?? sql.length);
}

function revisionsIn(sql: string, tokens: readonly Token[]): string[] {
  const found = new Set<string>();
  for (const [index, { kind, value, start }] of tokens.entries()) {
    const [open, text, close] = tokens.slice(index + 1, index + 4);
    if (kind !== 'word' || value.toLowerCase() !== 'artifact' || open?.value !== '(' || open.quoted) continue;
    if (text?.kind !== 'text' || close?.value !== ')' || close.quoted) {
      throw badQuery(
        'artifact() takes one revision in single quotes',
        sql,
        start,
        "Write artifact('HEAD:prices.parquet').",
      );
    }
    found.add(text.value);
  }
  return [...found];
}
