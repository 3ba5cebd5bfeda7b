/**
 * History as a graph beside the lines of its runs, drawn as git does: `*` is a run, lines lead down to its parents.
 *
 * Runs come newest first, children before parents. Each column waits for one run; between two runs the lines move at most
 * one column a row.
 */

export interface GraphNode {
  readonly id: string;
  readonly parents: readonly string[];
}

/** Draws rows until every line that leaves column `from` has come to column `to`. */
function connectors(edges: readonly { from: number; to: number }[]): string[] {
  const rows: string[] = [];
  let moving = edges.map(({ from, to }) => ({ at: from, to }));
  while (moving.some(({ at, to }) => at !== to)) {
    const cells: string[] = [];
    const put = (place: number, sign: string): void => {
      while (cells.length <= place) cells.push(' ');
      if (cells[place] === ' ' || sign !== '|') cells[place] = sign;
    };
    moving = moving.map(({ at, to }) => {
      if (at === to) {
        put(2 * at, '|');
        return { at, to };
      }
      put(at > to ? 2 * at - 1 : 2 * at + 1, at > to ? '/' : '\\');
      return { at: at > to ? at - 1 : at + 1, to };
    });
    rows.push(cells.join(''));
  }
  return rows;
}

/** For each node its row (`| *`), the rows of its further lines (`| |`), and the rows that lead to the next node. */
export interface GraphRows {
  readonly node: string;
  readonly beside: string;
  readonly below: readonly string[];
}

export function drawGraph(nodes: readonly GraphNode[]): GraphRows[] {
  let columns: string[] = [];
  return nodes.map(({ id, parents }) => {
    const waiting = columns.includes(id);
    const before = waiting ? columns : [...columns, id];
    const own = before.indexOf(id);
    // Parents take the place of the run, the first one in its own column; one that is awaited elsewhere is joined there.
    const next: string[] = [];
    before.forEach((awaited, column) => {
      for (const one of column === own ? parents : [awaited]) if (!next.includes(one)) next.push(one);
    });
    const edges = before.flatMap((awaited, column) =>
      (column === own ? parents : [awaited]).map((one) => ({ from: column, to: next.indexOf(one) })),
    );
    columns = next;
    const row = (sign: string): string => before.map((_, column) => (column === own ? sign : '|')).join(' ');
    const rest = before.map((_, column) => (column === own && parents.length === 0 ? ' ' : '|')).join(' ');
    return { node: row('*'), beside: rest.trimEnd(), below: connectors(edges) };
  });
}
