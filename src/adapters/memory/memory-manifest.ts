/**
 * The manifest in memory: for tests, and as a second opinion on what the SQL one does. Nothing is shared with it but the
 * port; lists are recomputed for every question.
 */
import { fromHex, toHex } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { type ArtifactId, isIdPrefix, type ObjectId, type RunId } from '../../core/ids.ts';
import type { EventLog } from '../../ports/event-log.ts';
import {
  type Affected,
  columnPlaces,
  type Found,
  type FoundKind,
  type Manifest,
  type ManifestStats,
  type Namespace,
  type ObjectColumns,
  type ObjectEntry,
  type StoredObject,
} from '../../ports/manifest.ts';
import { applyToMemory, headOf } from './memory-apply.ts';
import { artifactEntry, consumersOf, listMemoryArtifacts, outputsOf, productionsOf } from './memory-artifacts.ts';
import { memoryAuditReads } from './memory-audit.ts';
import { artifactWithContent, namedByContent, publicationIn } from './memory-contents.ts';
import { actorText, dumpMemory } from './memory-dump.ts';
import {
  acceptedRefs,
  actorEntry,
  allActors,
  allPolicies,
  ancestryOf,
  approvalsOf,
  candidateActs,
  candidateEntry,
  candidatesOn,
  keyEntry,
  listCandidates,
  newestReportOf,
  reportEntry,
  reportsOf,
} from './memory-governance.ts';
import { memoryLineage } from './memory-lineage.ts';
import { pageOf } from './memory-pages.ts';
import { listMemoryRuns, runEntry } from './memory-runs.ts';
import { MemoryTables, objectKey } from './memory-tables.ts';
import { memoryTracedRun } from './memory-trace.ts';

const columnsLength = 1000;

function columnsOf(entries: readonly ObjectEntry[]): ObjectColumns {
  const frames: { pack: string; frame: number }[] = [];
  const place = ({ location }: ObjectEntry): number => {
    if (location.kind === 'packed') return frames.push({ pack: location.pack, frame: location.frame }) - 1;
    if (location.kind === 'absent') return location.lost === true ? columnPlaces.lost : columnPlaces.absent;
    return location.kind === 'loose' ? columnPlaces.loose : columnPlaces.looseZstd;
  };
  const at = ({ location }: ObjectEntry): number =>
    location.kind === 'packed' ? location.offset : location.kind === 'loose-zstd' ? location.storedSize : 0;
  return {
    digests: fromHex(entries.map((entry) => entry.id).join('')),
    kinds: Uint8Array.from(entries, (entry) => (entry.namespace === 'blob' ? 0 : 1)),
    sizes: Float64Array.from(entries, (entry) => entry.size),
    places: Int32Array.from(entries, place),
    at: Float64Array.from(entries, at),
    frames,
  };
}

export interface MemoryManifestOptions {
  readonly log: EventLog;
}

export function openMemoryManifest({ log }: MemoryManifestOptions): Manifest {
  const tables = new MemoryTables();
  let lastApply: Promise<unknown> = Promise.resolve();
  /** Reads wait for the batch that is being applied, and for those behind it. */
  const read = async <Result>(work: () => Result): Promise<Result> => {
    await lastApply;
    return work();
  };
  const present = (namespace: Namespace, id: ObjectId): ObjectEntry | undefined => {
    const entry = tables.objects.get(objectKey(namespace, id));
    return entry?.location.kind === 'absent' ? undefined : entry;
  };

  return {
    apply(batch) {
      const applied = lastApply.then(() => applyToMemory(tables, log, batch));
      lastApply = applied.catch(() => undefined);
      return applied;
    },
    objects: (namespace, ids) => read(() => ids.map((id) => tables.objects.get(objectKey(namespace, id)))),
    knows: (namespace, digests) =>
      read(() => {
        const answer = new Uint8Array(digests.length / 32);
        for (let index = 0; index < answer.length; index++) {
          const id = toHex(digests.subarray(32 * index, 32 * index + 32)) as ObjectId;
          if (present(namespace, id) !== undefined) answer[index] = 1;
        }
        return answer;
      }),
    async *allObjects() {
      yield* await read(() => [...tables.objects.values()]);
    },
    async *objectColumns() {
      const entries = await read(() => [...tables.objects.values()]);
      for (let at = 0; at < entries.length; at += columnsLength) yield columnsOf(entries.slice(at, at + columnsLength));
    },
    packs: () => read(() => [...tables.packs.entries()].map(([name, bytes]) => ({ name, bytes })).sort(byName)),
    stagedBlobs: () => read(() => new Set([...tables.stages.values()].flat())),
    artifacts: (ids) => read(() => ids.map((id) => artifactEntry(tables, id))),
    artifactBlobs: (ids) => read(() => ids.map((id) => artifactBlob(tables, id))),
    artifactsWithContent: (questions) => read(() => questions.map((question) => artifactWithContent(tables, question))),
    publications: (ids) => read(() => ids.map((id) => publicationIn(tables, id))),
    listArtifacts: (filter, page) => read(() => listMemoryArtifacts(tables, filter, page)),
    productions: (artifact, limit) => read(() => productionsOf(tables, artifact, limit)),
    outputs: (run) => read(() => outputsOf(tables, run)),
    runs: (ids) =>
      read(() =>
        ids.map((id) => {
          const run = tables.runs.get(id);
          return run === undefined ? undefined : runEntry(tables, run);
        }),
      ),
    listRuns: (filter, page) => read(() => listMemoryRuns(tables, filter, page)),
    consumers: (artifact, limit) => read(() => consumersOf(tables, artifact, limit)),
    lineage: (request) => read(() => memoryLineage(tables, request)),
    tracedRuns: (steps, limit) => read(() => steps.map((step) => memoryTracedRun(tables, step, limit))),
    ref: (name) => read(() => tables.refs.get(name)?.target),
    refs: (prefix) =>
      read(() =>
        [...tables.refs.entries()]
          .flatMap(([name, { target }]) => (target !== undefined && name.startsWith(prefix) ? [{ name, target }] : []))
          .sort(byName),
      ),
    acceptedRefs: (prefix) => read(() => acceptedRefs(tables, prefix)),
    refLog: (name, page) =>
      read(() => {
        const moves = [...tables.moves.values()].filter((move) => name === undefined || move.name === name);
        moves.sort((left, right) => right.seq - left.seq);
        return pageOf(
          moves,
          page,
          ({ seq }) => String(seq),
          (move) => move,
        );
      }),
    logHead: () => read(() => headOf(tables)),
    logPosition: () => read(() => tables.end),
    event: (id) => read(() => tables.events.get(tables.eventSeqs.get(id) ?? 0)),
    events: (filter, page) =>
      read(() => {
        const events = [...tables.events.values()].filter(
          ({ record }) =>
            (filter.action === undefined || record.action === filter.action) &&
            (filter.subject === undefined ||
              (record.subject.kind === filter.subject.kind && record.subject.id === filter.subject.id)) &&
            (filter.from === undefined || record.timestamp >= filter.from) &&
            (filter.to === undefined || record.timestamp <= filter.to),
        );
        if (!filter.ascending) events.reverse();
        return pageOf(
          events,
          page,
          ({ id }) => id,
          (event) => ({ event, actorName: actorText(tables, event.record.actor) }),
        );
      }),
    actor: (id) => read(() => actorEntry(tables, id)),
    actors: () => read(() => allActors(tables)),
    keys: () => read(() => [...tables.keys.values()].map((key) => keyEntry(tables, key))),
    key: (fingerprint) =>
      read(() => {
        const key = tables.keys.get(fingerprint);
        return key === undefined ? undefined : keyEntry(tables, key);
      }),
    candidates: (ids) =>
      read(() =>
        ids.map((id) => {
          const candidate = tables.candidates.get(id);
          return candidate === undefined ? undefined : candidateEntry(tables, candidate);
        }),
      ),
    listCandidates: (filter, page) => read(() => listCandidates(tables, filter, page)),
    candidateActs: (id) => read(() => candidateActs(tables, id)),
    candidatesOn: (artifacts) => read(() => candidatesOn(tables, artifacts)),
    reports: (ids) =>
      read(() =>
        ids.map((id) => {
          const report = tables.reports.get(id);
          return report === undefined ? undefined : reportEntry(tables, report);
        }),
      ),
    reportsOf: (candidate, level) => read(() => reportsOf(tables, candidate, level)),
    newestReport: (candidate, level) => read(() => newestReportOf(tables, candidate, level)),
    approvals: (report) => read(() => approvalsOf(tables, report)),
    activePolicy: () => read(() => allPolicies(tables)[0]),
    policies: () => read(() => allPolicies(tables)),
    policy: (id) => read(() => allPolicies(tables).find((policy) => policy.id === id)),
    ancestry: (request) => read(() => ancestryOf(tables, request)),
    holds: () =>
      read(() =>
        [...tables.holds.values()]
          .sort((left, right) =>
            `${left.subject.kind} ${left.subject.id}` < `${right.subject.kind} ${right.subject.id}` ? -1 : 1,
          )
          .flatMap(({ subject: { kind, id }, reason, seq }) => {
            const since = tables.events.get(seq)?.record.timestamp;
            return since === undefined ? [] : [{ subject: { kind, id }, reason, since }];
          }),
      ),
    find: (prefix, limit) => read(() => findInMemory(tables, prefix, limit)),
    affected: (objects) => read(() => affectedInMemory(tables, objects)),
    stats: () => read(() => statsOf(tables)),
    async *dump(named) {
      await lastApply;
      yield* dumpMemory(tables, named);
    },
    ...memoryAuditReads,
    check: async () => [],
    close: async () => {
      await lastApply;
    },
  };
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

function artifactBlob(tables: MemoryTables, id: ArtifactId): StoredObject | undefined {
  const record = tables.artifacts.get(id);
  const entry = record === undefined ? undefined : tables.objects.get(objectKey('blob', record.file.sha256));
  if (entry === undefined) return undefined;
  const { namespace, size, location } = entry;
  return { namespace, id: entry.id, size, location };
}

function findInMemory(tables: MemoryTables, prefix: string, limit: number): Found[] {
  if (!isIdPrefix(prefix)) {
    throw new CodedError('BAD_ID', `not a prefix of an id: ${JSON.stringify(prefix.slice(0, 80))}`, {
      hint: 'Give 4 to 64 hexadecimal digits in lower case.',
    });
  }
  const found: Found[] = [];
  for (const { namespace, id } of tables.objects.values()) {
    if (!id.startsWith(prefix)) continue;
    if (namespace === 'blob') found.push({ kind: 'blob', id });
    else if (tables.artifacts.has(id as ArtifactId)) found.push({ kind: 'artifact', id });
    else found.push({ kind: recordKind(tables, id), id });
  }
  for (const { id } of tables.events.values()) if (id.startsWith(prefix)) found.push({ kind: 'event', id });
  found.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : left.kind < right.kind ? -1 : 1));
  return found.slice(0, limit);
}

function recordKind(tables: MemoryTables, id: string): FoundKind {
  if (tables.runs.has(id as RunId)) return 'run';
  if (tables.candidates.has(id as never)) return 'candidate';
  if (tables.reports.has(id as never)) return 'report';
  return tables.policies.has(id as never) ? 'policy' : 'record';
}

function affectedInMemory(
  tables: MemoryTables,
  objects: readonly { readonly namespace: Namespace; readonly id: ObjectId }[],
): Affected {
  const lost = new Set(objects.map(({ namespace, id }) => objectKey(namespace, id)));
  const artifacts = [...tables.artifacts.entries()]
    .filter(([id, { file }]) => lost.has(objectKey('record', id)) || lost.has(objectKey('blob', file.sha256)))
    .map(([id]) => id)
    .sort();
  const touched = new Set(artifacts);
  const runs = tables
    .runsNewestFirst()
    .filter(
      ({ id, record, outputs, contents }) =>
        [id, record.tree, record.outputs, record.message, record.context, ...contents.flatMap(namedByContent)].some(
          (own) => own !== undefined && lost.has(objectKey('record', own)),
        ) ||
        outputs.some(({ artifact }) => touched.has(artifact)) ||
        record.inputs.some(({ artifact }) => touched.has(artifact)),
    );
  const runIds = new Set(runs.map(({ id }) => id));
  const own = [...tables.candidates.values()].filter(
    ({ id, record }) =>
      lost.has(objectKey('record', id)) ||
      runIds.has(record.run) ||
      record.evidence.some(({ artifact }) => touched.has(artifact)) ||
      [...tables.reports.values()].some(
        (report) =>
          report.record.candidate === id &&
          (lost.has(objectKey('record', report.id)) || lost.has(objectKey('record', report.record.facts))),
      ),
  );
  return { artifacts, runs: [...runIds], candidates: own.map(({ id }) => id).sort() };
}

function statsOf(tables: MemoryTables): ManifestStats {
  const sum = <Item>(items: readonly Item[], bytes: (item: Item) => number): { count: number; bytes: number } => ({
    count: items.length,
    bytes: items.reduce((total, item) => total + bytes(item), 0),
  });
  const all = [...tables.objects.values()].filter(({ location }) => location.kind !== 'absent');
  const loose = all.filter(({ location }) => location.kind !== 'packed');
  const outputs = [...tables.runs.values()].flatMap((run) => run.outputs);
  return {
    runs: tables.runs.size,
    artifacts: tables.artifacts.size,
    events: tables.events.size,
    blobs: sum(
      all.filter(({ namespace }) => namespace === 'blob'),
      ({ size }) => size,
    ),
    records: sum(
      all.filter(({ namespace }) => namespace === 'record'),
      ({ size }) => size,
    ),
    packs: sum([...tables.packs.values()], (bytes) => bytes),
    loose: {
      count: loose.length,
      storedBytes: loose.reduce(
        (total, { size, location }) => total + (location.kind === 'loose-zstd' ? location.storedSize : size),
        0,
      ),
      bytes: loose.reduce((total, { size }) => total + size, 0),
    },
    productions: sum(outputs, ({ artifact }) => tables.artifacts.get(artifact)?.file.size ?? 0),
  };
}
