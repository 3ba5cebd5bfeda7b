/** Claims about objects, packs and staging areas. */
import { expect } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/core/bytes.ts';
import type { BlobId, ObjectId } from '../../src/core/ids.ts';
import { columnPlaces, type Fact, type ObjectLocation, type StoredObject } from '../../src/ports/manifest.ts';
import type { Claim } from './claims.ts';
import {
  apply,
  artifact,
  blobAt,
  codeOf,
  collect,
  commit,
  draft,
  idOf,
  type ManifestFixture,
  recordAt,
  startMs,
} from './manifest-sample.ts';

const pack = (name: string, bytes = 1000): { name: string; bytes: number } => ({ name, bytes });
const packed = (name: string, frame: number, offset: number): ObjectLocation => ({
  kind: 'packed',
  pack: name,
  frame,
  offset,
});
const zstd = (storedSize: number): ObjectLocation => ({ kind: 'loose-zstd', storedSize });
const blob = (text: string): BlobId => idOf<BlobId>(text);
const digests = (ids: readonly string[]): Uint8Array => concatBytes(...ids.map((id) => fromHex(id)));
const hour = 3600;

function objectsFact(objects: readonly StoredObject[], ...packs: readonly { name: string; bytes: number }[]): Fact {
  return { kind: 'objects', objects, packs };
}

export const objectClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'gives back every kind of place, in the order asked for',
    async check({ manifest }) {
      const places: ObjectLocation[] = [
        { kind: 'loose' },
        zstd(77),
        packed('p', 8, 0),
        packed('p', 8, 50),
        packed('q', 9000, 2 ** 31),
        zstd(2 ** 40),
      ];
      const objects = places.map((location, index) => blobAt(blob(`b${index}`), 2 ** (8 * index), location));
      await apply(manifest, [objectsFact(objects, pack('p'), pack('q'))], 5);
      const ids = [...objects.map(({ id }) => id), blob('unknown')].reverse();
      const entries = [...objects.map((object) => ({ ...object, lastUseMs: startMs + 5000 })), undefined].reverse();
      expect(await manifest.objects('blob', ids)).toStrictEqual(entries);
      expect(await manifest.packs()).toStrictEqual([pack('p'), pack('q')]);
    },
  },
  {
    claim: 'keeps blobs and records of one name apart',
    async check({ manifest }) {
      const id = blob('same');
      await apply(manifest, [objectsFact([blobAt(id, 1)])]);
      expect(await manifest.objects('record', [id])).toStrictEqual([undefined]);
      await apply(manifest, [objectsFact([recordAt(id, 2)])]);
      expect((await manifest.objects('record', [id]))[0]?.size).toBe(2);
      expect((await manifest.objects('blob', [id]))[0]?.size).toBe(1);
    },
  },
  {
    claim: 'keeps the place of a known object, also inside one fact',
    async check({ manifest }) {
      const twice = [blobAt(blob('a'), 5), blobAt(blob('a'), 5, zstd(3)), blobAt(blob('b'))];
      await apply(manifest, [objectsFact(twice)]);
      await apply(manifest, [objectsFact([blobAt(blob('c')), blobAt(blob('a'), 5, zstd(3)), blobAt(blob('d'))])]);
      const kinds = (await manifest.objects('blob', ['a', 'b', 'c', 'd'].map(blob))).map(
        (entry) => entry?.location.kind,
      );
      expect(kinds).toStrictEqual(['loose', 'loose', 'loose', 'loose']);
      expect((await collect(manifest.allObjects())).length).toBe(4);
    },
  },
  {
    claim: 'answers in bulk which objects are there',
    async check({ manifest }) {
      const ids = Array.from({ length: 300 }, (_, index) => blob(`n${index}`));
      const some = ids.filter((_, index) => index % 3 === 0);
      await apply(manifest, [objectsFact(some.map((id) => blobAt(id)))]);
      const answer = await manifest.knows('blob', digests(ids));
      expect([...answer]).toStrictEqual(ids.map((_, index) => Number(index % 3 === 0)));
      expect([...(await manifest.knows('record', digests(ids)))].every((one) => one === 0)).toBe(true);
      expect(await manifest.knows('blob', new Uint8Array(0))).toStrictEqual(new Uint8Array(0));
    },
  },
  {
    claim: 'records a use again only when the last one is an hour old',
    async check({ manifest }) {
      const [a, b] = [blob('a'), blob('b')];
      const use = async (id: ObjectId): Promise<number | undefined> =>
        (await manifest.objects('blob', [id]))[0]?.lastUseMs;
      await apply(manifest, [objectsFact([blobAt(a, 1, packed('p', 8, 0)), blobAt(b)], pack('p'))], 0);
      await apply(manifest, [{ kind: 'touch', namespace: 'blob', ids: [a, b, blob('unknown')] }], 2 * hour);
      expect([await use(a), await use(b)]).toStrictEqual([startMs + 2 * hour * 1000, startMs + 2 * hour * 1000]);
      await apply(manifest, [{ kind: 'touch', namespace: 'blob', ids: [a] }], 2.5 * hour);
      const touched = await use(a);
      expect(touched).toBeGreaterThanOrEqual(startMs + 1.5 * hour * 1000);
      await apply(manifest, [objectsFact([blobAt(a)])], 5 * hour);
      expect(await use(a)).toBe(startMs + 5 * hour * 1000);
      expect(await use(b)).toBe(startMs + 2 * hour * 1000);
    },
  },
  {
    claim: 'moves objects, and they keep their last use',
    async check({ manifest }) {
      const ids = ['a', 'b', 'c'].map(blob);
      await apply(
        manifest,
        [
          objectsFact(
            ids.slice(0, 2).map((id, index) => blobAt(id, 10, packed('p', 8, 10 * index))),
            pack('p'),
          ),
        ],
        0,
      );
      await apply(manifest, [objectsFact([blobAt(ids[2] as BlobId)])], 3 * hour);
      const moved = ids.map((id, index) => blobAt(id, 10, packed('q', 100, 10 * index)));
      await apply(manifest, [{ kind: 'relocate', objects: moved, packs: [pack('q', 5)] }], 9 * hour);
      const uses = [0, 0, 3 * hour * 1000].map((use) => startMs + use);
      const entries = moved.map((object, index) => ({
        ...object,
        size: index === 2 ? 100 : 10,
        lastUseMs: uses[index],
      }));
      expect(await manifest.objects('blob', ids)).toStrictEqual(entries);
      expect(await manifest.packs()).toStrictEqual([pack('p'), pack('q', 5)]);
      await apply(manifest, [{ kind: 'forget-packs', packs: ['p', 'never known'] }]);
      expect(await manifest.packs()).toStrictEqual([pack('q', 5)]);
    },
  },
  {
    claim: 'refuses to forget a pack that objects lie in, and to move what it does not know',
    async check({ manifest }) {
      await apply(manifest, [objectsFact([blobAt(blob('a'), 10, packed('p', 8, 0))], pack('p'))]);
      expect(await codeOf(apply(manifest, [{ kind: 'forget-packs', packs: ['p'] }]))).toBe('MANIFEST_REFUSED');
      const unknown = blobAt(blob('b'), 10, packed('p', 8, 0));
      expect(await codeOf(apply(manifest, [{ kind: 'relocate', objects: [unknown], packs: [] }]))).toBe(
        'OBJECT_NOT_FOUND',
      );
      expect(await manifest.packs()).toStrictEqual([pack('p')]);
    },
  },
  {
    claim: 'forgets bytes: what a record names stays known as absent, the rest is unknown',
    async check({ manifest }) {
      const [one, alone] = [artifact('a.txt'), blob('alone')];
      const run = await commit(manifest, { outputs: [one] });
      const payload = idOf<ObjectId>('why');
      await apply(manifest, [objectsFact([blobAt(alone), recordAt(payload), recordAt(idOf('subtree'))])]);
      await apply(manifest, [
        {
          kind: 'hold',
          subject: { kind: 'run', id: run.id },
          reason: 'why',
          event: draft('hold.add', 'run', run.id, 'why'),
        },
      ]);
      const named = [one.id, run.id, run.record.message, run.record.tree, run.record.outputs, payload];
      const records = [...named, idOf<ObjectId>('subtree')].map((id) => ({
        namespace: 'record' as const,
        id: id as ObjectId,
      }));
      await apply(manifest, [
        {
          kind: 'forget',
          objects: [
            ...records,
            { namespace: 'blob', id: one.blob },
            { namespace: 'blob', id: alone },
            { namespace: 'blob', id: blob('x') },
          ],
        },
      ]);
      const kinds = (
        await manifest.objects(
          'record',
          records.map(({ id }) => id),
        )
      ).map((entry) => entry?.location.kind);
      expect(kinds).toStrictEqual([...named.map(() => 'absent'), undefined]);
      const blobs = await manifest.objects('blob', [one.blob, alone]);
      expect(blobs.map((entry) => entry?.location.kind)).toStrictEqual(['absent', undefined]);
      expect([...(await manifest.knows('blob', digests([one.blob, alone])))]).toStrictEqual([0, 0]);
      expect((await manifest.artifacts([one.id]))[0]?.absent).toBe(true);
    },
  },
  {
    claim: 'gives an absent object the place where its bytes are stored again',
    async check({ manifest }) {
      const one = artifact('a.txt', { size: 42 });
      await commit(manifest, { outputs: [one] });
      await apply(manifest, [{ kind: 'forget', objects: [{ namespace: 'blob', id: one.blob }] }]);
      await apply(manifest, [objectsFact([blobAt(one.blob, 42, packed('p', 8, 0))], pack('p'))], 9 * hour);
      const [entry] = await manifest.objects('blob', [one.blob]);
      expect(entry).toStrictEqual({ ...blobAt(one.blob, 42, packed('p', 8, 0)), lastUseMs: startMs + 9 * hour * 1000 });
      expect((await manifest.artifacts([one.id]))[0]?.absent).toBe(false);
    },
  },
  {
    claim: 'streams all objects, those of one batch in any order',
    async check({ manifest }) {
      const ids = Array.from({ length: 25_000 }, (_, index) => blob(`s${index}`));
      await apply(manifest, [
        objectsFact(
          ids.map((id, index) => blobAt(id, index, packed('p', 8 + (index >> 5), index & 31))),
          pack('p'),
        ),
      ]);
      const all = await collect(manifest.allObjects());
      expect(all.map(({ id }) => id).sort()).toStrictEqual(ids.toSorted());
      const one = all.find(({ id }) => id === ids[20_001]);
      expect(one).toStrictEqual({
        ...blobAt(ids[20_001] as BlobId, 20_001, packed('p', 8 + (20_001 >> 5), 20_001 & 31)),
        lastUseMs: startMs,
      });
    },
  },
  {
    claim: 'gives the same objects in columns as one by one, wherever they lie',
    async check({ manifest }) {
      const ids = Array.from({ length: 25_000 }, (_, index) => blob(`c${index}`));
      await apply(manifest, [
        objectsFact(
          ids.map((id, index) => blobAt(id, index, packed('p', 8 + (index >> 5), index & 31))),
          pack('p'),
        ),
      ]);
      const others = [blob('raw'), blob('zstd'), blob('lost')] as const;
      await apply(manifest, [
        objectsFact([
          blobAt(others[0], 7),
          blobAt(others[1], 8, { kind: 'loose-zstd', storedSize: 5 }),
          blobAt(others[2], 9),
        ]),
      ]);
      await apply(manifest, [{ kind: 'forget', objects: [{ namespace: 'blob', id: others[2] }], lost: true }]);
      const columns: unknown[] = [];
      for await (const { digests: names, kinds, sizes, places, at, frames } of manifest.objectColumns()) {
        expect(names.length).toBe(32 * kinds.length);
        kinds.forEach((kind, index) => {
          const place = places[index] as number;
          const frame = frames[place];
          const offset = at[index] as number;
          const location =
            frame !== undefined
              ? { kind: 'packed', ...frame, offset }
              : place === columnPlaces.loose
                ? { kind: 'loose' }
                : place === columnPlaces.looseZstd
                  ? { kind: 'loose-zstd', storedSize: offset }
                  : { kind: 'absent', ...(place === columnPlaces.lost ? { lost: true } : {}) };
          const id = toHex(names.subarray(32 * index, 32 * index + 32));
          columns.push({ namespace: kind === 0 ? 'blob' : 'record', id, size: sizes[index], location });
        });
      }
      const entries = await collect(manifest.allObjects());
      expect(columns).toStrictEqual(entries.map(({ lastUseMs: _, ...object }) => object));
      expect(entries.length).toBe(25_003);
    },
  },
  {
    claim: 'remembers what staging areas need, until they are emptied',
    async check({ manifest }) {
      const ids = Array.from({ length: 500 }, (_, index) => blob(`t${index}`));
      await apply(manifest, [
        objectsFact(ids.map((id) => blobAt(id))),
        { kind: 'stage', stage: 'one', ids: ids.slice(0, 300) },
      ]);
      await apply(manifest, [
        { kind: 'stage', stage: 'two', ids: ids.slice(200, 400) },
        { kind: 'stage', stage: 'one', ids: [ids[499] as BlobId] },
      ]);
      const staged = async (): Promise<string[]> => [...(await manifest.stagedBlobs())].sort();
      expect(await staged()).toStrictEqual([...ids.slice(0, 400), ids[499] as BlobId].sort());
      await apply(manifest, [
        { kind: 'unstage', stage: 'one' },
        { kind: 'unstage', stage: 'never seen' },
      ]);
      expect(await staged()).toStrictEqual(ids.slice(200, 400).sort());
      await apply(manifest, [{ kind: 'forget', objects: [{ namespace: 'blob', id: ids[200] as BlobId }] }]);
      expect((await manifest.objects('blob', [ids[200] as BlobId]))[0]?.location.kind).toBe('absent');
      expect(await codeOf(apply(manifest, [{ kind: 'stage', stage: 'one', ids: [blob('unknown')] }]))).toBe(
        'OBJECT_NOT_FOUND',
      );
    },
  },
];
