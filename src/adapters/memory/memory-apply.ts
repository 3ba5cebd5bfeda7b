/** Batches over the tables in memory: the same rules as over SQL, written a second time so that each checks the other. */
import { assertInvariant, CodedError } from '../../core/errors.ts';
import type { EventId } from '../../core/ids.ts';
import { headBehind, type LogHead, noEvent, type SealedEvent, sealEvent } from '../../core/records/event.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Applied, Fact, Guard, ManifestBatch } from '../../ports/manifest.ts';
import { applyRun } from './memory-apply-run.ts';
import { applyStatus } from './memory-apply-status.ts';
import { applyStorage } from './memory-apply-storage.ts';
import { type MemoryBatch, noteObject, publicationMoved, refMoved } from './memory-batch.ts';
import { artifactWithContent, publicationIn } from './memory-contents.ts';
import type { MemoryTables } from './memory-tables.ts';

export function headOf(tables: MemoryTables): LogHead {
  const last = tables.events.get(tables.events.size);
  return last === undefined ? { size: 0, last: noEvent, lastTimestamp: undefined } : headBehind(last);
}

export async function applyToMemory(tables: MemoryTables, log: EventLog, batch: ManifestBatch): Promise<Applied> {
  const events: SealedEvent[] = [];
  const drafted: Uint8Array[] = [];
  const memoryBatch: MemoryBatch = {
    tables,
    nowMs: batch.nowMs,
    log(event) {
      const head = headOf(tables);
      let sealed: SealedEvent;
      if ('record' in event) {
        sealed = event;
        if (sealed.record.seq !== head.size + 1 || sealed.record.previous !== head.last) {
          throw new CodedError(
            'LOG_CORRUPT',
            `event ${sealed.record.seq} does not follow event ${head.size} of the log`,
          );
        }
        assertInvariant(batch.logEnd !== undefined, 'a batch with events of the log says where they end');
      } else {
        sealed = sealEvent(event, head, newestAbout(tables, event.subject), batch.nowMs, batch.clock);
        drafted.push(sealed.bytes);
      }
      tables.events.set(sealed.record.seq, sealed);
      tables.eventSeqs.set(sealed.id, sealed.record.seq);
      if (sealed.record.payload !== undefined) noteObject(tables, 'record', sealed.record.payload);
      events.push(sealed);
      return sealed.record.seq;
    },
    act(event, payload) {
      const seq = memoryBatch.log(event);
      if (payload !== undefined) tables.payloads.set(seq, payload);
      return seq;
    },
  };
  try {
    for (const guard of batch.guards ?? []) checkGuard(tables, guard);
    refuseRepeated(tables, batch.facts);
    for (const fact of batch.facts) applyFact(memoryBatch, fact);
    if (batch.logEnd !== undefined) tables.end = batch.logEnd;
    if (drafted.length > 0) tables.end = await log.append(tables.end, drafted);
    tables.journal.commit();
    return { events };
  } catch (error) {
    tables.journal.rollBack();
    throw error;
  }
}

function applyFact(batch: MemoryBatch, fact: Fact): void {
  if (fact.kind === 'run') applyRun(batch, fact);
  else if (!applyStorage(batch, fact)) applyStatus(batch, fact);
}

function newestAbout(tables: MemoryTables, subject: { readonly kind: string; readonly id: string }): EventId {
  for (let seq = tables.events.size; seq > 0; seq--) {
    const event = tables.events.get(seq);
    if (event?.record.subject.kind === subject.kind && event.record.subject.id === subject.id) return event.id;
  }
  return noEvent;
}

function checkGuard(tables: MemoryTables, guard: Guard): void {
  switch (guard.kind) {
    case 'expect-ref': {
      const actual = tables.refs.get(guard.name)?.target;
      if (actual !== guard.target) throw refMoved(guard.name, guard.target, actual);
      return;
    }
    case 'expect-log-size':
      if (tables.events.size !== guard.size) throw refMoved('the log', guard.size, tables.events.size);
      return;
    case 'expect-content':
      if (artifactWithContent(tables, guard.question) !== guard.artifact) throw publicationMoved(guard);
      return;
    case 'expect-unpublished':
      if (publicationIn(tables, guard.publication) !== undefined) throw publicationMoved(guard);
  }
}

/** A publication is one run. */
function refuseRepeated(tables: MemoryTables, facts: readonly Fact[]): void {
  const runs = new Map<string, string>();
  for (const fact of facts) {
    if (fact.kind !== 'run' || fact.record.publication === undefined || tables.runs.has(fact.id)) continue;
    const first = runs.get(fact.record.publication);
    assertInvariant(first === undefined || first === fact.id, 'a batch publishes one thing twice');
    runs.set(fact.record.publication, fact.id);
  }
}
