/** Runs as rows of chosen fields: `log --columns`. */
import { shortId } from '../core/ids.ts';
import { fieldValue, type RunCondition, type RunField, type RunOrder } from '../core/run-query.ts';
import type { RunEntry } from '../store/runs/history.ts';
import { firstLine, inLine } from './text.ts';

const own = (name: string): RunField => ({ kind: 'own', text: name, path: [name] });

function mentioned(condition: RunCondition): readonly RunField[] {
  if ('terms' in condition) return condition.terms.flatMap(mentioned);
  return 'term' in condition ? mentioned(condition.term) : [condition.field];
}

/** Fields of a table when none are named: who the run is, and everything that was asked about. */
export function tableColumns(
  where: RunCondition | undefined,
  order: readonly RunOrder[] | undefined,
): readonly RunField[] {
  const asked = [...(where === undefined ? [] : mentioned(where)), ...(order ?? []).map(({ field }) => field)];
  const first = [own('run'), own('created'), own('status')];
  const fields = new Map([...first, ...asked, own('message')].map((field) => [field.text, field]));
  return [...fields.values()];
}

/** For people, in a table; ids are short there and messages end with their first line. */
function shortText(field: RunField, value: unknown): string {
  if (typeof value !== 'string') return inLine(JSON.stringify(value));
  const [name] = field.kind === 'own' ? field.path : [];
  if (name === 'message') return firstLine(value);
  return name === 'run' || name === 'run_key' || name === 'config_hash' ? shortId(value) : inLine(value);
}

/** A field that a run does not have is empty. */
export function columnRows(
  runs: readonly RunEntry[],
  fields: readonly RunField[],
  style: 'whole' | 'short' = 'whole',
): string[][] {
  return runs.map((run) =>
    fields.map((field) => {
      const value = fieldValue(run, field);
      if (value === undefined) return '';
      if (style === 'short') return shortText(field, value);
      return typeof value === 'string' ? value : JSON.stringify(value);
    }),
  );
}
