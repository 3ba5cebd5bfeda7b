/**
 * What governance writes to the manifest: who may act and with which keys, policies, claims, their evaluation, approval
 * and promotion. Each fact has one event, and what the event cannot hold lies in its payload, whose values are those of
 * core/records/act-values.ts: an adapter MUST refuse a fact that its event's payload does not say (RECORD_INVALID).
 */
import type { ActorId, ApprovalId, CandidateId, PolicyId, RefName, ReportId } from '../core/ids.ts';
import type { CandidateRecord } from '../core/records/candidate.ts';
import type { EventDraft, SealedEvent } from '../core/records/event.ts';
import type { ReportRecord } from '../core/records/report.ts';
import type { SignedStatement } from '../core/signed-statement.ts';
import type { Timestamp } from '../core/time.ts';

/** A draft is appended to the log; a sealed event is one read back from it, by reindex. */
export type FactEvent = EventDraft | SealedEvent;

export type GovernanceFact =
  /** `actor.grant`, subject: the actor. Roles that are held already stay. REV_NOT_FOUND for an unknown actor. */
  | {
      readonly kind: 'grant';
      readonly actor: ActorId;
      readonly roles: readonly string[];
      /** The admin's signature, as the payload keeps it; nobody checks it here (verify/authority.ts does). */
      readonly signed?: SignedStatement | undefined;
      readonly event: FactEvent;
    }
  /** `actor.revoke`. */
  | {
      readonly kind: 'revoke-roles';
      readonly actor: ActorId;
      readonly roles: readonly string[];
      readonly signed?: SignedStatement | undefined;
      readonly event: FactEvent;
    }
  /**
   * `key.add`, subject: the key's fingerprint. A fingerprint is bound once and for ever: STATUS_CONFLICT for a known
   * one, revoked or not.
   */
  | {
      readonly kind: 'key';
      readonly fingerprint: string;
      readonly actor: ActorId;
      /** Hexadecimal. */
      readonly publicKey: string;
      readonly type: string;
      readonly signed?: SignedStatement | undefined;
      readonly event: FactEvent;
    }
  /** `key.revoke`. STATUS_CONFLICT when it is revoked already, REV_NOT_FOUND for an unknown one. */
  | {
      readonly kind: 'revoke-key';
      readonly fingerprint: string;
      /** Since when it is not to be trusted; left out: it never was. */
      readonly from?: Timestamp | undefined;
      readonly reason: string | undefined;
      readonly signed?: SignedStatement | undefined;
      readonly event: FactEvent;
    }
  /** `policy.activate`, subject: the policy. The newest activation is the active policy; an old one may come again. */
  | {
      readonly kind: 'policy';
      readonly id: PolicyId;
      readonly name: string;
      readonly version: string | number;
      /** The canonical text of the record; its `name` and `version` are those above. */
      readonly record: string;
      readonly event: FactEvent;
    }
  /** `candidate.create`, subject: the candidate. Skipped, with its event, when the id is known. */
  | {
      readonly kind: 'candidate';
      readonly id: CandidateId;
      readonly record: CandidateRecord;
      /** Text of the payload that the record names; undefined when there is none or it was erased. */
      readonly notes: string | undefined;
      readonly event: FactEvent;
    }
  /** `candidate.evaluate`, subject: the REPORT. Skipped, with its event, when the id is known. */
  | {
      readonly kind: 'report';
      readonly id: ReportId;
      readonly record: ReportRecord;
      readonly event: FactEvent;
    }
  /**
   * `approve`, subject: the REPORT. STATUS_CONFLICT when the key is not bound to the actor or is revoked. Skipped, with its
   * event, when the id is known. Signatures are not looked at here.
   */
  | {
      readonly kind: 'approval';
      readonly id: ApprovalId;
      readonly report: ReportId;
      readonly actor: ActorId;
      readonly keyFingerprint: string;
      /** Free text, in the payload. */
      readonly message?: string | undefined;
      /** The canonical text of the cairn.approval/1 record; its `report`, `actor` and `keyFingerprint` are those above. */
      readonly record: string;
      readonly event: FactEvent;
    }
  /**
   * `candidate.promote`, subject: the candidate. STATUS_CONFLICT (data: candidate, status, reason) unless the candidate
   * is in the status below, the report is the newest of its level, passed, was evaluated here under the active policy, has its
   * approvals, and no evidence is tombstoned. REF_MOVED when `name` names another candidate than `replace`.
   */
  | {
      readonly kind: 'promote';
      readonly candidate: CandidateId;
      readonly to: 'candidate' | 'accepted';
      readonly report: ReportId;
      /** `accepted/…`, only with `to: 'accepted'`. */
      readonly name?: RefName | undefined;
      /** The candidate that the name is taken from. */
      readonly replace?: CandidateId | undefined;
      readonly message?: string | undefined;
      readonly event: FactEvent;
    }
  /** `candidate.reject`: from every status but `rejected`. Its accepted name is deleted. */
  | {
      readonly kind: 'reject';
      readonly candidate: CandidateId;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  /** `candidate.withdraw`: back to exploratory, from everything else. Its accepted name is deleted. */
  | {
      readonly kind: 'withdraw';
      readonly candidate: CandidateId;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    };
