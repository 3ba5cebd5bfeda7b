/**
 * The manifest over SQLite. One connection serves the process: writes take turns in short transactions, reads see whole
 * batches. The tables and their rules are in migrations/sqlite, in the words of SQL.
 */
import { statSync } from 'node:fs';
import { CodedError } from '../../core/errors.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Manifest } from '../../ports/manifest.ts';
import { readAncestry } from './ancestry.ts';
import { applyBatch, logPosition } from './apply.ts';
import { refTarget } from './apply-refs.ts';
import { readHead } from './apply-state.ts';
import { checkManifest, indexProblems } from './check.ts';
import { Connection } from './connection.ts';
import { type DumpRow, dumpRows, type Named } from './dump.ts';
import { readLineage } from './lineage.ts';
import { listArtifacts } from './list-artifacts.ts';
import { listRuns } from './list-runs.ts';
import { type OpenedDatabase, openManifestDatabase } from './manifest-database.ts';
import { type Migration, readMigrations } from './migrations.ts';
import { readActor, readActors, readKey, readKeys } from './read-actors.ts';
import { readArtifacts, readConsumers, readOutputs, readProductions } from './read-artifacts.ts';
import { governanceTexts, schemaDifferences } from './read-audit.ts';
import { acceptedRefs, candidateActs, candidatesOn, listCandidates, readCandidates } from './read-candidates.ts';
import { artifactsWithContent, publications } from './read-contents.ts';
import { readEvent, readEvents } from './read-events.ts';
import { findByPrefix, readAffected, readStats } from './read-found.ts';
import {
  columnsAfter,
  FrameTable,
  knownObjects,
  objectsAfter,
  readArtifactBlobs,
  readObjects,
  readPacks,
  readStagedBlobs,
} from './read-objects.ts';
import { readHolds, readRefLog, readRefs } from './read-refs.ts';
import {
  newestReport,
  readActivePolicy,
  readApprovals,
  readPolicies,
  readPolicy,
  readReports,
  reportsOf,
} from './read-reports.ts';
import { readRuns } from './read-runs.ts';
import { readTracedRuns } from './read-trace.ts';
import { manifestError } from './sqlite-errors.ts';
import { Transactions, type WaitOptions } from './transactions.ts';

export interface SqliteManifestOptions extends WaitOptions {
  /** `manifest.sqlite`; made when it is missing, unless `readOnly`. */
  readonly path: string;
  /** Folder of the `NNNN-name.sql` files. */
  readonly migrationsDir: string;
  /** Where events are appended. Only used by `apply`. */
  readonly log: EventLog;
  /** Never writes. Implied when the directory or the file cannot be written. */
  readonly readOnly?: boolean | undefined;
  /** One line for people: a backup that was kept, a copy that is read. */
  readonly note?: ((line: string) => void) | undefined;
  /** Milliseconds since 1970, for the date of a migration. */
  readonly now?: (() => number) | undefined;
}

export async function openSqliteManifest(options: SqliteManifestOptions): Promise<Manifest> {
  const migrations = readMigrations(options.migrationsDir);
  const settings = {
    path: options.path,
    readOnly: options.readOnly ?? false,
    migrations,
    note: options.note ?? (() => undefined),
    now: options.now ?? Date.now,
  };
  // Another process may be making or closing the same file this moment.
  const opened = await Transactions.patiently(options.path, options, () => openManifestDatabase(settings));
  return manifestOver(opened, options, migrations);
}

/** A log of writes larger than this is folded into the database when the manifest is closed. */
const walKept = 1024 * 1024;
const objectsPerPage = 10_000;

function manifestOver(
  opened: OpenedDatabase,
  options: SqliteManifestOptions,
  migrations: readonly Migration[],
): Manifest {
  const { connection, readOnly } = opened;
  const transactions = new Transactions(connection, options);
  const read = <Result>(work: (connection: Connection) => Result): Promise<Result> =>
    transactions.read(() => work(connection));
  let closed: Promise<void> | undefined;

  async function* allObjects(): ReturnType<Manifest['allObjects']> {
    for (let last: number | undefined = 0; last !== undefined; ) {
      const from: number = last;
      const page = await read((connection) => objectsAfter(connection, from, objectsPerPage));
      yield* page.entries;
      last = page.last;
    }
  }

  async function* objectColumns(): ReturnType<Manifest['objectColumns']> {
    const table = new FrameTable();
    for (let last: number | undefined = 0; last !== undefined; ) {
      const from: number = last;
      const page = await read((connection) => columnsAfter(connection, from, objectsPerPage, table));
      if (page.columns.kinds.length > 0) yield page.columns;
      last = page.last;
    }
  }

  /** On a connection of its own, because it lasts and must see one state. */
  async function* dump(named: Named): AsyncGenerator<DumpRow> {
    await transactions.settled();
    const own = new Connection({ path: connection.path, readOnly: true, busyMs: 1000 });
    try {
      own.exec('BEGIN');
      yield* dumpRows(own, named);
    } catch (error) {
      throw manifestError(connection.path, error);
    } finally {
      own.close();
    }
  }

  async function* texts(): ReturnType<Manifest['governanceTexts']> {
    await transactions.settled();
    const own = new Connection({ path: connection.path, readOnly: true, busyMs: 1000 });
    try {
      yield* governanceTexts(own);
    } catch (error) {
      throw manifestError(connection.path, error);
    } finally {
      own.close();
    }
  }

  /** Folds a large log of writes into the database. What stays in it is safe too, so a failure is only told. */
  function tidy(): void {
    const wal = statSync(`${connection.path}-wal`, { throwIfNoEntry: false });
    if (readOnly || wal === undefined || wal.size <= walKept) return;
    try {
      connection.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      options.note?.(`${connection.path}-wal stays as it is: ${manifestError(connection.path, error).message}`);
    }
  }

  async function close(): Promise<void> {
    await transactions.settled();
    try {
      tidy();
      connection.close();
    } catch (error) {
      throw manifestError(connection.path, error);
    } finally {
      opened.discard();
    }
  }

  return {
    async apply(batch) {
      if (readOnly) {
        throw new CodedError('READ_ONLY', `the manifest ${options.path} can only be read from here`, {
          data: { path: options.path },
        });
      }
      return transactions.write(() => applyBatch(connection, options.log, batch));
    },
    objects: (namespace, ids) => read((connection) => readObjects(connection, namespace, ids)),
    knows: (namespace, digests) => read((connection) => knownObjects(connection, namespace, digests)),
    allObjects,
    objectColumns,
    packs: () => read(readPacks),
    stagedBlobs: () => read(readStagedBlobs),
    artifacts: (ids) => read((connection) => readArtifacts(connection, ids)),
    artifactBlobs: (ids) => read((connection) => readArtifactBlobs(connection, ids)),
    artifactsWithContent: (questions) => read((connection) => artifactsWithContent(connection, questions)),
    publications: (ids) => read((connection) => publications(connection, ids)),
    listArtifacts: (filter, page) => read((connection) => listArtifacts(connection, filter, page)),
    productions: (artifact, limit) => read((connection) => readProductions(connection, artifact, limit)),
    outputs: (run) => read((connection) => readOutputs(connection, run)),
    runs: (ids) => read((connection) => readRuns(connection, ids)),
    listRuns: (filter, page) => read((connection) => listRuns(connection, filter, page)),
    consumers: (artifact, limit) => read((connection) => readConsumers(connection, artifact, limit)),
    lineage: (request) => read((connection) => readLineage(connection, request)),
    tracedRuns: (steps, limit) => read((connection) => readTracedRuns(connection, steps, limit)),
    ref: (name) => read((connection) => refTarget(connection, name)),
    refs: (prefix) => read((connection) => readRefs(connection, prefix)),
    acceptedRefs: (prefix) => read((connection) => acceptedRefs(connection, prefix)),
    refLog: (name, page) => read((connection) => readRefLog(connection, name, page)),
    logHead: () => read(readHead),
    logPosition: () => read(logPosition),
    event: (id) => read((connection) => readEvent(connection, id)),
    events: (filter, page) => read((connection) => readEvents(connection, filter, page)),
    actor: (id) => read((connection) => readActor(connection, id)),
    actors: () => read(readActors),
    keys: () => read(readKeys),
    key: (fingerprint) => read((connection) => readKey(connection, fingerprint)),
    candidates: (ids) => read((connection) => readCandidates(connection, ids)),
    listCandidates: (filter, page) => read((connection) => listCandidates(connection, filter, page)),
    candidateActs: (id) => read((connection) => candidateActs(connection, id)),
    candidatesOn: (artifacts) => read((connection) => candidatesOn(connection, artifacts)),
    reports: (ids) => read((connection) => readReports(connection, ids)),
    reportsOf: (candidate, level) => read((connection) => reportsOf(connection, candidate, level)),
    newestReport: (candidate, level) => read((connection) => newestReport(connection, candidate, level)),
    approvals: (report) => read((connection) => readApprovals(connection, report)),
    activePolicy: () => read(readActivePolicy),
    policies: () => read(readPolicies),
    policy: (id) => read((connection) => readPolicy(connection, id)),
    ancestry: (request) => read((connection) => readAncestry(connection, request)),
    holds: () => read(readHolds),
    find: (prefix, limit) => read((connection) => findByPrefix(connection, prefix, limit)),
    affected: (objects) => read((connection) => readAffected(connection, objects)),
    stats: () => read(readStats),
    dump,
    schemaDifferences: () =>
      read((connection) =>
        schemaDifferences(
          connection,
          migrations,
          () => new Connection({ path: ':memory:', readOnly: false, busyMs: 0 }),
        ),
      ),
    indexProblems: () => read(indexProblems),
    governanceTexts: texts,
    check: () =>
      read((connection) =>
        checkManifest(connection, migrations, () => new Connection({ path: ':memory:', readOnly: false, busyMs: 0 })),
      ),
    close() {
      closed ??= close();
      return closed;
    },
  };
}
