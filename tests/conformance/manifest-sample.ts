/** Small stores for the claims about manifests: artifacts, runs and the facts that record them. */
import type {
  ActorId,
  ArtifactId,
  BlobId,
  ContentId,
  ObjectId,
  PayloadId,
  PublicationId,
  RefName,
  RunId,
  TreeId,
} from '../../src/core/ids.ts';
import { actorPayload } from '../../src/core/records/act-values.ts';
import { type ArtifactRecord, artifactText } from '../../src/core/records/artifact.ts';
import { type ContentRecord, contentBytes } from '../../src/core/records/content.ts';
import type { EventDraft } from '../../src/core/records/event.ts';
import { runBytes } from '../../src/core/records/parse-record.ts';
import { type PayloadRecord, payloadBytes } from '../../src/core/records/payload.ts';
import type { RunRecord } from '../../src/core/records/run.ts';
import { type RunIdentity, runKey } from '../../src/core/run-key.ts';
import { sha256Hex } from '../../src/core/sha256.ts';
import { formatTimestamp, type Timestamp } from '../../src/core/time.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type {
  Applied,
  ContentQuestion,
  Fact,
  Guard,
  Manifest,
  NamedContentRecord,
  ObjectLocation,
  StoredObject,
} from '../../src/ports/manifest.ts';
import type { Fixture } from './claims.ts';

export interface ManifestFixture extends Fixture {
  readonly manifest: Manifest;
  readonly log: EventLog;
  /** An empty manifest of the same kind over the same log. */
  another(): Promise<Manifest>;
}

/** An id made up from a text. */
export const idOf = <Id extends string>(text: string): Id => sha256Hex(text) as string as Id;
export const ada = idOf<ActorId>('Ada');
export const main = 'heads/main' as RefName;
export const startMs = Date.UTC(2026, 0, 1);
export const at = (seconds: number): Timestamp => formatTimestamp(startMs + 1000 * seconds);

export interface SampleArtifact {
  readonly id: ArtifactId;
  readonly record: ArtifactRecord;
  readonly blob: BlobId;
}

export function artifact(
  key: string,
  more: { content?: string; type?: string; version?: number; size?: number } = {},
): SampleArtifact {
  const blob = idOf<BlobId>(`content ${more.content ?? key}`);
  const size = more.size ?? 100;
  const [type, schemaVersion] = [more.type ?? 'file', more.version ?? 1];
  const record: ArtifactRecord = {
    schema: 'cairn.artifact/1',
    type,
    schemaVersion,
    logicalKey: key,
    file: { sha256: blob, size },
  };
  return { id: idOf<ArtifactId>(artifactText(type, schemaVersion, key, blob, size)), record, blob };
}

/** What a table says, in the words of a test, under a specification by its name. */
export function content(
  of: SampleArtifact | BlobId,
  says: string,
  more: { spec?: string; rows?: number; minTs?: string; maxTs?: string } = {},
): NamedContentRecord {
  const { spec = 'spec', rows = 1, ...times } = more;
  const record: ContentRecord = {
    schema: 'cairn.content/1',
    blob: typeof of === 'string' ? of : of.blob,
    spec: idOf(spec),
    algorithm: 'cairn.table/1',
    sha256: idOf(`table ${says}`),
    rows,
    ...times,
  };
  return { id: sha256Hex(contentBytes(record)) as string as ContentId, record };
}

/** Which artifact with this type, version and key says this already. */
export function question({ record }: SampleArtifact, says: string, spec = 'spec'): ContentQuestion {
  const { type, schemaVersion, logicalKey } = record;
  return { type, schemaVersion, logicalKey, spec: idOf(spec), sha256: idOf(`table ${says}`) };
}

export type Output = SampleArtifact | readonly [path: string, artifact: SampleArtifact];
export type Input =
  | SampleArtifact
  | { readonly of: SampleArtifact; readonly relation?: string; readonly path?: string; readonly run?: RunId };

export interface RunOptions {
  readonly name?: string;
  readonly outputs?: readonly Output[];
  readonly inputs?: readonly Input[];
  readonly edges?: readonly (readonly [child: SampleArtifact, parent: SampleArtifact, relation?: string])[];
  readonly parents?: readonly RunId[];
  readonly identity?: Partial<RunIdentity>;
  readonly createdAt?: Timestamp;
  readonly record?: Partial<RunRecord>;
  readonly message?: string;
  readonly contents?: readonly NamedContentRecord[];
  readonly publication?: string;
}

export interface SampleRun {
  readonly id: RunId;
  readonly record: RunRecord;
  readonly fact: Extract<Fact, { kind: 'run' }>;
  /** Everything that the run names, as raw files. */
  readonly objects: readonly StoredObject[];
}

export const loose: ObjectLocation = { kind: 'loose' };
export const blobAt = (id: BlobId, size = 100, location: ObjectLocation = loose): StoredObject => ({
  namespace: 'blob',
  id,
  size,
  location,
});
export const recordAt = (id: string, size = 200, location: ObjectLocation = loose): StoredObject => {
  return { namespace: 'record', id: id as ObjectId, size, location };
};

export function draft(
  action: EventDraft['action'],
  kind: EventDraft['subject']['kind'],
  id: string,
  payload?: string,
): EventDraft {
  const subject = { kind, id };
  return { actor: ada, action, subject, ...(payload === undefined ? {} : { payload: idOf<PayloadId>(payload) }) };
}

export function sampleRun(options: RunOptions = {}): SampleRun {
  const name = options.name ?? 'run';
  const identity: RunIdentity = {
    datasets: [],
    params: {},
    engineVersion: '1.0',
    configVersion: '2',
    seedVersion: 1,
    ...options.identity,
  };
  const outputs = (options.outputs ?? []).map((output) =>
    'id' in output ? ([output.record.logicalKey, output] as const) : output,
  );
  const inputs = (options.inputs ?? []).map((input) => ('id' in input ? { of: input } : input));
  const edges = options.edges?.map(([child, parent, relation = 'derived_from']) => ({
    child: child.id,
    parent: parent.id,
    relation,
  }));
  const record: RunRecord = {
    schema: 'cairn.run/1',
    runKey: runKey(identity),
    identity,
    parents: options.parents ?? [],
    message: idOf<PayloadId>(`message of ${name}`),
    author: 'Ada <ada@example.org>',
    actor: ada,
    createdAt: options.createdAt ?? at(0),
    inputs: inputs.map(({ of, relation = 'derived_from', path, run }) => ({
      artifact: of.id,
      relation,
      ...(path === undefined ? {} : { path }),
      ...(run === undefined ? {} : { run }),
    })),
    outputs: idOf<TreeId>(`outputs of ${name}`),
    tree: idOf<TreeId>(`tree of ${name}`),
    removed: [],
    ...(edges === undefined ? {} : { edges }),
    relations: [],
    code: {},
    writer: { name: 'cairn', version: '0.1.0' },
    plugins: [],
    status: 'succeeded',
    tags: {},
    metrics: {},
    ...(options.contents === undefined ? {} : { contents: options.contents.map(({ id }) => id).sort() }),
    ...(options.publication === undefined ? {} : { publication: idOf<PublicationId>(options.publication) }),
    ...options.record,
  };
  const id = sha256Hex(runBytes(record)) as string as RunId;
  const artifacts = new Map<ArtifactId, SampleArtifact>();
  for (const one of [...outputs.map(([, output]) => output), ...inputs.map(({ of }) => of)]) artifacts.set(one.id, one);
  for (const [child, parent] of options.edges ?? []) for (const one of [child, parent]) artifacts.set(one.id, one);
  return {
    id,
    record,
    objects: [
      ...[...artifacts.values()].flatMap((one) => [blobAt(one.blob, one.record.file.size), recordAt(one.id)]),
      ...[id, record.message, record.tree, record.outputs].map((named) => recordAt(named)),
      ...(options.contents ?? []).map((named) => recordAt(named.id)),
      ...[...new Set(options.contents?.map((named) => named.record.spec))].map((spec) => recordAt(spec)),
    ],
    fact: {
      kind: 'run',
      id,
      record,
      message: options.message ?? `message of ${name}`,
      outputs: outputs.map(([path, output]) => ({ path, artifact: output.id })),
      artifacts: [...artifacts.values()].map((one) => ({ id: one.id, record: one.record })),
      ...(options.contents === undefined ? {} : { contents: options.contents }),
      event: draft('run.commit', 'run', id),
    },
  };
}

/** Applies facts at so many seconds after the start. */
export function apply(
  manifest: Manifest,
  facts: readonly Fact[],
  seconds = 0,
  guards: readonly Guard[] = [],
): Promise<Applied> {
  return manifest.apply({ facts, guards, nowMs: startMs + 1000 * seconds, clock: 'wall' });
}

export async function commit(manifest: Manifest, options: RunOptions = {}, seconds = 0): Promise<SampleRun> {
  const run = sampleRun(options);
  await apply(manifest, [{ kind: 'objects', objects: run.objects }, run.fact], seconds);
  return run;
}

/** The id of a payload as it would be stored. */
export const payloadId = (payload: Omit<PayloadRecord, 'schema'>): PayloadId =>
  sha256Hex(payloadBytes(payload)) as string as PayloadId;

export const actorFact: Fact = {
  kind: 'actor',
  id: ada,
  name: 'Ada',
  mail: 'ada@example.org',
  roles: ['admin', 'researcher'],
  event: {
    ...draft('actor.add', 'actor', ada),
    payload: payloadId(actorPayload('Ada', 'ada@example.org', ['admin', 'researcher'])),
  },
};

export function refFact(name: RefName, from: RunId | undefined, to: RunId | undefined, message?: string): Fact {
  return { kind: 'ref', name, from, to, message, event: draft('ref.update', 'ref', name) };
}

export function statusFact(kind: 'tombstone' | 'restore' | 'erase', { id }: SampleArtifact, reason?: string): Fact {
  return { kind, artifact: id, reason, event: draft(`artifact.${kind}`, 'artifact', id) };
}

export function supersedeFact({ id }: SampleArtifact, by: SampleArtifact, reason?: string): Fact {
  return { kind: 'supersede', artifact: id, by: by.id, reason, event: draft('artifact.supersede', 'artifact', id) };
}

export function tagsFact({ id }: SampleArtifact, tags: { readonly [key: string]: string | undefined }): Fact {
  return { kind: 'artifact-tags', artifact: id, tags, event: draft('artifact.tag', 'artifact', id) };
}

/** The code of the error that a promise ends with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : error),
  );
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Everything that a manifest shows, as text. */
export async function dumpText(manifest: Manifest): Promise<string> {
  const rows = await collect(manifest.dump({ has: () => true }));
  return rows.map((row) => JSON.stringify(row)).join('\n');
}
