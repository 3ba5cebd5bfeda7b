/** What the facts of a batch share while they are applied. */
import { CodedError } from '../../core/errors.ts';
import type { FactEvent } from '../../ports/manifest.ts';
import type { MemoryTables } from './memory-tables.ts';

/** One batch while it is applied. */
export interface MemoryBatch {
  readonly tables: MemoryTables;
  readonly nowMs: number;
  /** Logs the event of a fact and returns its sequence number. */
  log(event: FactEvent): number;
}

/** A record that something names but nobody stored. */
export function noteObject(tables: MemoryTables, namespace: 'blob' | 'record', id: string, size = 0): void {
  const key = `${namespace}:${id}` as const;
  if (tables.objects.has(key)) return;
  tables.objects.set(key, { namespace, id: id as never, size, location: { kind: 'absent' }, lastUseMs: 0 });
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
