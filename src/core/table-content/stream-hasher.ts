/** What the encoders write into, and the room that they write from. */

/** An incremental SHA-256; `node:crypto`, `@noble/hashes` and the port's Hasher all fit. */
export interface StreamHasher {
  update(bytes: Uint8Array): unknown;
  /** 32 bytes. */
  digest(): Uint8Array;
}

/** Room that is used again for every batch: a hasher has read it when `update` returns. Aligned to 8 bytes. */
export function scratch(): (size: number) => Uint8Array {
  let room = new Uint8Array(1 << 14);
  return (size) => {
    if (room.length < size) room = new Uint8Array(2 * size);
    return room.subarray(0, size);
  };
}

const ones = new Uint8Array(1 << 11).fill(1);

/** The tags of rows that all hold a value. */
export function hashOnes(hasher: StreamHasher, count: number): void {
  for (let left = count; left > 0; left -= ones.length) hasher.update(ones.subarray(0, Math.min(left, ones.length)));
}

/** Whether the value at `row` is there (column-data.ts says how that is kept). */
export function isThere(valid: Uint8Array | undefined, row: number): boolean {
  return valid === undefined || (((valid[row >> 3] as number) >> (row & 7)) & 1) === 1;
}
