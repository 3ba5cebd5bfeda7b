/** Branches and tags: how a list names them, and what is said of one that was made or deleted. */
import { shortId } from '../core/ids.ts';
import type { NamedRun, RefChange, RefKind } from '../store/runs/refs.ts';
import type { Fields } from './output.ts';
import { inLine } from './text.ts';

export function refFields({ name: ref, short, run }: NamedRun): Fields {
  return { name: short, ref, target: run.id, message: run.message ?? null, createdAt: run.createdAt };
}

export function refChangeFields({ short, name: ref, from, to }: RefChange): Fields {
  return { name: short, ref, from: from ?? null, to: to ?? null };
}

export function refChangeLines(kind: RefKind, { short, from, to }: RefChange): string[] {
  if (to === undefined) return [`deleted ${kind} ${inLine(short)} (was ${shortId(from ?? '')})`];
  return [`${kind} ${inLine(short)} at ${shortId(to)}`];
}
