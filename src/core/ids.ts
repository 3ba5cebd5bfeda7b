/**
 * Identities, as distinct types.
 *
 * Every id is the SHA-256 of some bytes, written as 64 lower-case hexadecimal digits. A branded type for each kind keeps
 * a run's id from being passed where an artifact's is meant; only the parsers here and the hash functions make them.
 */
import { CodedError } from './errors.ts';

declare const brand: unique symbol;
type Id<Kind extends string> = string & { readonly [brand]: { readonly [K in Kind]: true } };

/** Any object: a blob or a record, named by the SHA-256 of its bytes. */
export type ObjectId = Id<'object'>;
/** An object that is a file's content. */
export type BlobId = ObjectId & Id<'blob'>;
/** An object in the record namespace, whatever its schema. */
export type RecordId = ObjectId & Id<'record'>;
export type ArtifactId = RecordId & Id<'artifact'>;
export type TreeId = RecordId & Id<'tree'>;
/** The run instance id: the id of the run's record. */
export type RunId = RecordId & Id<'run'>;
export type PayloadId = RecordId & Id<'payload'>;
export type ContextId = RecordId & Id<'context'>;
/** Table content of a blob under a specification: the id of its cairn.content/1 record. */
export type ContentId = RecordId & Id<'content'>;
export type TableSpecId = RecordId & Id<'table-spec'>;
/** cairn.table/1: what a table says, whatever file it lies in. */
export type TableHash = Id<'table-hash'>;
/** What was published, from what and how: two publications that say the same are one. */
export type PublicationId = Id<'publication'>;
/** A claim under review: the id of its cairn.candidate/1 record. */
export type CandidateId = RecordId & Id<'candidate'>;
/** The outcome of one evaluation: the id of its cairn.report/1 record. */
export type ReportId = RecordId & Id<'report'>;
/** What an evaluation read: the id of its cairn.facts/1 record. */
export type FactsId = RecordId & Id<'facts'>;
/** A policy, normalised: the id of its cairn.policy/1 record, which is its digest. */
export type PolicyId = RecordId & Id<'policy'>;
/** A signed approval: the id of its cairn.approval/1 record. */
export type ApprovalId = RecordId & Id<'approval'>;
/** SHA-256 of an event's canonical bytes. Events live in the log, not among the objects. */
export type EventId = Id<'event'>;
/** Semantic identity of a run: datasets, parameters, version pins. */
export type RunKey = Id<'run-key'>;
/** Identity of a person or machine that acts: SHA-256 of the canonical name and mail. */
export type ActorId = Id<'actor'>;
/** `heads/main`, `tags/v1`, `accepted/x`. */
export type RefName = Id<'ref'>;

const fullId = /^[0-9a-f]{64}$/;
const idPrefix = /^[0-9a-f]{4,64}$/;

export function isFullId(text: string): boolean {
  return fullId.test(text);
}

/** True for 4 to 64 lower-case hexadecimal digits. */
export function isIdPrefix(text: string): boolean {
  return idPrefix.test(text);
}

function parseId<T extends string>(what: string, text: string): T {
  if (!fullId.test(text)) {
    throw new CodedError('BAD_ID', `not ${what}: ${JSON.stringify(text.slice(0, 80))}`, {
      hint: 'An id is 64 hexadecimal digits in lower case.',
      data: { value: text.slice(0, 80) },
    });
  }
  return text as T;
}

export const parseObjectId = (text: string): ObjectId => parseId('an object id', text);
export const parseArtifactId = (text: string): ArtifactId => parseId('an artifact id', text);
export const parseRunId = (text: string): RunId => parseId('a run instance id', text);
export const parseRunKey = (text: string): RunKey => parseId('a run key', text);
export const parseActorId = (text: string): ActorId => parseId('an actor id', text);

/** How ids are shown to people: 12 digits. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
