/** What the environment variables say, as values. docs/architecture.md lists them. */
import { CodedError } from '../core/errors.ts';
import { parseTimestamp, timestampMs } from '../core/time.ts';
import type { Author } from '../store/context.ts';

export type Env = { readonly [name: string]: string | undefined };

/** The variables of this process: read here and nowhere else. */
export function processEnvironment(): Env {
  return process.env;
}

export interface Environment {
  /** `CAIRN_DIR`: the `.cairn` directory to use instead of searching upwards. */
  readonly directory: string | undefined;
  /** `ARTIFACT_MANIFEST_DB`: the manifest file of a store. */
  readonly manifestFile: string | undefined;
  /** `ARTIFACTS_ROOT`: the object directory of a store. */
  readonly objectDirectory: string | undefined;
  /** `CAIRN_STAGE`: name of the staging area. */
  readonly stage: string;
  /** `CAIRN_AUTHOR`: `Name <mail>`. */
  readonly author: Author | undefined;
  /** `CAIRN_KEY_PASSPHRASE`: opens the key that signs. Never among `variables`. */
  readonly keyPassphrase: string | undefined;
  /** `SSH_AUTH_SOCK`. */
  readonly agentSocket: string | undefined;
  /** `CAIRN_DETERMINISTIC_TIME`: milliseconds since the epoch. */
  readonly fixedTimeMs: number | undefined;
  /** All of it but the passphrase, for programs that are started. */
  readonly variables: Env;
}

/** Parses `Name <mail>` or a bare name. `what` names the place it came from. */
export function parseAuthor(text: string, what: string): Author {
  const match = /^\s*([^<>\n]*?)\s*(?:<([^<>\s]*)>)?\s*$/.exec(text);
  if (match === null || match[1] === '' || match[1] === undefined) {
    throw new CodedError('BAD_ARGUMENT', `${what} is not of the form "Name <mail>": ${JSON.stringify(text)}`, {
      hint: 'For example: "Ada Lovelace <ada@example.org>".',
    });
  }
  return { name: match[1], mail: match[2] ?? '' };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function withoutPassphrase(env: Env): Env {
  if (env['CAIRN_KEY_PASSPHRASE'] === undefined) return env;
  const { CAIRN_KEY_PASSPHRASE: _, ...others } = env;
  return others;
}

export function readEnvironment(env: Env): Environment {
  const stage = nonEmpty(env['CAIRN_STAGE']) ?? 'default';
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(stage)) {
    throw new CodedError(
      'BAD_ARGUMENT',
      `CAIRN_STAGE is not a name of letters, digits, ".", "_" and "-": ${JSON.stringify(stage)}`,
    );
  }
  const author = nonEmpty(env['CAIRN_AUTHOR']);
  const time = nonEmpty(env['CAIRN_DETERMINISTIC_TIME']);
  return {
    directory: nonEmpty(env['CAIRN_DIR']),
    manifestFile: nonEmpty(env['ARTIFACT_MANIFEST_DB']),
    objectDirectory: nonEmpty(env['ARTIFACTS_ROOT']),
    stage,
    author: author === undefined ? undefined : parseAuthor(author, 'CAIRN_AUTHOR'),
    fixedTimeMs: time === undefined ? undefined : timestampMs(parseTimestamp(time)),
    keyPassphrase: nonEmpty(env['CAIRN_KEY_PASSPHRASE']),
    agentSocket: nonEmpty(env['SSH_AUTH_SOCK']),
    variables: withoutPassphrase(env),
  };
}
