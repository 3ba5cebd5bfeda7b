/**
 * How far everything lies from the roots of a lineage. Rows of the manifest are numbered from 0 and kept in typed arrays: a
 * fan of 100,000 inputs is counted in milliseconds.
 */

/** Rows of the manifest. */
export type Edge = readonly [child: number, parent: number, relation: number, run: number];

/** What was reached, by small numbers: an artifact is its place in `rows`, the nearest first. */
export interface Reached {
  readonly rows: readonly number[];
  readonly depths: readonly number[];
  readonly edges: readonly Edge[];
  /** Places of the ends of each edge. */
  readonly children: Int32Array;
  readonly parents: Int32Array;
}

/** Counts depths breadth first from the roots, and leaves out what lies deeper than wanted. */
export function nearest(roots: readonly number[], edges: readonly Edge[], isUp: boolean, depth: number): Reached {
  const numbers = new Map<number, number>();
  const numberOf = (row: number): number => {
    let number = numbers.get(row);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(row, number);
    }
    return number;
  };
  for (const row of roots) numberOf(row);
  const near = new Int32Array(edges.length);
  const far = new Int32Array(edges.length);
  edges.forEach((edge, at) => {
    near[at] = numberOf(edge[isUp ? 0 : 1]);
    far[at] = numberOf(edge[isUp ? 1 : 0]);
  });
  // The far ends of each artifact's edges, one artifact after another.
  const starts = new Int32Array(numbers.size + 1);
  for (const from of near) starts[from + 1] = (starts[from + 1] as number) + 1;
  for (let at = 0; at < numbers.size; at++) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  const filled = starts.slice();
  const ends = new Int32Array(edges.length);
  near.forEach((from, at) => {
    const place = filled[from] as number;
    ends[place] = far[at] as number;
    filled[from] = place + 1;
  });

  const rowOf = [...numbers.keys()];
  const places = new Int32Array(numbers.size).fill(-1);
  const reached: number[] = [];
  const depths: number[] = [];
  const enter = (number: number, at: number): void => {
    if (places[number] !== -1 || at > depth) return;
    places[number] = reached.length;
    reached.push(number);
    depths.push(at);
  };
  for (let number = 0; number < roots.length; number++) enter(number, 0);
  for (let place = 0; place < reached.length; place++) {
    const number = reached[place] as number;
    const below = (depths[place] as number) + 1;
    for (let at = starts[number] as number; at < (starts[number + 1] as number); at++) enter(ends[at] as number, below);
  }
  const isNear = (number: number, least: number): boolean =>
    places[number] !== -1 && (depths[places[number] as number] as number) <= depth - least;
  const shown = Number.isFinite(depth)
    ? [...edges.keys()].filter((at) => isNear(near[at] as number, 1) && isNear(far[at] as number, 0))
    : undefined;
  const placesOf = (numbered: Int32Array): Int32Array =>
    shown === undefined
      ? numbered.map((number) => places[number] as number)
      : Int32Array.from(shown, (at) => places[numbered[at] as number] as number);
  const [from, to] = [placesOf(near), placesOf(far)];
  return {
    rows: reached.map((number) => rowOf[number] as number),
    depths,
    edges: shown === undefined ? edges : shown.map((at) => edges[at] as Edge),
    children: isUp ? from : to,
    parents: isUp ? to : from,
  };
}
