/** What the facts of a batch share while they are applied. */
import { CodedError } from '../../core/errors.ts';
import type { FactEvent, Guard } from '../../ports/manifest.ts';
import type { MemoryTables } from './memory-tables.ts';

/** One batch while it is applied. */
export interface MemoryBatch {
  readonly tables: MemoryTables;
  readonly nowMs: number;
  /** Logs the event of a fact and returns its sequence number. */
  log(event: FactEvent): number;
  /** The same, and keeps what the payload of the event says. */
  act(event: FactEvent, payload: string | undefined): number;
}

/** An object that something names but nobody stored. What its size is may be told later. */
export function noteObject(tables: MemoryTables, namespace: 'blob' | 'record', id: string, size = 0): void {
  const key = `${namespace}:${id}` as const;
  const known = tables.objects.get(key);
  if (known?.location.kind === 'absent' && known.size === 0) tables.objects.set(key, { ...known, size });
  if (known !== undefined) return;
  tables.objects.set(key, { namespace, id: id as never, size, location: { kind: 'absent' }, lastUseMs: 0 });
}

export function publicationMoved(guard: Guard): CodedError {
  return new CodedError('PUBLICATION_MOVED', 'another process published the same thing meanwhile', {
    hint: 'Run the command again: it starts from what is published now.',
    data: { guard },
  });
}

export function refMoved(
  name: string,
  expected: string | number | undefined,
  actual: string | number | undefined,
): CodedError {
  return new CodedError('REF_MOVED', `${name} was moved by another process meanwhile`, {
    hint: 'Run the command again: it starts from where the ref is now.',
    data: { name, expected: expected ?? null, actual: actual ?? null },
  });
}
