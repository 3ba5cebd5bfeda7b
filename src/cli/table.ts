/** Columns of text, aligned by their width on a terminal. */
import { textWidth } from './text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/** Lines of a table; the titles come first unless all of them are empty. The last column is never padded. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map((column) => column.title);
  const all = titles.some((title) => title !== '') ? [titles, ...rows] : rows;
  const widths = columns.map((_, index) =>
    all.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? '')), 0),
  );
  return all.map((row) =>
    columns
      .map((column, index) => padded(row[index] ?? '', widths[index] as number, column.align))
      .join('  ')
      .trimEnd(),
  );
}

/** One field of comma-separated values (RFC 4180). */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, with a heading and LF line ends. */
export function csvText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
}
