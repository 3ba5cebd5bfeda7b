/** Events of governance back into their facts: the inverse of log/governance-acts.ts. */
import { CodedError } from '../../core/errors.ts';
import {
  type ApprovalId,
  type CandidateId,
  type PolicyId,
  parseActorId,
  parseObjectId,
  type ReportId,
} from '../../core/ids.ts';
import { parseRefName } from '../../core/names.ts';
import { parseApproval } from '../../core/records/approval.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { Timestamp } from '../../core/time.ts';
import type { Fact } from '../../ports/manifest.ts';
import { type EventRecords, roles, signedBy, text, unreadable } from './event-payload.ts';

type Read = PayloadRecord | undefined;

/** The id of a record; which kind it is of is for the manifest to say. */
const recordId = <Id extends string>(id: string): Id => parseObjectId(id) as string as Id;

/** A text that need not be there. */
function textOrNone(event: SealedEvent, payload: Read, name: string): string | undefined {
  return payload?.values?.[name] === undefined ? undefined : text(event, payload, name);
}

function promotion(event: SealedEvent, payload: Read): Fact {
  const to = text(event, payload, 'to');
  if (to !== 'candidate' && to !== 'accepted') throw unreadable(event, `nothing is promoted to ${to}`);
  const [name, replace] = [textOrNone(event, payload, 'name'), textOrNone(event, payload, 'replace')];
  return {
    kind: 'promote',
    candidate: recordId<CandidateId>(event.record.subject.id),
    to,
    report: recordId<ReportId>(text(event, payload, 'report')),
    ...(name === undefined ? {} : { name: parseRefName(name) }),
    ...(replace === undefined ? {} : { replace: recordId<CandidateId>(replace) }),
    ...(payload?.text === undefined ? {} : { message: payload.text }),
    event,
  };
}

function approval(event: SealedEvent, payload: Read, records: EventRecords): Fact {
  const id = recordId<ApprovalId>(text(event, payload, 'approval'));
  const record = records.text(id);
  const { actor, keyFingerprint } = parseApproval(record);
  const report = recordId<ReportId>(event.record.subject.id);
  const message = payload?.text;
  return { kind: 'approval', id, report, actor, keyFingerprint, message, record, event };
}

function policy(event: SealedEvent, records: EventRecords): Fact {
  const id = recordId<PolicyId>(event.record.subject.id);
  const record = records.text(id);
  const { name, version } = JSON.parse(record) as { name: string; version: string };
  return { kind: 'policy', id, name, version, record, event };
}

/** Throws LOG_CORRUPT for an event that lacks what it needs, NEWER_STORE for an action this version cannot replay. */
export function governanceFactOf(event: SealedEvent, records: EventRecords): Fact {
  const { action, subject } = event.record;
  const payload = records.payload(event);
  const reason = payload?.text;
  switch (action) {
    case 'actor.grant':
    case 'actor.revoke': {
      const kind = action === 'actor.grant' ? 'grant' : 'revoke-roles';
      return { kind, actor: parseActorId(subject.id), roles: roles(event, payload), ...signedBy(payload), event };
    }
    case 'key.add': {
      const actor = parseActorId(text(event, payload, 'actor'));
      const [publicKey, type] = [text(event, payload, 'publicKey'), text(event, payload, 'type')];
      return { kind: 'key', fingerprint: subject.id, actor, publicKey, type, ...signedBy(payload), event };
    }
    case 'key.revoke': {
      const from = textOrNone(event, payload, 'from') as Timestamp | undefined;
      return { kind: 'revoke-key', fingerprint: subject.id, from, reason, ...signedBy(payload), event };
    }
    case 'policy.activate':
      return policy(event, records);
    case 'candidate.create': {
      const id = recordId<CandidateId>(subject.id);
      return { kind: 'candidate', id, ...records.candidate(id), event };
    }
    case 'candidate.evaluate': {
      const id = recordId<ReportId>(subject.id);
      return { kind: 'report', id, record: records.report(id), event };
    }
    case 'approve':
      return approval(event, payload, records);
    case 'candidate.promote':
      return promotion(event, payload);
    case 'candidate.reject':
    case 'candidate.withdraw': {
      const kind = action === 'candidate.reject' ? 'reject' : 'withdraw';
      return { kind, candidate: recordId<CandidateId>(subject.id), reason, event };
    }
    default:
      throw new CodedError(
        'NEWER_STORE',
        `event ${event.record.seq} is a ${action}, which this version of cairn cannot replay`,
        {
          hint: 'Use the version of cairn that wrote the store, or a newer one.',
          data: { seq: event.record.seq, action },
        },
      );
  }
}
