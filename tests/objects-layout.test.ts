/** Every example of objects-layout.md that is marked `vector:` is recomputed here from the code that owns the format. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nativeCodec } from '../src/adapters/node/native-codec.ts';
import { concatBytes, toHex, utf8 } from '../src/core/bytes.ts';
import { canonicalize } from '../src/core/canonical-json.ts';
import { datasetOfArtifacts } from '../src/core/dataset-id.ts';
import type { ArtifactId, BlobId, RunKey } from '../src/core/ids.ts';
import { encodeFrame, kindBlob, kindRecord, packAccount } from '../src/core/pack-format.ts';
import { type Publication, publicationId } from '../src/core/publication.ts';
import { artifactText } from '../src/core/records/artifact.ts';
import { plainTable, tableSpecBytes } from '../src/core/records/table-spec.ts';
import { treeBytes } from '../src/core/records/tree.ts';
import { runKey } from '../src/core/run-key.ts';
import { seedRoot } from '../src/core/seeds.ts';
import { sha256Hex } from '../src/core/sha256.ts';
import { tableHasher } from '../src/core/table-content/table-hash.ts';

const text = readFileSync(join(import.meta.dirname, '../objects-layout.md'), 'utf8');
const codec = nativeCodec();

function examplePack(): string {
  const objects = [utf8('cairn'), utf8(''), utf8('{}')];
  const frame = encodeFrame(
    concatBytes(...objects),
    [kindBlob, kindBlob, kindRecord],
    objects.map((object) => object.length),
    concatBytes(...objects.map((object) => codec.sha256(object))),
    codec,
  );
  const account = packAccount(codec.hasher());
  account.frame(frame.bytes, frame.headSize);
  return toHex(concatBytes(account.start, frame.bytes, account.end().bytes));
}

function exampleTable(): string {
  const hasher = tableHasher(
    [
      { name: 'id', type: { kind: 'integer' } },
      { name: 'name', type: { kind: 'text' } },
    ],
    () => codec.hasher(),
  );
  const valid = Uint8Array.of(0b01);
  hasher.add([
    { kind: 'fixed', layout: 'i16', count: 2, valid, bytes: Uint8Array.of(1, 0, 0, 0), scale: 0 },
    { kind: 'bytes', count: 2, valid: undefined, lengths: Uint32Array.of(1, 2), bytes: utf8('aä') },
  ]);
  return hasher.end().sha256;
}

const zero = '0'.repeat(64);
const zeros: Publication = {
  artifact: zero as ArtifactId,
  blob: zero as BlobId,
  runKey: zero as RunKey,
  inputs: [],
  writer: { name: 'cairn', version: '1' },
  code: {},
  tags: {},
};

const computed: { readonly [what: string]: () => string } = {
  'sha256("")': () => sha256Hex(''),
  'artifact id': () => sha256Hex(artifactText('file', 1, 'empty.csv', sha256Hex(''), 0)),
  'empty tree id': () => sha256Hex(treeBytes([])),
  'actor id of Ada Lovelace <ada@example.org>': () =>
    sha256Hex(canonicalize({ schema: 'cairn.actor/1', name: 'Ada Lovelace', mail: 'ada@example.org' })),
  'run key of {"configVersion":"c1","datasets":[],"engineVersion":"e1","params":{"window":12},"seedVersion":1}': () =>
    runKey({ configVersion: 'c1', datasets: [], engineVersion: 'e1', params: { window: 12 }, seedVersion: 1 }),
  'publication id of zeros': () => publicationId(zeros),
  'seedRoot(64 zeros, "root")': () => seedRoot('0'.repeat(64) as RunKey, 'root'),
  'dataset id of no artifacts': () => datasetOfArtifacts([]).id,
  'table spec id of a plain table': () => sha256Hex(tableSpecBytes(plainTable)),
  'table content of id integer (1, null) and name text ("a", "ä")': exampleTable,
  'table content of no columns': () => tableHasher([], () => codec.hasher()).end().sha256,
  'pack with one frame of the blobs "cairn" and "" and the record {}': examplePack,
};

const vectors = [...text.matchAll(/^ {4}vector: (.+) = ([0-9a-f]+)$/gm)].map((match) => [match[1], match[2]] as const);

describe('objects-layout.md', () => {
  test('has a vector for every format that is computed here, and none that is not', () => {
    expect(vectors.map(([what]) => what).sort()).toEqual(Object.keys(computed).sort());
  });

  for (const [what, value] of vectors) {
    test(`is right about: ${what}`, () => {
      expect(computed[what as string]?.()).toBe(value);
    });
  }

  test('shows an artifact record as the code writes it', () => {
    expect(text).toContain(`    ${artifactText('file', 1, 'empty.csv', sha256Hex(''), 0)}\n`);
  });
});
