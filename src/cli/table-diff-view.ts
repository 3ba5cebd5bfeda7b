/** The difference of two tables: columns, numbers and rows, in lines that a person can read; in full for programs. */
import type { JsonValue } from '../core/json-value.ts';
import type { RowChange, TableComparison, TableDiff } from '../store/tables/compare-tables.ts';
import type { Fields, Output } from './output.ts';
import { tableLines } from './table.ts';
import { counted, grouped, inLine } from './text.ts';

export function tableFields(table: TableComparison | undefined): Fields | null {
  if (table === undefined) return null;
  if (table.kind === 'unreadable') return { unreadable: table.why };
  const { columns, rows, added, removed, changed, deltas, equal } = table.diff;
  return { key: table.key ?? null, equal, columns, rows, deltas, added, removed, changed };
}

function cell(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? inLine(value) : inLine(JSON.stringify(value));
  return typeof value === 'object' ? inLine(JSON.stringify(value)) : String(value);
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
const signed = (value: number): string => `${value > 0 ? '+' : ''}${short(value)}`;

/** `10 -> 12 rows: 3 added, 1 removed, 2 changed` */
export function tableSummary(table: TableComparison): string {
  if (table.kind === 'unreadable') return `no table that can be read: ${inLine(table.why)}`;
  const { columns, rows, equal } = table.diff;
  const counts = (['added', 'removed', 'changed'] as const)
    .filter((kind) => rows[kind] > 0)
    .map((kind) => `${grouped(rows[kind])} ${kind}`);
  const number = Object.values(columns).reduce((sum, list) => sum + list.length, 0);
  const size = rows.before === rows.after ? '' : `${grouped(rows.before)} -> `;
  const facts = [
    ...counts,
    ...(number === 0 ? [] : [`${counted(number, 'column')} ${number === 1 ? 'differs' : 'differ'}`]),
    ...(equal ? ['equal content, written otherwise'] : []),
  ];
  return `${size}${counted(rows.after, 'row')}: ${facts.join(', ')}`;
}

function columnLines({ columns }: TableDiff, out: Output): string[] {
  const lines = [
    ...columns.removed.map(({ name, type }) => out.style('red', `- ${inLine(name)} ${inLine(type)}`)),
    ...columns.added.map(({ name, type }) => out.style('green', `+ ${inLine(name)} ${inLine(type)}`)),
    ...columns.changed.map(({ name, before, after, compared }) => {
      const note = compared ? '' : ' (values not compared)';
      return `~ ${inLine(name)} ${out.style('red', inLine(before))} -> ${out.style('green', inLine(after))}${note}`;
    }),
  ];
  return lines.length === 0 ? [] : [out.style('bold', 'Columns:'), ...lines.map((line) => `  ${line}`)];
}

function deltaLines({ deltas }: TableDiff, out: Output): string[] {
  if (deltas.length === 0) return [];
  const rows = deltas.map(({ column, changed, maxAbs, meanAbs, mean }) => [
    inLine(column),
    grouped(changed),
    short(maxAbs),
    short(meanAbs),
    signed(mean),
  ]);
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const columns = [
    { title: 'column' },
    right('changed'),
    right('max |delta|'),
    right('mean |delta|'),
    right('mean delta'),
  ];
  return [out.style('bold', 'Numbers:'), ...tableLines(columns, rows).map((line) => `  ${line}`)];
}

/** NaN for what is no number; the columns of a CSV are texts. */
function numberOf(value: JsonValue | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

const rowText = (row: { readonly [column: string]: JsonValue }): string =>
  Object.entries(row)
    .map(([name, value]) => `${inLine(name)}=${cell(value)}`)
    .join(' ');

function changeText({ key, before, after }: RowChange, out: Output): string {
  const parts = Object.keys(after).map((name) => {
    const [old, now] = [before[name], after[name]];
    const by = numberOf(now) - numberOf(old);
    const delta = Number.isFinite(by) ? ` (${signed(by)})` : '';
    return `${inLine(name)}: ${out.style('red', cell(old))} -> ${out.style('green', cell(now))}${delta}`;
  });
  return `~ ${rowText(key)}  ${parts.join(', ')}`;
}

function rowLines(title: string, lines: readonly string[], total: number, out: Output): string[] {
  if (total === 0) return [];
  const rest = total - lines.length;
  return [
    out.style('bold', `${title}:`),
    ...lines.map((line) => `  ${line}`),
    ...(rest === 0 ? [] : [`  … ${grouped(rest)} more: --sample 0 for all`]),
  ];
}

/** What follows the heading of a file, when just this file was asked for. */
export function tableDiffLines({ key, diff }: Extract<TableComparison, { kind: 'compared' }>, out: Output): string[] {
  const { rows } = diff;
  const removed = diff.removed.map((row) => out.style('red', `- ${rowText(row)}`));
  const added = diff.added.map((row) => out.style('green', `+ ${rowText(row)}`));
  const changed = diff.changed.map((change) => changeText(change, out));
  return [
    ...(diff.equal ? [] : [`Key: ${key === undefined ? 'none, whole rows are compared' : key.map(inLine).join(', ')}`]),
    ...columnLines(diff, out),
    ...deltaLines(diff, out),
    ...rowLines('Removed', removed, rows.removed, out),
    ...rowLines('Added', added, rows.added, out),
    ...rowLines('Changed', changed, rows.changed, out),
  ];
}
