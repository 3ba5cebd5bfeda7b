/**
 * Events inside a batch: a draft is sealed behind the newest event and will be appended to the log; a sealed one was read
 * from the log and must continue what is there.
 */
import { hash } from 'node:crypto';
import { CodedError } from '../../core/errors.ts';
import type { EventId } from '../../core/ids.ts';
import { headBehind, noEvent, type SealedEvent, sealEvent } from '../../core/records/event.ts';
import type { FactEvent } from '../../ports/manifest.ts';
import type { ApplyState } from './apply-state.ts';

const nativeSha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

const newestOfSubject =
  'SELECT lower(hex(event_id)) FROM event WHERE subject_id = ? AND subject_kind = ? ORDER BY seq DESC LIMIT 1';

/** Adds the event to the index and returns its sequence number. */
export function addEvent(state: ApplyState, event: FactEvent): number {
  const { connection, batch } = state;
  let sealed: SealedEvent;
  if ('record' in event) {
    sealed = event;
    const { seq, previous } = sealed.record;
    if (seq !== state.head.size + 1 || previous !== state.head.last) {
      throw new CodedError('LOG_CORRUPT', `event ${seq} does not follow event ${state.head.size} of the log`, {
        hint: 'Lines of the log were removed, reordered or rewritten. Compare with a checkpoint or a backup.',
        data: { seq, expectedSeq: state.head.size + 1 },
      });
    }
    state.replayed = true;
  } else {
    const { kind, id } = event.subject;
    const previous = connection.value<string>(newestOfSubject, id, kind) ?? noEvent;
    sealed = sealEvent(event, state.head, previous as EventId, batch.nowMs, batch.clock, nativeSha256);
    state.lines.push(sealed.bytes);
  }
  const { record } = sealed;
  connection.run(
    `INSERT INTO event (seq, event_id, record, leaf_hash, timestamp, actor_id, action, subject_kind, subject_id, payload_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    record.seq,
    Buffer.from(sealed.id, 'hex'),
    Buffer.from(sealed.bytes).toString('utf8'),
    sealed.leafHash,
    record.timestamp,
    state.actor(record.actor),
    record.action,
    record.subject.kind,
    record.subject.id,
    record.payload === undefined ? null : state.object('record', record.payload),
  );
  state.head = headBehind(sealed);
  state.events.push(sealed);
  return record.seq;
}
