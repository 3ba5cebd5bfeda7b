/** The reader of tables, loaded with the first table: DuckDB takes longer to load than most commands take. */
import type { duckDbTableReader } from '../adapters/duckdb/table-reader.ts';
import { nativeCodec } from '../adapters/node/native-codec.ts';
import type { TableReader } from '../ports/tables.ts';

/** What reading a table may hold in memory; what a sort needs beyond goes to disk. */
const memoryLimit = 768 * 1024 * 1024;

type Opened = ReturnType<typeof duckDbTableReader>;

/** `temporary` is where sorts go that do not fit into memory. `close` removes what went there. */
export function lazyTables(temporary: string): TableReader & { close(): Promise<void> } {
  let opened: Promise<Opened> | undefined;
  const reader = (): Promise<Opened> => {
    opened ??= import('../adapters/duckdb/table-reader.ts').then((module) =>
      module.duckDbTableReader({ temporary, memoryLimit, hasher: () => nativeCodec().hasher() }),
    );
    return opened;
  };
  return {
    identify: async (file, spec) => (await reader()).identify(file, spec),
    identifyMany: async (files) => (await reader()).identifyMany(files),
    diff: async (request) => (await reader()).diff(request),
    times: async (file, columns) => (await reader()).times(file, columns),
    close: async () => (await opened)?.close(),
  };
}
