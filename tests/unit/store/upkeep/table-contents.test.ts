import { afterEach, beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import type {
  ArtifactId,
  BlobId,
  ContentId,
  ObjectId,
  PublicationId,
  RunId,
  TableHash,
  TableSpecId,
} from '../../../../src/core/ids.ts';
import { type ContentRecord, contentBytes } from '../../../../src/core/records/content.ts';
import { parseRunRecord, runBytes } from '../../../../src/core/records/parse-record.ts';
import { plainTable, tableSpecBytes } from '../../../../src/core/records/table-spec.ts';
import { sha256Hex } from '../../../../src/core/sha256.ts';
import type { Manifest, NamedContentRecord } from '../../../../src/ports/manifest.ts';
import { actorIdOf, applyFacts } from '../../../../src/store/log/governance.ts';
import { readStored } from '../../../../src/store/objects/object-reader.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { dumpManifest } from '../../../../src/store/upkeep/dump.ts';
import { checkStore } from '../../../../src/store/upkeep/fsck.ts';
import { collectGarbage } from '../../../../src/store/upkeep/gc.ts';
import { reindexStore } from '../../../../src/store/upkeep/reindex.ts';
import { retireRuns } from '../../../../src/store/upkeep/retire.ts';
import { day, makeStore, type TestStore } from './a-store.ts';

let store: TestStore;
beforeEach(async () => {
  store = await makeStore();
});
afterEach(() => store.close());

const publication = sha256Hex('prices of January') as string as PublicationId;
const says = sha256Hex('a table') as string as TableHash;
/** Bytes that say what `prices.csv` says. */
const otherBytes = utf8('price,day\n2,1\n');
const otherBlob = sha256Hex(otherBytes) as string as BlobId;

interface Published {
  readonly run: RunId;
  readonly artifact: ArtifactId;
  readonly spec: TableSpecId;
  readonly contents: readonly NamedContentRecord[];
}

/** A run with `prices.csv`, then one that publishes other bytes with the same content and names the artifact instead. */
async function publish(): Promise<Published> {
  const first = await store.commit({ 'prices.csv': 'day,price\n1,2\n' }, { loose: true });
  const [stored] = await store.manifest.objects('record', [first.run]);
  const record = parseRunRecord(await readStored(store, stored as never));
  const session = new WriteSession(store);
  const spec = session.record<TableSpecId>(tableSpecBytes(plainTable));
  const contents = [first.blobs.get('prices.csv') as BlobId, otherBlob].map((blob): NamedContentRecord => {
    const content: ContentRecord = {
      schema: 'cairn.content/1',
      blob,
      spec,
      algorithm: 'cairn.table/1',
      sha256: says,
      rows: 1,
      minTs: '2026-01-01T00:00:00.000Z',
    };
    return { id: session.record<ContentId>(contentBytes(content)), record: content };
  });
  const named = contents.map(({ id }) => id).sort();
  const published = { ...record, contents: named, publication };
  const run = session.record<RunId>(runBytes(published));
  const artifact = first.artifacts.get('prices.csv') as ArtifactId;
  await applyFacts(store, session, [
    {
      kind: 'run',
      id: run,
      record: published,
      message: 'a run',
      outputs: [{ path: 'prices.csv', artifact }],
      artifacts: [],
      contents,
      event: { actor: actorIdOf(store.author), action: 'run.commit', subject: { kind: 'run', id: run } },
    },
  ]);
  return { run, artifact, spec, contents };
}

async function dump(manifest: Manifest): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of dumpManifest({ ...store, manifest })) lines.push(line);
  return lines;
}

async function rebuilt<Result>(
  look: (manifest: Manifest, lost: readonly ObjectId[]) => Promise<Result>,
): Promise<Result> {
  const fresh = await store.openManifest(`fresh-${Math.trunc(store.time.now)}.sqlite`);
  try {
    const swap = { fresh, commit: async () => undefined, discard: async () => undefined };
    const { lost } = await reindexStore(store, { swap: async () => swap });
    return await look(fresh, lost);
  } finally {
    await fresh.close();
  }
}

async function answers(manifest: Manifest, { artifact, spec }: Published): Promise<unknown> {
  const question = { type: 'file', schemaVersion: 1, logicalKey: 'prices.csv', spec, sha256: says };
  return [
    await manifest.artifactsWithContent([question]),
    await manifest.publications([publication]),
    await manifest.artifacts([artifact]),
  ];
}

test('reindex gives back contents and publications, and calls no bytes lost that were never stored', async () => {
  const published = await publish();
  const before = [await dump(store.manifest), await answers(store.manifest, published)];
  expect(before[1]).toMatchObject([[published.artifact], [published.run], [{ content: { sha256: says, rows: 1 } }]]);
  await rebuilt(async (manifest, lost) => {
    expect(lost).toEqual([]);
    expect([await dump(manifest), await answers(manifest, published)]).toEqual(before);
    expect(await manifest.check()).toEqual([]);
  });
  const { problems } = await checkStore(store, 'all');
  expect(problems).toEqual([]);
});

test('gc keeps the records of contents and specifications, also of a retired run, and not the bytes they were taken from', async () => {
  const published = await publish();
  const session = new WriteSession(store);
  session.blob(otherBytes);
  await session.settle().then((facts) => store.manifest.apply({ facts, nowMs: store.time.now, clock: 'wall' }));
  expect((await store.manifest.objects('blob', [otherBlob]))[0]?.location.kind).toBe('packed');
  store.time.now += 20 * day;
  expect((await collectGarbage(store)).objects).toBe(1);
  expect((await store.manifest.objects('blob', [otherBlob]))[0]?.location).toEqual({ kind: 'absent' });
  await retireRuns(store, { revisions: [published.run] });
  store.time.now += 20 * day;
  await collectGarbage(store);
  const records = [published.spec, ...published.contents.map(({ id }) => id)];
  for (const record of await store.manifest.objects('record', records)) await readStored(store, record as never);
  expect((await checkStore(store, 'all')).problems).toEqual([]);
  const before = [await dump(store.manifest), await answers(store.manifest, published)];
  await rebuilt(async (manifest) => {
    expect([await dump(manifest), await answers(manifest, published)]).toEqual(before);
  });
});

test('bytes that were known by their content alone are stored when somebody brings them', async () => {
  await publish();
  const { blobs, artifacts } = await store.commit({ 'prices.csv': otherBytes });
  expect(blobs.get('prices.csv')).toBe(otherBlob);
  const [object] = await store.manifest.objects('blob', [otherBlob]);
  expect(await readStored(store, object as never)).toEqual(otherBytes);
  expect(await store.manifest.artifacts([artifacts.get('prices.csv') as ArtifactId])).toMatchObject([
    { absent: false, size: otherBytes.length, content: { sha256: says } },
  ]);
  expect((await checkStore(store, 'all')).problems).toEqual([]);
  const before = await dump(store.manifest);
  await rebuilt(async (manifest) => expect(await dump(manifest)).toEqual(before));
});

test('gc removes nothing when the record of a content cannot be read', async () => {
  const { contents } = await publish();
  const forgotten = contents.map(({ id }) => ({ namespace: 'record' as const, id }));
  await store.manifest.apply({ facts: [{ kind: 'forget', objects: forgotten }], nowMs: 0, clock: 'wall' });
  store.time.now += 20 * day;
  await expect(collectGarbage(store)).rejects.toMatchObject({ code: 'GC_INCOMPLETE' });
});
