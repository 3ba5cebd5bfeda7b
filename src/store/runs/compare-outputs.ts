/**
 * Two contents of one output: equal to the byte, equal but for numbers within a tolerance, or different. Texts are taken
 * apart into numbers and what stands between them, which serves JSON, CSV and tables for people alike.
 */

export type OutputVerdict = 'identical' | 'within-tolerance' | 'differs' | 'missing';

export interface ComparedOutput {
  readonly path: string;
  readonly verdict: OutputVerdict;
  /** What differs, for people. */
  readonly detail?: string;
}

/** Contents beyond this are compared by their bytes alone. */
export const comparedBytes = 64 * 1024 * 1024;

const numberPattern = /(?<![\w.])[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/g;

function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Within the tolerance, relative to the larger one, or absolutely near zero. */
function isClose(left: number, right: number, tolerance: number): boolean {
  if (left === right) return true;
  const difference = Math.abs(left - right);
  return difference <= tolerance * Math.max(1, Math.abs(left), Math.abs(right));
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < at; index = text.indexOf('\n', index + 1)) line++;
  return line;
}

/** The texts differ in bytes; says in what. */
export function compareContents(
  before: Uint8Array,
  after: Uint8Array,
  tolerance: number,
): { readonly verdict: 'within-tolerance' | 'differs'; readonly detail: string } {
  const left = asText(before);
  const right = asText(after);
  if (left === undefined || right === undefined)
    return { verdict: 'differs', detail: `the bytes differ (${before.length} and ${after.length} bytes)` };
  const numbers = left.matchAll(numberPattern);
  const others = right.matchAll(numberPattern);
  let [leftAt, rightAt, changed, largest] = [0, 0, 0, 0];
  for (;;) {
    const one = numbers.next();
    const other = others.next();
    const leftEnd = one.done === true ? left.length : one.value.index;
    const rightEnd = other.done === true ? right.length : other.value.index;
    if (left.slice(leftAt, leftEnd) !== right.slice(rightAt, rightEnd))
      return { verdict: 'differs', detail: `the text differs in line ${lineOf(left, leftAt)}` };
    if (one.done === true || other.done === true) {
      if (one.done === other.done) break;
      return { verdict: 'differs', detail: `the text differs in line ${lineOf(left, leftEnd)}` };
    }
    const [a, b] = [one.value[0], other.value[0]];
    if (a !== b) {
      if (!isClose(Number(a), Number(b), tolerance))
        return { verdict: 'differs', detail: `line ${lineOf(left, leftEnd)}: ${a} and ${b}` };
      changed++;
      largest = Math.max(largest, Math.abs(Number(a) - Number(b)));
    }
    leftAt = leftEnd + a.length;
    rightAt = rightEnd + b.length;
  }
  return {
    verdict: 'within-tolerance',
    detail: `${changed} ${changed === 1 ? 'number differs' : 'numbers differ'}, by ${largest} at most`,
  };
}

/** The worst of all. */
export function overallVerdict(outputs: readonly ComparedOutput[]): 'identical' | 'within-tolerance' | 'differs' {
  if (outputs.some(({ verdict }) => verdict === 'differs' || verdict === 'missing')) return 'differs';
  return outputs.some(({ verdict }) => verdict === 'within-tolerance') ? 'within-tolerance' : 'identical';
}
