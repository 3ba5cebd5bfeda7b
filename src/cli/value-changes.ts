/** Values that two runs do not share, the same way wherever runs are compared. */
import type { ValueChange } from '../store/runs/compare-runs.ts';
import type { Fields, Output } from './output.ts';
import { valueText } from './run-view.ts';
import { inLine } from './text.ts';

/** null where one side has no such value. */
export const changeFields = (changes: readonly ValueChange[]): Fields[] =>
  changes.map(({ name, before, after }) => ({ name, before: before ?? null, after: after ?? null }));

function delta({ before, after }: ValueChange): string {
  if (typeof before !== 'number' || typeof after !== 'number') return '';
  const by = after - before;
  return ` (${by > 0 ? '+' : ''}${Number(by.toPrecision(6))})`;
}

export function valueLines(title: string, changes: readonly ValueChange[], out: Output): string[] {
  if (changes.length === 0) return [];
  const lines = changes.map((change) => {
    const { name, before, after } = change;
    const old = before === undefined ? 'none' : valueText(before);
    const now = after === undefined ? 'none' : valueText(after);
    return `  ${inLine(name)}: ${out.style('red', old)} -> ${out.style('green', now)}${delta(change)}`;
  });
  return [out.style('bold', `${title}:`), ...lines];
}
