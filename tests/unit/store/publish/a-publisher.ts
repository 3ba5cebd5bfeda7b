/** A store to publish into: files in a directory of its own, and a reader of tables that needs no DuckDB. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openWorkspaceFiles } from '../../../../src/adapters/fs/workspace-files.ts';
import { CodedError } from '../../../../src/core/errors.ts';
import type { TableHash } from '../../../../src/core/ids.ts';
import type { TableFile, TableIdentity, TableReader } from '../../../../src/ports/tables.ts';
import { publishBatch } from '../../../../src/store/publish/publish.ts';
import type {
  PublishContext,
  Published,
  PublishOutcome,
  PublishRequest,
  PublishSettings,
} from '../../../../src/store/publish/request.ts';
import { makeStore, type TestStore } from '../upkeep/a-store.ts';

/** Lines are rows, and spaces mean nothing; a line `broken` is no row. `read` names what was read. */
export function lineTables(read: string[] = []): TableReader {
  const identify = async ({ path, name }: TableFile): Promise<TableIdentity> => {
    read.push(name);
    const lines = readFileSync(path, 'utf8')
      .replaceAll(' ', '')
      .split('\n')
      .filter((line) => line !== '');
    if (lines.includes('broken')) throw new CodedError('TABLE_INVALID', `${name}: row ${lines.indexOf('broken') + 1}`);
    const sha256 = createHash('sha256').update(lines.join('\n')).digest('hex') as TableHash;
    return { sha256, rows: lines.length, columns: [], minTs: lines[0], maxTs: lines.at(-1) };
  };
  return {
    identify,
    identifyMany: (files) =>
      Promise.all(
        files.map(({ file }) =>
          identify(file).then(
            (identity) => ({ identity }),
            (error: unknown) => ({ error: error as Error }),
          ),
        ),
      ),
    diff: () => Promise.reject(new Error('not here')),
    times: () => Promise.reject(new Error('not here')),
  };
}

export const noSettings: PublishSettings = {
  pins: {},
  types: [],
  tableAt: undefined,
  code: {},
  toPath: (text) => text,
};

export interface Publisher {
  readonly store: TestStore;
  readonly context: PublishContext;
  /** Names of the tables that were read. */
  readonly read: string[];
  path(name: string): string;
  write(name: string, content: string | Uint8Array): string;
  request(name: string, fields?: Partial<PublishRequest>): PublishRequest;
  /** Fails when one of them failed. */
  publish(...requests: readonly PublishRequest[]): Promise<Published[]>;
  outcomes(requests: readonly PublishRequest[], settings?: PublishSettings): Promise<PublishOutcome[]>;
  close(): Promise<void>;
}

export async function makePublisher(tables?: (read: string[]) => TableReader): Promise<Publisher> {
  const store = await makeStore();
  const directory = mkdtempSync(join(tmpdir(), 'cairn-publish-'));
  const read: string[] = [];
  const everywhere = openWorkspaceFiles({ root: '/', probeDirectory: directory });
  const context: PublishContext = { ...store, everywhere, tables: (tables ?? lineTables)(read) };
  const outcomes = (requests: readonly PublishRequest[], settings = noSettings): Promise<PublishOutcome[]> =>
    publishBatch(context, settings, requests);
  return {
    store,
    context,
    read,
    path: (name) => join(directory, name),
    write(name, content) {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    },
    request: (name, fields = {}) => ({
      type: 'data',
      schemaVersion: 1,
      logicalKey: `key/${name}`,
      path: join(directory, name),
      name,
      workspacePath: undefined,
      fileName: basename(name),
      tags: {},
      inputs: [],
      params: {},
      pins: {},
      external: undefined,
      writer: undefined,
      code: undefined,
      supersedePrevious: false,
      ...fields,
    }),
    outcomes,
    async publish(...requests) {
      return (await outcomes(requests)).map((outcome) => {
        if ('error' in outcome) throw outcome.error;
        return outcome.published;
      });
    },
    async close() {
      rmSync(directory, { recursive: true });
      await store.close();
    },
  };
}
