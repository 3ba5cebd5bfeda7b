/**
 * What the evaluation of expressions costs, and what it read. One meter serves one decision: work adds up over all its checks, so
 * that no policy and no facts can make an auditor's machine hang.
 *
 * A unit is about one value that is looked at; the limit is reached within a second or two.
 */
import { encodeLossless } from '../../core/lossless-json.ts';
import type { CheckTrace } from './decision.ts';

const workLimit = 1_000_000;
const valuesShown = 50;
const charactersShown = 200;

/** Why an expression cannot be decided; its message is for people. */
export class Undecidable extends Error {
  override readonly name = 'Undecidable';
}

export class Meter {
  #work = 0;
  #fault: string | undefined;
  #values = new Map<string, CheckTrace['values'][number]>();

  /** Whether a value is only asked for: `has(x.y)` uses nothing. */
  #isAsking = false;

  get isAsking(): boolean {
    return this.#isAsking;
  }

  ask(question: () => boolean): boolean {
    this.#isAsking = true;
    try {
      return question();
    } finally {
      this.#isAsking = false;
    }
  }

  /** Starts the next check. */
  begin(): void {
    this.#fault = undefined;
    this.#values = new Map();
  }

  /** The first thing that makes this check undecidable, even where the expression would have gone on. */
  get fault(): string | undefined {
    return this.#fault;
  }

  get values(): CheckTrace['values'] {
    return Array.from(this.#values.values());
  }

  fail(why: string): never {
    this.#fault ??= why;
    throw new Undecidable(why);
  }

  spend(units: number): void {
    this.#work += units;
    if (this.#work > workLimit) this.fail(`it takes more than ${workLimit} steps`);
  }

  /** A single value was read. One that is no number is present and cannot be used. */
  read(path: string, value: null | boolean | string | bigint | number): void {
    if (this.#values.size < valuesShown && !this.#values.has(path)) {
      const shown = typeof value === 'string' ? value.slice(0, charactersShown) : encodeLossless(value);
      this.#values.set(path, { path, value: shown });
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#fault ??= `${path} is ${String(value)}, which is no number to decide on`;
    }
  }
}
