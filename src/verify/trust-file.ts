/**
 * Trust files: the `allowed_signers` form of OpenSSH (ssh-keygen(1), ALLOWED SIGNERS). The verifier brings one; nothing that
 * travels with what is verified adds to it.
 *
 *   line        principals SP [options SP] algorithm SP base64 [SP comment]
 *   principals  a pattern list, in double quotes when it holds a space
 *   options     separated by commas, names in any case, values in double quotes (`\"` for a quote):
 *               namespaces="<pattern list>"  what the key may sign; without it, everything
 *               valid-after="<time>", valid-before="<time>"  both moments belong to the time in which the key is valid
 *   time        YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with or without a Z behind it
 *
 * Empty lines and lines that begin with `#` say nothing. Three things differ from ssh-keygen, all of them so that one file
 * means the same to every reader: a line that cannot be read spoils the whole file, a time without Z is UTC rather than the
 * reader's own zone, and `cert-authority` is refused. Keys of other algorithms than Ed25519 are named and passed over.
 */
import { CodedError } from '../core/errors.ts';
import { parsePublicKeyLine, type SshPublicKey } from '../core/ssh/public-key.ts';

export interface TrustLine {
  /** From 1. */
  readonly line: number;
  /** Pattern list. */
  readonly principals: string;
  readonly key: SshPublicKey;
  /** Pattern list; undefined permits every namespace. */
  readonly namespaces: string | undefined;
  /** Milliseconds since 1970. */
  readonly validAfter: number | undefined;
  readonly validBefore: number | undefined;
  readonly comment: string;
}

export interface TrustFile {
  readonly lines: readonly TrustLine[];
  /** Lines with a key of another algorithm. */
  readonly passedOver: readonly { readonly line: number; readonly algorithm: string }[];
}

/** Default limit of a trust file in characters. */
const maxTrustFile = 4 * 1024 * 1024;

export type LineFault = (why: string) => CodedError;

/** Faults of a line in a file of this kind. */
export function lineFault(what: string, line: number): LineFault {
  return (why) =>
    new CodedError('BAD_TRUST_FILE', `${what}, line ${line}: ${why}`, {
      hint: 'A line is: principals [options] ssh-ed25519 AAAA… [comment]. docs/predicates shows complete files.',
      data: { line },
    });
}

/** The lines of a text that say something, with their numbers from 1. */
export function* saidLines(text: string, what: string): Generator<{ line: number; text: string }> {
  if (text.length > maxTrustFile) throw lineFault(what, 1)(`the file has more than ${maxTrustFile} characters`);
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const trimmed = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
    if (trimmed !== '' && !trimmed.startsWith('#')) yield { line, text: trimmed };
  }
}

const keyAlgorithm = /^(?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]+(?=[ \t])/;

/** Cuts the options off the front of a line; they end at the first space outside quotes. */
export function splitOptions(text: string, fault: LineFault): { options: string; rest: string } {
  if (keyAlgorithm.test(text)) return { options: '', rest: text };
  let quoted = false;
  let at = 0;
  for (; at < text.length && (quoted || !/[ \t]/.test(text[at] as string)); at++) {
    if (text.startsWith('\\"', at)) at++;
    else if (text[at] === '"') quoted = !quoted;
  }
  if (quoted) throw fault('a quote is not closed');
  return { options: text.slice(0, at), rest: text.slice(at).trimStart() };
}

const option = /([A-Za-z-]{1,40})(?:="((?:[^"\\]|\\.)*)")?(,(?=.)|$)/y;

/** Options by their name in lower case; a flag has the value undefined. Each name at most once. */
export function parseOptions(options: string, fault: LineFault): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (let at = 0; at < options.length; ) {
    option.lastIndex = at;
    const match = option.exec(options);
    if (match === null) throw fault(`the options cannot be read from ${JSON.stringify(options.slice(at, at + 40))} on`);
    const name = (match[1] as string).toLowerCase();
    if (found.has(name)) throw fault(`the option ${name} occurs twice`);
    found.set(name, match[2]?.replaceAll('\\"', '"'));
    at = option.lastIndex;
  }
  return found;
}

const timePattern = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(?:Z|UTC)?$/i;

function parseTime(text: string, name: string, fault: LineFault): number {
  const parts = timePattern.exec(text);
  if (parts !== null) {
    const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    date.setUTCHours(hour, minute, second);
    const isReal =
      date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
    if (isReal) return date.getTime();
  }
  throw fault(`${name} is no time: ${JSON.stringify(text.slice(0, 40))}; write YYYYMMDDHHMMSSZ`);
}

const knownOptions = ['namespaces', 'valid-after', 'valid-before'];

function parseLimits(options: string, fault: LineFault): Pick<TrustLine, 'namespaces' | 'validAfter' | 'validBefore'> {
  const found = parseOptions(options, fault);
  for (const [name, value] of found) {
    if (name === 'cert-authority') throw fault('cert-authority is not supported: name each key itself');
    if (!knownOptions.includes(name)) throw fault(`the option ${name} is not known`);
    if (value === undefined) throw fault(`the option ${name} needs a value in double quotes`);
  }
  const timeOf = (name: string): number | undefined => {
    const text = found.get(name);
    return text === undefined ? undefined : parseTime(text, name, fault);
  };
  const [validAfter, validBefore] = [timeOf('valid-after'), timeOf('valid-before')];
  if (validAfter !== undefined && validBefore !== undefined && validBefore <= validAfter) {
    throw fault('valid-before is not later than valid-after');
  }
  return { namespaces: found.get('namespaces'), validAfter, validBefore };
}

/** The key of `algorithm base64 comment`; the name of the algorithm when it is another than Ed25519. */
export function parseKey(text: string, fault: LineFault): { key: SshPublicKey; comment: string } | string {
  const algorithm = keyAlgorithm.exec(text)?.[0];
  if (algorithm === undefined) throw fault('no key: ssh-ed25519 AAAA…');
  if (!/^(?:ssh-ed25519|sk-ssh-ed25519@openssh\.com)$/.test(algorithm)) return algorithm;
  try {
    return parsePublicKeyLine(text);
  } catch (cause) {
    throw fault(cause instanceof Error ? cause.message : String(cause));
  }
}

function splitPrincipals(text: string, fault: LineFault): { principals: string; rest: string } {
  const match = /^(?:"([^"]*)"|([^ \t"][^ \t]*))[ \t]+(.*)$/s.exec(text);
  const principals = match?.[1] ?? match?.[2] ?? '';
  if (principals === '') throw fault('no principals, or nothing behind them');
  return { principals, rest: match?.[3] ?? '' };
}

/** Reads a trust file. Throws BAD_TRUST_FILE, naming the line. */
export function parseTrustFile(text: string): TrustFile {
  const lines: TrustLine[] = [];
  const passedOver: { line: number; algorithm: string }[] = [];
  for (const said of saidLines(text, 'trust file')) {
    const fault = lineFault('trust file', said.line);
    const { principals, rest } = splitPrincipals(said.text, fault);
    const { options, rest: keyText } = splitOptions(rest, fault);
    const limits = parseLimits(options, fault);
    const key = parseKey(keyText, fault);
    if (typeof key === 'string') passedOver.push({ line: said.line, algorithm: key });
    else lines.push({ line: said.line, principals, ...key, ...limits });
  }
  return { lines, passedOver };
}
