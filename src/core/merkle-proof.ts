/**
 * Checking proofs of the log (RFC 9162, sections 2.1.3.2 and 2.1.4.2) from hashes alone. Whatever is wrong throws
 * PROOF_INVALID with its reason; what is given may be hostile, and work is bounded by the length of the proof. Sizes may be
 * bigints, for logs beyond 2^53.
 */
import { equalBytes } from './bytes.ts';
import { CodedError } from './errors.ts';
import { type Hash, merkleNode } from './merkle.ts';
import { sha256 } from './sha256.ts';

type Size = number | bigint;

function refused(what: string, why: string): CodedError {
  return new CodedError('PROOF_INVALID', `the ${what} proof does not hold: ${why}`, {
    hint: 'Compare the log with a checkpoint that you kept yourself.',
    data: { proof: what },
  });
}

function assertHashes(what: string, hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== 32)) throw refused(what, 'a hash has not 32 bytes');
}

export interface InclusionClaim {
  /** From 0. */
  readonly index: Size;
  readonly size: Size;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Throws PROOF_INVALID unless the leaf is at this index in the tree of this size and root. */
export function verifyInclusion(claim: InclusionClaim, hash: Hash = sha256): void {
  const { proof, root, leafHash } = claim;
  const what = 'inclusion';
  assertHashes(what, [leafHash, root, ...proof]);
  let [at, last] = [BigInt(claim.index), BigInt(claim.size) - 1n];
  if (at < 0n || at > last) throw refused(what, `there is no leaf ${claim.index} in a tree of ${claim.size}`);
  let node = leafHash;
  for (const sibling of proof) {
    if (last === 0n) throw refused(what, 'it is too long');
    if ((at & 1n) === 1n || at === last) {
      node = merkleNode(sibling, node, hash);
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      node = merkleNode(node, sibling, hash);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last !== 0n) throw refused(what, 'it is too short');
  if (!equalBytes(node, root)) throw refused(what, 'it leads to another root');
}

export interface ConsistencyClaim {
  readonly oldSize: Size;
  readonly oldRoot: Uint8Array;
  readonly newSize: Size;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Throws PROOF_INVALID unless the newer tree begins with the older one. The older must not be empty. */
export function verifyConsistency(claim: ConsistencyClaim, hash: Hash = sha256): void {
  const { oldRoot, newRoot, proof } = claim;
  const what = 'consistency';
  const [oldSize, newSize] = [BigInt(claim.oldSize), BigInt(claim.newSize)];
  if (oldSize < 1n) throw refused(what, 'an empty tree proves nothing');
  if (oldSize > newSize) throw refused(what, `the older tree (${oldSize}) is larger than the newer (${newSize})`);
  if (oldSize === newSize) {
    if (proof.length > 0) throw refused(what, 'it is too long');
    if (!equalBytes(oldRoot, newRoot)) throw refused(what, 'two trees of one size have different roots');
    return;
  }
  assertHashes(what, [oldRoot, newRoot, ...proof]);
  const isPowerOfTwo = (oldSize & (oldSize - 1n)) === 0n;
  const [first, ...rest] = isPowerOfTwo ? [oldRoot, ...proof] : proof;
  if (first === undefined) throw refused(what, 'it is too short');
  let [at, last] = [oldSize - 1n, newSize - 1n];
  while ((at & 1n) === 1n) [at, last] = [at >> 1n, last >> 1n];
  let [oldNode, newNode] = [first, first];
  for (const sibling of rest) {
    if (last === 0n) throw refused(what, 'it is too long');
    if ((at & 1n) === 1n || at === last) {
      oldNode = merkleNode(sibling, oldNode, hash);
      newNode = merkleNode(sibling, newNode, hash);
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      newNode = merkleNode(newNode, sibling, hash);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last !== 0n) throw refused(what, 'it is too short');
  if (!equalBytes(oldNode, oldRoot)) throw refused(what, 'it leads to another root of the older tree');
  if (!equalBytes(newNode, newRoot)) throw refused(what, 'it leads to another root of the newer tree');
}
