/**
 * Whether a key may have signed something: a pure function of the verifier's trust file, its revocations, and the question.
 *
 * A key is trusted when a line of the trust file names it, permits the role, fits the principal that is asked for, and was valid
 * at the time of signing; and when it is not revoked. Times come from what was signed, so they are the signer's own word
 * (`self-asserted`), unless a checkpoint that the verifier holds covers the event (`checkpoint`). A key that was revoked from
 * some moment on still counts for what is proven to be earlier, and only for that: its holder could backdate the rest.
 */
import type { SshPublicKey } from '../core/ssh/public-key.ts';
import { formatTimestamp } from '../core/time.ts';
import { matchesPatternList } from './pattern-list.ts';
import type { Revocations } from './revocation-file.ts';
import type { SignatureRole } from './signatures/roles.ts';
import type { TrustFile, TrustLine } from './trust-file.ts';

export interface Trust {
  readonly file: TrustFile;
  readonly revocations: Revocations;
}

export interface SigningTime {
  /** Milliseconds since 1970. */
  readonly ms: number;
  readonly source: 'self-asserted' | 'checkpoint';
}

export interface TrustQuestion {
  readonly key: SshPublicKey;
  readonly role: SignatureRole;
  /** Who has to have signed; undefined when anyone with the role may. */
  readonly principal?: string | undefined;
  readonly time: SigningTime;
}

export type TrustRefusal = 'unknown-key' | 'wrong-principal' | 'wrong-role' | 'not-yet-valid' | 'expired' | 'revoked';

export type TrustAnswer =
  | { readonly trusted: true; readonly line: TrustLine }
  | { readonly trusted: false; readonly reason: TrustRefusal; readonly detail: string };

/** Seconds, as OpenSSH counts. */
const seconds = (ms: number): number => Math.floor(ms / 1000);

interface Refusal {
  readonly reason: TrustRefusal;
  readonly detail: string;
}

/** What a line says against it; undefined when nothing. */
function refusalOf(line: TrustLine, question: TrustQuestion): Refusal | undefined {
  const { role, principal, time } = question;
  if (principal !== undefined && !matchesPatternList(principal, line.principals)) {
    return { reason: 'wrong-principal', detail: `line ${line.line} names ${line.principals}, not ${principal}` };
  }
  if (line.namespaces !== undefined && !matchesPatternList(role, line.namespaces)) {
    return { reason: 'wrong-role', detail: `line ${line.line} permits ${line.namespaces}, not ${role}` };
  }
  if (line.validAfter !== undefined && seconds(time.ms) < seconds(line.validAfter)) {
    return {
      reason: 'not-yet-valid',
      detail: `line ${line.line} is valid from ${formatTimestamp(line.validAfter)} on`,
    };
  }
  if (line.validBefore !== undefined && seconds(time.ms) > seconds(line.validBefore)) {
    return { reason: 'expired', detail: `line ${line.line} is valid until ${formatTimestamp(line.validBefore)}` };
  }
  return undefined;
}

function revocationOf({ revocations }: Trust, { key, time }: TrustQuestion): Refusal | undefined {
  const revocation = revocations.get(key.fingerprint);
  if (revocation === undefined) return undefined;
  const { from, line } = revocation;
  if (from === undefined) return { reason: 'revoked', detail: `the revocation file names it in line ${line}` };
  if (time.source === 'checkpoint' && time.ms < from) return undefined;
  const since = formatTimestamp(from);
  const why = time.ms < from ? `, and no checkpoint that is held here shows that this was signed before` : '';
  return { reason: 'revoked', detail: `it is revoked since ${since} (line ${line})${why}` };
}

/** How near a line came to permitting it: the nearest refusal is the one to tell. */
const nearness: readonly TrustRefusal[] = ['unknown-key', 'wrong-principal', 'wrong-role', 'not-yet-valid', 'expired'];

export function judgeKey(trust: Trust, question: TrustQuestion): TrustAnswer {
  const { fingerprint } = question.key;
  const lines = trust.file.lines.filter((line) => line.key.fingerprint === fingerprint);
  let nearest: Refusal = { reason: 'unknown-key', detail: 'no line of the trust file names this key' };
  const revoked = lines.length > 0 ? revocationOf(trust, question) : undefined;
  if (revoked !== undefined) return { trusted: false, ...revoked };
  for (const line of lines) {
    const refusal = refusalOf(line, question);
    if (refusal === undefined) return { trusted: true, line };
    if (nearness.indexOf(refusal.reason) > nearness.indexOf(nearest.reason)) nearest = refusal;
  }
  return { trusted: false, ...nearest };
}
