/**
 * Tables in JSON, as the writers of Python lay them out, as one list of rows: a list of objects (`orient="records"`), an object of
 * columns with lists (`{"regime": ["bull"], …}`) or with index and value (`{"regime": {"0": "bull"}, …}`, what pandas writes unless
 * told otherwise), `{"columns": […], "data": [[…]]}` (`orient="split"`), or one of these under `regimes`, `rows` or `data`.
 */
import { isLosslessObject, type LosslessObject, type LosslessValue, setMember } from '../lossless-json.ts';

const rowLimit = 100_000;

type Row = { [name: string]: LosslessValue };

function isList(value: LosslessValue | undefined): value is readonly LosslessValue[] {
  return Array.isArray(value);
}

function fromSplit(columns: readonly LosslessValue[], data: readonly LosslessValue[]): Row[] | undefined {
  if (!columns.every((name) => typeof name === 'string') || new Set(columns).size !== columns.length) return undefined;
  const rows: Row[] = [];
  for (const cells of data) {
    if (!isList(cells) || cells.length !== columns.length) return undefined;
    const row: Row = {};
    cells.forEach((value, index) => {
      setMember(row, columns[index] as string, value);
    });
    rows.push(row);
  }
  return rows;
}

/** Columns of equal length with the same index. */
function fromColumns(table: LosslessObject): Row[] | undefined {
  const columns = Object.entries(table).map(([name, values]) => ({
    name,
    index: isLosslessObject(values)
      ? Object.keys(values)
      : isList(values)
        ? Array.from(values.keys(), String)
        : undefined,
    values: isLosslessObject(values) ? Object.values(values) : isList(values) ? values : [],
  }));
  const index = columns[0]?.index;
  if (index === undefined || index.length > rowLimit) return undefined;
  const isSame = (other: readonly string[] | undefined): boolean =>
    other?.length === index.length && other.every((key, at) => key === index[at]);
  if (!columns.every((column) => isSame(column.index))) return undefined;
  return index.map((_, at) => {
    const row: Row = {};
    for (const { name, values } of columns) setMember(row, name, values[at] as LosslessValue);
    return row;
  });
}

/** The rows of a table; undefined for a value that is none. */
export function tableRows(value: LosslessValue): readonly LosslessValue[] | undefined {
  if (isList(value)) return value;
  if (!isLosslessObject(value)) return undefined;
  const { columns, data, regimes, rows } = value;
  if (isList(columns) && isList(data)) return fromSplit(columns, data);
  const inner = [regimes, rows, data].find((one) => isList(one) || isLosslessObject(one));
  if (inner !== undefined && !(isList(inner) && isList(value['regime'])))
    return isList(inner) ? inner : tableRows(inner);
  return fromColumns(value);
}
