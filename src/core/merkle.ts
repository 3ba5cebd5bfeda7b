/**
 * The Merkle tree of the log (RFC 6962, section 2), and how its nodes are kept.
 *
 *   empty tree  SHA-256 of nothing
 *   leaf        SHA-256(00 ‖ data)
 *   node        SHA-256(01 ‖ left ‖ right); the left side holds the largest power of two of leaves below the whole
 *
 * Kept are the roots of complete subtrees, which no later event changes. `nodeIndex(level, n)` is the place of the root over the
 * leaves n·2^level … (n+1)·2^level − 1, in the order in which nodes are completed: leaf 0, leaf 1, their node, leaf 2, …
 * So a log only ever appends nodes; a tree of n leaves has fewer than 2n of them.
 *
 * Every operation is a plan: which nodes it reads (at most about 2·log2 n, in one batch), and what it makes of them. Whoever
 * holds the nodes reads them synchronously or not, as it can. Proofs and roots exist for every size that the log ever had.
 */
import { concatBytes } from './bytes.ts';
import { CodedError } from './errors.ts';
import { sha256 } from './sha256.ts';

export type Hash = (bytes: Uint8Array) => Uint8Array;

/** What to read, and what follows from it. `nodes` MUST be those of `indexes`, 32 bytes each, in that order. */
export interface NodePlan<T> {
  readonly indexes: readonly number[];
  finish(nodes: readonly Uint8Array[]): T;
}

const leafPrefix = new Uint8Array([0]);
const nodePrefix = new Uint8Array([1]);

export function merkleLeaf(data: Uint8Array, hash: Hash = sha256): Uint8Array {
  return hash(concatBytes(leafPrefix, data));
}

export function merkleNode(left: Uint8Array, right: Uint8Array, hash: Hash = sha256): Uint8Array {
  return hash(concatBytes(nodePrefix, left, right));
}

export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array());
}

const half = (value: number): number => Math.floor(value / 2);

/** Where the root over the leaves n·2^level … (n+1)·2^level − 1 is kept. */
export function nodeIndex(level: number, n: number): number {
  // The node is written `level` places behind the last leaf below it.
  let leaf = (n + 1) * 2 ** level - 1;
  let index = level;
  for (; leaf > 0; leaf = half(leaf)) index += leaf;
  return index;
}

/** How many nodes are kept for so many leaves. */
export function nodeCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = half(rest)) count += rest;
  return count;
}

/** The largest power of two below `count`, which is at least 2. */
function splitPoint(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** A kept node: its level and number. */
type Spot = readonly [level: number, n: number];

/** The complete subtrees that a range of leaves falls into, from left to right. `from` is a multiple of the first's size. */
function spotsOf(from: number, to: number): Spot[] {
  const spots: Spot[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 <= to) {
      size *= 2;
      level++;
    }
    spots.push([level, at / size]);
    at += size;
  }
  return spots;
}

const indexesOf = (spots: readonly Spot[]): number[] => spots.map(([level, n]) => nodeIndex(level, n));

/** The root over subtrees that `spotsOf` gave: the smaller ones at the right are joined first. */
function joined(nodes: readonly Uint8Array[], hash: Hash): Uint8Array {
  let root = nodes.at(-1) as Uint8Array;
  for (let index = nodes.length - 2; index >= 0; index--) root = merkleNode(nodes[index] as Uint8Array, root, hash);
  return root;
}

/** One value of a proof: the root over a range of leaves. */
type Range = readonly [from: number, to: number];

function rangesPlan<T>(ranges: readonly Range[], hash: Hash, finish: (roots: Uint8Array[]) => T): NodePlan<T> {
  const spots = ranges.map(([from, to]) => spotsOf(from, to));
  return {
    indexes: spots.flatMap(indexesOf),
    finish: (nodes) => {
      let at = 0;
      const roots = spots.map(({ length }) => {
        at += length;
        return joined(nodes.slice(at - length, at), hash);
      });
      return finish(roots);
    },
  };
}

function assertSize(what: string, value: number, from: number, to: number): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return;
  throw new CodedError('BAD_ARGUMENT', `${what} is ${value}, not from ${from} to ${to}`);
}

/** The root of the tree over the first `size` leaves. */
export function rootPlan(size: number, hash: Hash = sha256): NodePlan<Uint8Array> {
  assertSize('the size of the tree', size, 0, Number.MAX_SAFE_INTEGER);
  if (size === 0) return { indexes: [], finish: emptyRoot };
  return rangesPlan([[0, size]], hash, ([root]) => root as Uint8Array);
}

/**
 * The nodes that these leaf hashes add to a tree of `size` leaves, in the order of their places from `nodeCount(size)` on.
 */
export function appendPlan(size: number, leaves: readonly Uint8Array[], hash: Hash = sha256): NodePlan<Uint8Array[]> {
  assertSize('the size of the tree', size, 0, Number.MAX_SAFE_INTEGER - leaves.length);
  return {
    indexes: indexesOf(spotsOf(0, size)),
    finish: (nodes) => {
      const edge = [...nodes];
      const added: Uint8Array[] = [];
      leaves.forEach((leaf, index) => {
        let node = leaf;
        added.push(node);
        for (let rest = size + index; rest % 2 === 1; rest = half(rest)) {
          node = merkleNode(edge.pop() as Uint8Array, node, hash);
          added.push(node);
        }
        edge.push(node);
      });
      return added;
    },
  };
}

/** The proof that leaf `index` (from 0) is in the tree of `size` leaves: siblings from the leaf to the root. */
export function inclusionPlan(index: number, size: number, hash: Hash = sha256): NodePlan<Uint8Array[]> {
  assertSize('the size of the tree', size, 1, Number.MAX_SAFE_INTEGER);
  assertSize('the index of the leaf', index, 0, size - 1);
  const ranges: Range[] = [];
  for (let [from, to] = [0, size]; to - from > 1; ) {
    const middle = from + splitPoint(to - from);
    ranges.push(index < middle ? [middle, to] : [from, middle]);
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return rangesPlan(ranges.reverse(), hash, (roots) => roots);
}

/** The proof that the tree of `newSize` leaves begins with the tree of `oldSize` leaves. Empty when they are the same. */
export function consistencyPlan(oldSize: number, newSize: number, hash: Hash = sha256): NodePlan<Uint8Array[]> {
  assertSize('the size of the newer tree', newSize, 1, Number.MAX_SAFE_INTEGER);
  assertSize('the size of the older tree', oldSize, 1, newSize);
  const ranges: Range[] = [];
  let [from, to] = [0, newSize];
  while (to !== oldSize) {
    const middle = from + splitPoint(to - from);
    ranges.push(oldSize <= middle ? [middle, to] : [from, middle]);
    [from, to] = oldSize <= middle ? [from, middle] : [middle, to];
  }
  // The older tree itself is known to whoever checks; a subtree of it has to be given.
  if (from > 0) ranges.push([from, to]);
  return rangesPlan(ranges.reverse(), hash, (roots) => roots);
}
