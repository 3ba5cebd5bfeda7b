/** Lines of runs with their graph on the left. */
import { drawGraph, type GraphNode } from './graph.ts';
import { textWidth } from './text.ts';

/** `blocks` are the lines of each node. Parents that are not shown end their line. */
export function withGraph(
  nodes: readonly GraphNode[],
  blocks: readonly (readonly string[])[],
  shownOnly: boolean,
): string[] {
  const shown = new Set(nodes.map(({ id }) => id));
  const kept = shownOnly
    ? nodes.map(({ id, parents }) => ({ id, parents: parents.filter((one) => shown.has(one)) }))
    : nodes;
  const rows = drawGraph(kept);
  return rows.flatMap(({ node, beside, below }, index) => {
    const lines = blocks[index] ?? [];
    const isLast = index === rows.length - 1;
    const width = Math.max(textWidth(node), textWidth(beside)) + 1;
    const drawn = lines.map((line, at) => `${(at === 0 ? node : beside).padEnd(width)}${line}`.trimEnd());
    return [...drawn, ...(isLast ? [] : below)];
  });
}
