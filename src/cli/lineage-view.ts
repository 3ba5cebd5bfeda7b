/** Lineage as a tree for people, as Graphviz, as Mermaid, and as the fields of its document. */
import { shortId } from '../core/ids.ts';
import type { LineageEdge, LineageGraph } from '../store/lineage/lineage.ts';
import { artifactFields, statusText } from './artifact-view.ts';
import type { Fields, Output } from './output.ts';
import { inLine } from './text.ts';

export function lineageFields(graph: LineageGraph): Fields {
  return {
    root: graph.root.id,
    kind: graph.root.kind,
    direction: graph.direction,
    roots: graph.roots,
    artifacts: [...graph.artifacts].map(([id, { entry, depth }]) => ({
      ...(entry === undefined ? { artifactId: id } : artifactFields(entry)),
      depth,
    })),
    edges: graph.edges,
  };
}

function keyOf(graph: LineageGraph, id: string): string {
  const entry = graph.artifacts.get(id as LineageEdge['child'])?.entry;
  return entry === undefined ? '' : inLine(entry.logicalKey);
}

/** Edges by the end that is nearer to the root. */
function edgesFrom(graph: LineageGraph): Map<string, LineageEdge[]> {
  const from = new Map<string, LineageEdge[]>();
  for (const edge of graph.edges) {
    const near = graph.direction === 'up' ? edge.child : edge.parent;
    const others = from.get(near);
    if (others === undefined) from.set(near, [edge]);
    else others.push(edge);
  }
  return from;
}

/**
 * Each artifact is drawn out once; where it comes up again it is only named. Written with a stack of its own, since a
 * lineage may be deeper than the call stack.
 */
export function treeLines(graph: LineageGraph, out: Output): string[] {
  const from = edgesFrom(graph);
  const drawn = new Set<string>();
  const lines: string[] = [];
  const label = (id: string): string => {
    const entry = graph.artifacts.get(id as LineageEdge['child'])?.entry;
    const state = entry === undefined ? '' : statusText(entry, out);
    return `${keyOf(graph, id)} ${out.style('yellow', shortId(id))}${state === '' ? '' : ` [${state}]`}`;
  };
  type Step = { readonly id: string; readonly lead: string; readonly indent: string; readonly note: string };
  const stack: Step[] = graph.roots.map((id) => ({ id, lead: '', indent: '', note: '' })).reverse();
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { id, lead, indent, note } = step;
    const edges = from.get(id) ?? [];
    const again = drawn.has(id) && edges.length > 0;
    lines.push(`${lead}${label(id)}${note}${again ? ' (see above)' : ''}`);
    if (again) continue;
    drawn.add(id);
    const below = edges.map((edge, index): Step => {
      const isLast = index === edges.length - 1;
      const far = graph.direction === 'up' ? edge.parent : edge.child;
      return {
        id: far,
        lead: `${indent}${isLast ? '└─ ' : '├─ '}`,
        indent: `${indent}${isLast ? '   ' : '│  '}`,
        note: ` ${out.style('dim', `${inLine(edge.relation)} in run ${shortId(edge.run)}`)}`,
      };
    });
    stack.push(...below.reverse());
  }
  return lines;
}

const dotText = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Data flows along the arrows: from what was used to what was made. */
export function dotLines(graph: LineageGraph): string[] {
  const roots = new Set<string>(graph.roots);
  const nodes = [...graph.artifacts.keys()].map((id) => {
    const style = roots.has(id) ? ', style=bold' : '';
    return `  ${dotText(id)} [label=${dotText(`${keyOf(graph, id)}\n${shortId(id)}`).replaceAll('\n', '\\n')}${style}];`;
  });
  const edges = graph.edges.map(
    ({ child, parent, relation, run }) =>
      `  ${dotText(parent)} -> ${dotText(child)} [label=${dotText(`${inLine(relation)}\n${shortId(run)}`).replaceAll('\n', '\\n')}];`,
  );
  return ['digraph lineage {', '  rankdir=LR;', '  node [shape=box];', ...nodes, ...edges, '}'];
}

/** Mermaid takes HTML entities inside quotes, and nothing else safely. */
const mermaidText = (text: string): string =>
  `"${text.replace(/[^\p{L}\p{N} ./_-]/gu, (sign) => `#${sign.codePointAt(0)};`)}"`;

export function mermaidLines(graph: LineageGraph): string[] {
  const names = new Map([...graph.artifacts.keys()].map((id, index) => [id as string, `a${index}`]));
  const nodes = [...names].map(([id, name]) => `  ${name}[${mermaidText(`${keyOf(graph, id)} ${shortId(id)}`)}]`);
  const edges = graph.edges.map(
    ({ child, parent, relation, run }) =>
      `  ${names.get(parent) ?? ''} -->|${mermaidText(`${relation} ${shortId(run)}`)}| ${names.get(child) ?? ''}`,
  );
  return ['graph LR', ...nodes, ...edges];
}
