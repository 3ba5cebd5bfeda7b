/** Runs as people and programs see them, the same in `log`, `show`, `branch` and wherever else a run is named. */
import { shortId } from '../core/ids.ts';
import type { RunEntry } from '../store/runs/history.ts';
import { shortRef } from '../store/runs/refs.ts';
import type { Fields, Output } from './output.ts';
import { firstLine, grouped, inLine, inLines, timeText } from './text.ts';

export function runFields(run: RunEntry, refs: readonly string[] = []): Fields {
  return {
    runInstanceId: run.id,
    runKey: run.runKey,
    parents: run.parents,
    message: run.message ?? null,
    author: run.author,
    createdAt: run.createdAt,
    artifacts: run.artifacts,
    status: run.status,
    retired: run.retired,
    stale: run.stale,
    refs,
    engineVersion: run.engineVersion,
    configVersion: run.configVersion,
    configHash: run.configHash,
    datasetIdV2: run.datasetIdV2 ?? null,
    gitCommit: run.gitCommit ?? null,
    gitDirty: run.gitDirty ?? null,
    params: run.params,
    metrics: run.metrics,
    tags: run.tags,
  };
}

/** `(HEAD -> main, tag: v1)` */
export function refMarks(refs: readonly string[], head: string | undefined, out: Output): string {
  if (refs.length === 0) return '';
  const marks = refs.map((name) => {
    const short = inLine(shortRef(name));
    if (name === head) return `${out.style(['bold', 'cyan'], 'HEAD ->')} ${out.style(['bold', 'green'], short)}`;
    if (name.startsWith('tags/')) return out.style(['bold', 'yellow'], `tag: ${short}`);
    return out.style(['bold', 'green'], short);
  });
  return ` (${marks.join(', ')})`;
}

/** `failed`, `stale`, `retired`, where they apply. */
export function runMarks(run: RunEntry, out: Output): string {
  const marks = [
    ...(run.status === 'failed' ? [out.style('red', 'failed')] : []),
    ...(run.stale ? [out.style('magenta', 'stale')] : []),
    ...(run.retired ? [out.style('dim', 'retired')] : []),
  ];
  return marks.length === 0 ? '' : ` [${marks.join(', ')}]`;
}

export function messageText(run: RunEntry): string {
  return run.message === undefined ? '(message erased)' : run.message;
}

/** A value of a parameter, metric or tag. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? inLine(value) : inLine(JSON.stringify(value));
}

export function valuesText(values: { readonly [name: string]: unknown }): string {
  return Object.entries(values)
    .map(([name, value]) => `${inLine(name)}=${valueText(value)}`)
    .join(', ');
}

export function oneLine(run: RunEntry, refs: readonly string[], head: string | undefined, out: Output): string {
  return `${out.style('yellow', shortId(run.id))}${refMarks(refs, head, out)}${runMarks(run, out)} ${firstLine(messageText(run))}`;
}

/** A run as `log` shows it, several lines. */
export function runBlock(run: RunEntry, refs: readonly string[], head: string | undefined, out: Output): string[] {
  const lines = [
    `${out.style('yellow', `run ${shortId(run.id)}`)}${refMarks(refs, head, out)}${runMarks(run, out)}`,
    ...(run.parents.length > 1 ? [`Parents: ${run.parents.map(shortId).join(' ')}`] : []),
    `Author:  ${inLine(run.author)}`,
    `Date:    ${timeText(run.createdAt)}`,
    `Outputs: ${grouped(run.artifacts)}`,
  ];
  if (Object.keys(run.params).length > 0) lines.push(`Params:  ${valuesText(run.params)}`);
  if (Object.keys(run.metrics).length > 0) lines.push(`Metrics: ${valuesText(run.metrics)}`);
  if (Object.keys(run.tags).length > 0) lines.push(`Tags:    ${valuesText(run.tags)}`);
  const message = inLines(messageText(run)).trimEnd().split('\n');
  return [...lines, '', ...message.map((line) => `    ${line}`.trimEnd())];
}
