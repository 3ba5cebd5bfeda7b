/**
 * The one error type of cairn, and the registry of its codes.
 *
 * Every failure that a person or a script can meet is a `CodedError`: a code from the closed list below, a message that
 * names the thing at fault, a hint with the next step, data for programs, and the cause. The kind of a code decides the
 * exit status. docs/errors.md lists the same codes; a test keeps the two equal.
 */

/** Exit status by kind (design: 0 done, 1 the answer is no, 2 usage, …). */
export const exitStatusByKind = {
  no: 1,
  usage: 2,
  'not-found': 3,
  conflict: 4,
  corrupt: 5,
  forbidden: 6,
  environment: 70,
  internal: 70,
} as const;

export type ErrorKind = keyof typeof exitStatusByKind;

/** Every code, with its kind and one sentence of explanation. Codes are never reused for another meaning. */
export const errorCodes = {
  // answers that are "no"
  DIFFERS: ['no', 'The two things compared are different and --exit-code was given.'],
  CHECK_FAILED: ['no', 'A verification ran to its end and found problems.'],
  PROMOTION_BLOCKED: ['no', 'The candidate does not have what its next status needs.'],
  NOTHING_TO_COMMIT: ['no', 'Nothing is staged and nothing was named, so there is no run to record.'],
  SIGNATURE_INVALID: ['no', 'A signature, or what carries it, cannot be read, does not verify, or is not trusted.'],
  PROOF_INVALID: ['no', 'A proof of the log does not lead to the root that it should.'],
  // usage
  BAD_ARGUMENT: ['usage', 'An argument or option has a value that cannot be used.'],
  BAD_ID: ['usage', 'An id is not 64 lower-case hexadecimal digits, or a prefix of at least 4.'],
  BAD_REF_NAME: ['usage', 'A branch or tag name breaks the naming rules, or looks like an id.'],
  BAD_PATH: ['usage', 'A path is outside the workspace, not valid UTF-8, or not allowed as a name.'],
  BAD_JSON: ['usage', 'A JSON document from outside cannot be parsed, or breaks its schema.'],
  BAD_TIME: ['usage', 'A time is not RFC 3339 with a zone, or a duration is not a number and a unit.'],
  UNSUPPORTED_FILE: [
    'usage',
    'The file is of a kind that is not stored: a socket, device, pipe, or a symbolic link without --symlinks.',
  ],
  BAD_QUERY: ['usage', 'An SQL text cannot be read, names what is not there, or does more than read.'],
  TABLE_INVALID: ['usage', 'A file cannot be read as the table that it should be.'],
  EVIDENCE_INVALID: ['usage', 'A file of evidence cannot be read, or is not what the schema of its role says.'],
  POLICY_INVALID: ['usage', 'A check of a policy has an expression or message that cannot be used.'],
  SECRET_LIKE: ['usage', 'A text that would be recorded for ever looks like a secret.'],
  NEEDS_CONFIRMATION: ['usage', 'The command ends something and needs --yes when nobody can be asked.'],
  BAD_KEY: ['usage', 'A key cannot be read, is of another kind than Ed25519, or cannot do what is asked of it.'],
  BAD_TRUST_FILE: ['usage', 'A trust file or revocation file has a line that cannot be read.'],
  // not found
  NO_STORE: ['not-found', 'No cairn store was found here or in any parent directory.'],
  NO_WORKSPACE: ['not-found', 'The command works on files of a workspace, and there is none here.'],
  REV_NOT_FOUND: ['not-found', 'No run, artifact, object or ref answers to this revision.'],
  REV_AMBIGUOUS: ['not-found', 'A prefix of an id fits more than one thing.'],
  REF_NOT_FOUND: ['not-found', 'No branch, tag or other ref has this name.'],
  PATH_NOT_FOUND: ['not-found', 'The path does not exist in the workspace or in the run.'],
  OBJECT_NOT_FOUND: ['not-found', 'The store does not hold the bytes of this object.'],
  OBJECT_WITHDRAWN: [
    'not-found',
    'The bytes were withdrawn by a tombstone, or let go with a retired run; the record remains.',
  ],
  SCHEMA_NOT_FOUND: ['not-found', 'No record or document format has this name.'],
  CONFIG_KEY_NOT_FOUND: ['not-found', 'The configuration has no such key.'],
  KEY_NOT_FOUND: ['not-found', 'No signing key has this name or fingerprint here.'],
  // conflict
  STORE_EXISTS: ['conflict', 'The directory already belongs to another store.'],
  REF_EXISTS: ['conflict', 'A ref of this name exists already.'],
  KEY_EXISTS: ['conflict', 'A signing key of this name exists already.'],
  REF_MOVED: ['conflict', 'The ref was moved by another process meanwhile.'],
  PUBLICATION_MOVED: ['conflict', 'Another process published the same thing meanwhile.'],
  PATH_CONFLICT: ['conflict', 'Both this commit and the new tip of the branch changed the path.'],
  WOULD_OVERWRITE: ['conflict', 'A file in the way has changes that are not stored.'],
  NAME_COLLISION: ['conflict', 'Two names of the run fall together on this file system.'],
  STATUS_CONFLICT: ['conflict', 'The artifact is not in a status from which this change is allowed.'],
  BRANCH_IN_USE: ['conflict', 'The branch is the current one of this workspace.'],
  BUSY: ['conflict', 'Another process holds the store, and waiting was given up.'],
  HELD: ['conflict', 'A hold or an accepted result keeps what the command would let go.'],
  GC_INCOMPLETE: ['conflict', 'Something that decides what is garbage could not be read, so nothing was removed.'],
  // corruption
  OBJECT_CORRUPT: ['corrupt', 'The bytes of an object do not match its name.'],
  PACK_CORRUPT: ['corrupt', 'A pack is truncated or its structure does not match its own digest.'],
  RECORD_INVALID: ['corrupt', 'A record is not canonical JSON of a known schema.'],
  LOG_CORRUPT: ['corrupt', 'The event log does not match its hash chain or the manifest.'],
  MANIFEST_CORRUPT: ['corrupt', 'The manifest is not a database, or not one of ours.'],
  WORKSPACE_CORRUPT: ['corrupt', 'The workspace state cannot be read.'],
  CONFIG_CORRUPT: ['corrupt', 'A configuration file cannot be read.'],
  // permission
  NOT_PERMITTED: ['forbidden', 'A role, a key or the operating system does not permit it.'],
  READ_ONLY: ['forbidden', 'The store can only be read from here.'],
  BAD_PASSPHRASE: ['forbidden', 'The passphrase of a key is missing or wrong.'],
  NETWORK_FS: ['forbidden', 'The directory is on a network file system, where locks cannot be relied on.'],
  NEWER_STORE: ['forbidden', 'The store was written by a newer version of cairn.'],
  MANIFEST_REFUSED: ['forbidden', 'A rule of the manifest refused the change.'],
  // environment and internal
  DISK_FULL: ['environment', 'The disk or the quota is full.'],
  IO: ['environment', 'The operating system reported an input or output error.'],
  AGENT: ['environment', 'The SSH agent, or the program that speaks to a hardware key, cannot do it.'],
  RUNTIME_TOO_OLD: ['environment', 'This version of Node.js is older than cairn needs.'],
  INTERNAL: ['internal', 'A bug in cairn.'],
} as const satisfies Record<string, readonly [ErrorKind, string]>;

export type ErrorCode = keyof typeof errorCodes;

/** JSON values that an error may carry for programs. */
export type ErrorData = { readonly [key: string]: unknown };

export interface ErrorDetails {
  /** What a person can do next, one sentence or command. */
  hint?: string | undefined;
  data?: ErrorData | undefined;
  cause?: unknown;
}

export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.data = details.data ?? {};
  }

  get kind(): ErrorKind {
    return errorCodes[this.code][0];
  }

  get exitStatus(): number {
    return exitStatusByKind[this.kind];
  }
}

export function isCodedError(error: unknown, code?: ErrorCode): error is CodedError {
  return error instanceof CodedError && (code === undefined || error.code === code);
}

/** For states that only a bug can reach; hostile input never may. */
export function assertInvariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new CodedError('INTERNAL', `invariant broken: ${what}`);
}
