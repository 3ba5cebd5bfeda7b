/**
 * Many small tables at once. A query costs DuckDB a millisecond, whatever it reads; so tables whose columns have the same
 * types are read by one query, and taken apart by a number that it puts in front of each row. Whatever goes wrong in it is
 * found by reading these tables one by one.
 */
import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { assertInvariant } from '../../core/errors.ts';
import type { StreamHasher } from '../../core/table-content/stream-hasher.ts';
import type { TableIdentity } from '../../ports/tables.ts';
import { type Hashing, type Request, type Result, smallFile, startHashing, tryIdentify } from './table-identity.ts';
import { jointSql, wideTable } from './table-reading.ts';
import { type OpenTable, openTable } from './table-source.ts';
import { readChunk } from './vectors.ts';

interface Member {
  readonly index: number;
  readonly request: Request;
  readonly table: OpenTable;
  readonly hashing: Hashing;
}

/** A table that can be read together with others; undefined for one that is read alone, or whose trouble shows then. */
async function openMember(
  connection: DuckDBConnection,
  request: Request,
  index: number,
  hasher: () => StreamHasher,
): Promise<Member | undefined> {
  if (request.file.format === 'arrow') return undefined;
  try {
    const { size } = await stat(request.file.path);
    if (size > smallFile) return undefined;
    const table = await openTable(connection, request.file, request.spec);
    if (table.columns.length === 0 || table.columns.length > wideTable) return undefined;
    return { index, request, table, hashing: startHashing(request, table, hasher) };
  } catch {
    // Read alone afterwards, which says what is wrong with it.
    return undefined;
  }
}

function groupsOf(members: readonly Member[]): readonly (readonly Member[])[] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const { table, request } = member;
    // The sort columns are named after the first table: the names must be the same then.
    const sort = request.spec.sort === undefined ? [] : [request.spec.sort, table.sqlNames];
    const key = JSON.stringify([table.sqlTypes, ...sort]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()];
}

async function identifyGroup(
  connection: DuckDBConnection,
  group: readonly Member[],
): Promise<readonly TableIdentity[]> {
  const tables = group.map(({ table }) => table);
  const result = await connection.run(jointSql(tables, group[0]?.request.spec.sort));
  const types = result.columnTypes();
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return group.map(({ hashing }) => hashing.end());
    const [numbers, ...batch] = readChunk(chunk.chunk, chunk.rowCount, types, []);
    assertInvariant(numbers?.kind === 'fixed' && numbers.layout === 'i32', 'the number of a table is an INTEGER');
    const tableOf = new Int32Array(numbers.bytes.buffer as ArrayBuffer, numbers.bytes.byteOffset, chunk.rowCount);
    for (let start = 0; start < tableOf.length; ) {
      const table = tableOf[start] as number;
      let end = start + 1;
      while (end < tableOf.length && tableOf[end] === table) end++;
      const rows = Uint32Array.from({ length: end - start }, (_, offset) => start + offset);
      group[table]?.hashing.add(batch, rows);
      start = end;
    }
  }
}

/** Identities in the order of the requests. */
export async function identifyTogether(
  connection: DuckDBConnection,
  requests: readonly Request[],
  hasher: () => StreamHasher,
): Promise<readonly Result[]> {
  const results: (Result | undefined)[] = new Array(requests.length).fill(undefined);
  const members: Member[] = [];
  for (const [index, request] of requests.entries()) {
    const member = await openMember(connection, request, index, hasher);
    if (member !== undefined) members.push(member);
  }
  for (const group of groupsOf(members)) {
    try {
      const identities = await identifyGroup(connection, group);
      for (const [at, { index }] of group.entries()) results[index] = { identity: identities[at] as TableIdentity };
    } catch {
      // Each is read alone below, and the one that failed says why.
    }
  }
  for (const { table } of members) await table.release();
  const all: Result[] = [];
  for (const [index, request] of requests.entries()) {
    all.push(results[index] ?? (await tryIdentify(connection, request, hasher)));
  }
  return all;
}
