import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromBase64 } from '../../../src/core/base64.ts';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import {
  appendPlan,
  consistencyPlan,
  emptyRoot,
  inclusionPlan,
  merkleLeaf,
  merkleNode,
  type NodePlan,
  nodeCount,
  nodeIndex,
  rootPlan,
} from '../../../src/core/merkle.ts';
import { verifyConsistency, verifyInclusion } from '../../../src/core/merkle-proof.ts';

const native = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const refusal = expect.objectContaining({ code: 'PROOF_INVALID' });

/** A tree over `size` leaves, and a reader that counts what it reads. */
function treeOf(size: number): { nodes: Uint8Array[]; leaves: Uint8Array[]; run: <T>(plan: NodePlan<T>) => T } {
  const leaves = Array.from({ length: size }, (_, index) => merkleLeaf(Uint8Array.of(index, index >> 8), native));
  const nodes = appendPlan(0, leaves, native).finish([]);
  return { nodes, leaves, run: (plan) => plan.finish(plan.indexes.map((index) => nodes[index] as Uint8Array)) };
}

/** The root by the recursive definition of RFC 6962, section 2.1. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length <= 1) return leaves[0] ?? emptyRoot();
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return merkleNode(rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)), native);
}

/** The eight leaves of the tests of Certificate Transparency. */
const ctLeaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];

describe('a tree', () => {
  test('has the root that Certificate Transparency gives for its eight leaves, and that of nothing when empty', () => {
    const leaves = ctLeaves.map((hex) => merkleLeaf(fromHex(hex)));
    const nodes = appendPlan(0, leaves).finish([]);
    const plan = rootPlan(8);
    const root = plan.finish(plan.indexes.map((index) => nodes[index] as Uint8Array));
    expect(toHex(root)).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
    expect(toHex(rootPlan(0).finish([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('keeps its nodes in the order in which they are completed', () => {
    // Leaf 0, leaf 1, their node, leaf 2, leaf 3, their node, the node over four, leaf 4.
    expect([0, 1, 2, 3, 4].map((leaf) => nodeIndex(0, leaf))).toEqual([0, 1, 3, 4, 7]);
    expect([nodeIndex(1, 0), nodeIndex(1, 1), nodeIndex(2, 0)]).toEqual([2, 5, 6]);
    expect([0, 1, 2, 3, 4, 5].map(nodeCount)).toEqual([0, 1, 3, 4, 7, 8]);
    expect(nodeIndex(0, 2 ** 40)).toBe(2 ** 41 - 1);
    const { nodes, leaves } = treeOf(64);
    expect(nodes).toHaveLength(nodeCount(64));
    expect(leaves.map((_, index) => nodes[nodeIndex(0, index)])).toEqual(leaves);
  });

  test('is the same however many leaves are added at a time, and every size that it had keeps its root', () => {
    const { nodes, leaves, run } = treeOf(70);
    let grown: Uint8Array[] = [];
    for (const step of [1, 2, 5, 0, 30, 1, 31]) {
      const size = leaves.findIndex((leaf) => !grown.includes(leaf));
      const plan = appendPlan(size, leaves.slice(size, size + step), native);
      grown = [...grown, ...plan.finish(plan.indexes.map((index) => grown[index] as Uint8Array))];
    }
    expect(grown).toEqual(nodes);
    for (let size = 0; size <= 70; size++) {
      expect(run(rootPlan(size, native))).toEqual(rootByDefinition(leaves.slice(0, size)));
    }
  });

  test('reads few nodes for an append, a root and a proof, at a million leaves and beyond', () => {
    const size = 1_000_003;
    const plans: NodePlan<unknown>[] = [appendPlan(size, [emptyRoot()]), rootPlan(size)];
    for (const index of [0, 1, 524_288, 999_999, size - 1]) {
      plans.push(inclusionPlan(index, size), consistencyPlan(index + 1, size));
    }
    for (const { indexes } of plans) {
      expect(indexes.length).toBeLessThanOrEqual(40);
      expect(Math.max(...indexes)).toBeLessThan(nodeCount(size));
    }
    expect(inclusionPlan(2 ** 50, 2 ** 50 + 5).indexes.length).toBeLessThanOrEqual(100);
  });

  test('has no proof for what is not in it', () => {
    const bad = expect.objectContaining({ code: 'BAD_ARGUMENT' });
    const wrong = [
      () => inclusionPlan(0, 0),
      () => inclusionPlan(5, 5),
      () => inclusionPlan(-1, 5),
      () => inclusionPlan(0.5, 5),
      () => consistencyPlan(0, 5),
      () => consistencyPlan(6, 5),
      () => rootPlan(-1),
      () => appendPlan(2 ** 53, []),
    ];
    for (const plan of wrong) expect(plan).toThrow(bad);
  });
});

/** A copy with one bit of one hash changed. */
function flipped(hash: Uint8Array, bit: number): Uint8Array {
  const copy = hash.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

describe('proofs', () => {
  test('of inclusion hold for every leaf of every size up to 64, and for no other leaf, size or root', () => {
    const { leaves, run } = treeOf(64);
    const roots = Array.from({ length: 65 }, (_, size) => run(rootPlan(size, native)));
    for (let size = 1; size <= 64; size++) {
      const root = roots[size] as Uint8Array;
      for (let index = 0; index < size; index++) {
        const leafHash = leaves[index] as Uint8Array;
        const proof = run(inclusionPlan(index, size, native));
        const claim = { index, size, leafHash, root, proof };
        verifyInclusion(claim, native);
        const spoilt = [
          { ...claim, index: index + 1 },
          { ...claim, index: index - 1 },
          { ...claim, leafHash: root.map((byte) => byte ^ 1) },
          { ...claim, root: roots[size - 1] as Uint8Array },
          { ...claim, proof: [...proof, root] },
          { ...claim, proof: [root, ...proof] },
          { ...claim, leafHash: leafHash.subarray(1) },
          { ...claim, root: new Uint8Array() },
          ...(proof.length > 0
            ? [
                { ...claim, proof: proof.slice(1) },
                { ...claim, proof: proof.slice(0, -1) },
              ]
            : []),
        ];
        for (const one of spoilt) expect(() => verifyInclusion(one, native)).toThrow(refusal);
      }
    }
  });

  test('of consistency hold between all sizes up to 64, and for no other size or root', () => {
    const { run } = treeOf(64);
    const roots = Array.from({ length: 65 }, (_, size) => run(rootPlan(size, native)));
    for (let newSize = 1; newSize <= 64; newSize++) {
      const newRoot = roots[newSize] as Uint8Array;
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const oldRoot = roots[oldSize] as Uint8Array;
        const proof = run(consistencyPlan(oldSize, newSize, native));
        const claim = { oldSize, oldRoot, newSize, newRoot, proof };
        verifyConsistency(claim, native);
        const spoilt = [
          { ...claim, oldSize: 0, oldRoot: emptyRoot() },
          { ...claim, oldSize: newSize + 1 },
          { ...claim, oldRoot: roots[oldSize - 1] as Uint8Array },
          { ...claim, newRoot: flipped(newRoot, 7) },
          { ...claim, proof: [...proof, newRoot] },
          ...(proof.length > 0
            ? [
                { ...claim, proof: proof.slice(1) },
                { ...claim, proof: proof.slice(0, -1) },
              ]
            : []),
        ];
        for (const one of spoilt) expect(() => verifyConsistency(one, native)).toThrow(refusal);
      }
    }
  });

  test('are refused with any one bit of any hash changed, for all sizes up to 20', () => {
    const { leaves, run } = treeOf(20);
    for (let size = 1; size <= 20; size++) {
      const root = run(rootPlan(size, native));
      for (let index = 0; index < size; index++) {
        const claim = { index, size, leafHash: leaves[index] as Uint8Array, root };
        const proof = run(inclusionPlan(index, size, native));
        const older = { oldSize: index + 1, oldRoot: run(rootPlan(index + 1, native)), newSize: size, newRoot: root };
        const steps = run(consistencyPlan(index + 1, size, native));
        for (let bit = 0; bit < 256; bit += size < 8 ? 1 : 37) {
          for (const [at, hash] of proof.entries()) {
            const spoilt = proof.with(at, flipped(hash, bit));
            expect(() => verifyInclusion({ ...claim, proof: spoilt }, native)).toThrow(refusal);
          }
          for (const [at, hash] of steps.entries()) {
            const spoilt = steps.with(at, flipped(hash, bit));
            expect(() => verifyConsistency({ ...older, proof: spoilt }, native)).toThrow(refusal);
          }
        }
      }
    }
  });
});

interface PublicVector {
  readonly [name: string]: string | number | boolean | string[] | null;
}

/** JSON with whole numbers as bigints: sizes reach 2^64 - 1. */
function readVector(path: string): { number: (name: string) => bigint; vector: PublicVector } {
  const text = readFileSync(path, 'utf8');
  const number = (name: string): bigint => BigInt(new RegExp(`"${name}": *(\\d+)`).exec(text)?.[1] ?? '0');
  return { number, vector: JSON.parse(text) as PublicVector };
}

const bytes = (value: unknown): Uint8Array => fromBase64(typeof value === 'string' ? value : '');
const vectors = process.env['CAIRN_TEST_MERKLE_VECTORS'];

test('the public vectors are judged as they say', (context) => {
  if (vectors === undefined || !existsSync(join(vectors, 'inclusion'))) {
    const reason = 'needs CAIRN_TEST_MERKLE_VECTORS=<testdata folder of a transparency-dev/merkle checkout>';
    console.log(`skipped: ${reason}`);
    context.skip(reason);
    return;
  }
  const disagreeing: string[] = [];
  let judged = 0;
  for (const kind of ['inclusion', 'consistency']) {
    const names = readdirSync(join(vectors, kind), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const { number, vector } = readVector(join(vectors, kind, name));
      const proof = Array.isArray(vector['proof']) ? vector['proof'].map(bytes) : [];
      const verify = (): void =>
        kind === 'inclusion'
          ? verifyInclusion({
              index: number('leafIdx'),
              size: number('treeSize'),
              leafHash: bytes(vector['leafHash']),
              root: bytes(vector['root']),
              proof,
            })
          : verifyConsistency({
              oldSize: number('size1'),
              oldRoot: bytes(vector['root1']),
              newSize: number('size2'),
              newRoot: bytes(vector['root2']),
              proof,
            });
      judged++;
      let isRefused = false;
      try {
        verify();
      } catch (error) {
        expect(error).toEqual(refusal);
        isRefused = true;
      }
      if (isRefused !== vector['wantErr']) disagreeing.push(join(kind, name));
    }
  }
  expect(disagreeing).toEqual([]);
  expect(judged).toBeGreaterThanOrEqual(196);
});
