/**
 * in-toto Statement v1: says something (a predicate) about things named by their digests (the subject).
 *
 *   {"_type": "https://in-toto.io/Statement/v1", "predicate": {…}, "predicateType": <URI>,
 *    "subject": [{"digest": {"sha256": <hex>}, "name": …}]}
 *
 * Ours are canonical JSON. Those of others need not be: members that are not known are ignored, as the specification wants,
 * but a statement without a subject, a subject without a digest, a digest that is not lower-case hexadecimal and a name that
 * occurs twice are refused, because then it is not clear what is spoken of.
 */
import { utf8Decode } from './bytes.ts';
import { canonicalBytes } from './canonical-json.ts';
import { CodedError, isCodedError } from './errors.ts';
import type { JsonValue } from './json-value.ts';
import { parseJson } from './parse-json.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
/** `payloadType` of the envelope around a statement. */
export const statementPayloadType = 'application/vnd.in-toto+json';

export interface StatementSubject {
  readonly name?: string;
  /** By algorithm; lower-case hexadecimal. At least one. */
  readonly digest: { readonly [algorithm: string]: string };
}

export interface Statement {
  /** At least one. */
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: { readonly [name: string]: JsonValue };
}

function malformed(why: string, cause?: unknown): CodedError {
  return new CodedError('SIGNATURE_INVALID', `not an in-toto statement: ${why}`, {
    data: { reason: 'malformed' },
    cause,
  });
}

type JsonObject = { readonly [name: string]: JsonValue };

function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  return value;
}

function digestOf(value: JsonValue | undefined, what: string): { readonly [algorithm: string]: string } {
  const digests = Object.entries(objectOf(value, `the digest of ${what}`));
  if (digests.length === 0) throw malformed(`${what} has no digest`);
  for (const [algorithm, hex] of digests) {
    if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2}){1,512}$/.test(hex)) {
      throw malformed(`the ${algorithm.slice(0, 40)} of ${what} is not lower-case hexadecimal`);
    }
    if (algorithm === 'sha256' && hex.length !== 64) throw malformed(`the sha256 of ${what} has not 64 digits`);
  }
  return Object.fromEntries(digests) as { [algorithm: string]: string };
}

function subjectOf(value: JsonValue, index: number): StatementSubject {
  const { name, digest } = objectOf(value, `subject ${index}`);
  if (name === undefined) return { digest: digestOf(digest, `subject ${index}`) };
  if (typeof name !== 'string') throw malformed(`the name of subject ${index} is no text`);
  return { name, digest: digestOf(digest, `subject ${index}`) };
}

/** Refuses what a reader of the specification could refuse; shared by writing and reading. */
function checkSubjects(subject: readonly StatementSubject[]): void {
  if (subject.length === 0) throw malformed('it has no subject');
  const names = new Set<string>();
  for (const { name } of subject) {
    if (name === undefined || name === '') continue;
    if (names.has(name)) throw malformed(`two subjects have the name ${JSON.stringify(name.slice(0, 80))}`);
    names.add(name);
  }
}

/** The canonical bytes of a statement: the payload to sign. */
export function statementBytes(statement: Statement): Uint8Array {
  checkSubjects(statement.subject);
  const { subject, predicateType, predicate } = statement;
  return canonicalBytes({ _type: statementType, subject, predicateType, predicate });
}

/** Reads a statement, which may be hostile. Throws SIGNATURE_INVALID. */
export function parseStatement(bytes: Uint8Array): Statement {
  let value: JsonValue;
  try {
    value = parseJson(utf8Decode(bytes), 'statement');
  } catch (cause) {
    throw malformed(isCodedError(cause) ? cause.message : 'it is not UTF-8', cause);
  }
  const statement = objectOf(value, 'it');
  if (statement['_type'] !== statementType) throw malformed(`its _type is not ${statementType}`);
  const { predicateType, subject } = statement;
  if (typeof predicateType !== 'string' || predicateType === '') throw malformed('it has no predicateType');
  if (!Array.isArray(subject)) throw malformed('it has no subject');
  const subjects = subject.map(subjectOf);
  checkSubjects(subjects);
  return { subject: subjects, predicateType, predicate: objectOf(statement['predicate'] ?? {}, 'its predicate') };
}
