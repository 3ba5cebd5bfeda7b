/** What is read of governance: claims and where they stand, decisions, approvals, policies, people and their keys. */
import type {
  ActorId,
  ApprovalId,
  ArtifactId,
  CandidateId,
  EventId,
  PolicyId,
  RefName,
  ReportId,
  RunId,
} from '../core/ids.ts';
import type { CandidateRecord } from '../core/records/candidate.ts';
import type { EventAction } from '../core/records/event.ts';
import type { ReportRecord } from '../core/records/report.ts';
import type { Timestamp } from '../core/time.ts';

export type CandidateStatus = 'exploratory' | 'candidate' | 'accepted' | 'rejected';

/** Why what was once granted to a candidate does not hold any more. */
export type Risk =
  /** A newer report of the level that the candidate stands on has failed. */
  | { readonly kind: 'report-failed'; readonly report: ReportId }
  | { readonly kind: 'evidence-superseded'; readonly artifact: ArtifactId; readonly role: string }
  | { readonly kind: 'evidence-tombstoned'; readonly artifact: ArtifactId; readonly role: string };

export interface CandidateEntry {
  readonly id: CandidateId;
  readonly record: CandidateRecord;
  readonly notes: string | undefined;
  /** Its `candidate.create` event: the order of candidates. */
  readonly seq: number;
  readonly createdAt: Timestamp;
  readonly creator: ActorId;
  readonly gitCommit: string | undefined;
  readonly status: CandidateStatus;
  /** The event that the status is owed to. */
  readonly statusSeq: number;
  readonly statusAt: Timestamp;
  /** What a candidate or accepted one stands on. */
  readonly report: ReportId | undefined;
  /** `accepted/…`, while it has one. */
  readonly name: RefName | undefined;
  /** Shown as `at-risk` when not empty; always empty unless the status is candidate or accepted. */
  readonly risks: readonly Risk[];
}

export interface CandidateFilter {
  readonly status?: CandidateStatus | undefined;
  /** Only those at risk, or only those that are not. */
  readonly atRisk?: boolean | undefined;
  /** `datasetId` of the record. */
  readonly dataset?: string | undefined;
  readonly signal?: string | undefined;
  readonly run?: RunId | undefined;
}

/** One governance act about a candidate, for its past and for answers as of a moment. */
export interface CandidateAct {
  readonly seq: number;
  readonly event: EventId;
  readonly action: EventAction;
  readonly timestamp: Timestamp;
  readonly actor: ActorId;
  /** What the candidate's status is from here on. */
  readonly status: CandidateStatus;
  /** The report that was made, approved or relied on. */
  readonly report: ReportId | undefined;
  /** The name that a promotion gave. */
  readonly name: RefName | undefined;
  readonly reason: string | undefined;
}

export interface ReportEntry {
  readonly id: ReportId;
  readonly record: ReportRecord;
  /** Its `candidate.evaluate` event: the order of reports. */
  readonly seq: number;
  readonly timestamp: Timestamp;
  /** `local`: evaluated here. Nothing else counts for a promotion. */
  readonly origin: string;
}

export interface ApprovalEntry {
  readonly id: ApprovalId;
  readonly report: ReportId;
  readonly actor: ActorId;
  readonly keyFingerprint: string;
  /** The record's canonical text, with the signature. */
  readonly record: string;
  readonly seq: number;
  readonly timestamp: Timestamp;
  /** What the actor held when the approval was logged, sorted. */
  readonly roles: readonly string[];
  /** What the actor holds now: a promotion counts these. */
  readonly rolesNow: readonly string[];
  /** The key was revoked since, whatever `from` says: such an approval does not count. */
  readonly keyRevoked: boolean;
}

export interface PolicyEntry {
  readonly id: PolicyId;
  readonly name: string;
  /** As text, whatever it is in the record. */
  readonly version: string;
  readonly record: string;
  /** Its newest activation. */
  readonly seq: number;
  readonly activatedAt: Timestamp;
  readonly active: boolean;
}

export interface KeyEntry {
  readonly fingerprint: string;
  readonly actor: ActorId;
  readonly publicKey: string;
  readonly type: string;
  readonly seq: number;
  readonly addedAt: Timestamp;
  readonly revoked:
    | {
        readonly seq: number;
        readonly at: Timestamp;
        readonly from: Timestamp | undefined;
        readonly reason: string | undefined;
      }
    | undefined;
}

export interface AcceptedRef {
  readonly name: RefName;
  readonly candidate: CandidateId;
  /** The candidate's run, which is what the name means as a revision. */
  readonly run: RunId;
  readonly seq: number;
}

export interface AncestryRequest {
  readonly run: RunId;
  /** What is asked about. */
  readonly artifacts?: readonly ArtifactId[] | undefined;
  /** Runs to walk at most; 100,000 when left out. */
  readonly limit?: number | undefined;
}

export interface Ancestry {
  /** The run itself and every run reachable through the producing runs of inputs, the nearest first. */
  readonly runs: readonly RunId[];
  /** False when the limit ended the walk: then what was not found may be there all the same. */
  readonly complete: boolean;
  /** For every artifact asked about, in that order. */
  readonly artifacts: readonly {
    /** The nearest run of the ancestry that produced it. */
    readonly producedBy: RunId | undefined;
    /** The nearest run of the ancestry that has it as an input. */
    readonly usedBy: RunId | undefined;
  }[];
}
