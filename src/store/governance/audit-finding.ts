/** What a check of the audit found, bounded: a store that is broken all over is told of by its first rows and a count. */
import type { Timestamp } from '../../core/time.ts';

export interface Finding {
  /** The row, record, event or name that is not as it should be: `report 1f2e3d4c…`, `promotion_candidates 1f2e…`. */
  readonly subject: string;
  readonly problem: string;
  /** Time of the event that it was right behind, where one is known. */
  readonly since: Timestamp | undefined;
}

export type Outcome = 'pass' | 'warn' | 'fail';

export interface AuditCheck {
  readonly name: string;
  readonly outcome: Outcome;
  /** One line: what was looked at, or the first thing that is wrong. */
  readonly detail: string;
  /** The first of them. */
  readonly findings: readonly Finding[];
  readonly count: number;
}

const kept = 100;

export class Findings {
  readonly list: Finding[] = [];
  count = 0;

  add(subject: string, problem: string, since?: Timestamp): void {
    this.count++;
    if (this.list.length < kept) this.list.push({ subject, problem, since });
  }
}

function told({ subject, problem, since }: Finding): string {
  return `${subject}: ${problem}${since === undefined ? '' : ` (since ${since})`}`;
}

/** `looked` says what was examined; `weight` is what findings of this check mean. */
export function verdict(
  name: string,
  findings: Findings,
  looked: string,
  weight: 'fail' | 'warn' = 'fail',
): AuditCheck {
  const { list, count } = findings;
  const [first] = list;
  if (first === undefined) return { name, outcome: 'pass', detail: looked, findings: [], count: 0 };
  const rest = count === 1 ? '' : `, and ${count - 1} more`;
  return { name, outcome: weight, detail: `${told(first)}${rest}`, findings: list, count };
}

/** What could not be checked is not passed. */
export function unchecked(name: string, error: unknown): AuditCheck {
  const why = error instanceof Error ? error.message : String(error);
  const finding = { subject: name, problem: `could not be checked: ${why}`, since: undefined };
  return { name, outcome: 'fail', detail: told(finding), findings: [finding], count: 1 };
}
