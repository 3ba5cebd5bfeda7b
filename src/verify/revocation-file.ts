/**
 * Revocation files: keys that are no longer believed, brought by the verifier.
 *
 *   line  [from="<RFC 3339 time>" SP] (SHA256:<fingerprint> | algorithm SP base64) [SP comment]
 *
 * Without `from`, nothing that the key ever signed counts: such a file is also what `ssh-keygen -Y verify -r` reads, when it
 * names keys. With `from`, what was provably signed before keeps counting (verify/trust.ts says what proves it).
 */
import { parseTimestamp, timestampMs } from '../core/time.ts';
import { lineFault, parseKey, parseOptions, saidLines, splitOptions } from './trust-file.ts';

export interface Revocation {
  /** From 1. */
  readonly line: number;
  readonly fingerprint: string;
  /** Milliseconds since 1970; undefined for ever. */
  readonly from: number | undefined;
}

/** Revocations by fingerprint. A key that is named twice is revoked from the earlier moment. */
export type Revocations = ReadonlyMap<string, Revocation>;

const fingerprintLine = /^(SHA256:[A-Za-z0-9+/]{43})(?:[ \t]|$)/;

function earlier(left: Revocation | undefined, right: Revocation): Revocation {
  if (left === undefined || right.from === undefined) return right;
  return left.from === undefined || left.from <= right.from ? left : right;
}

/** Reads a revocation file. Throws BAD_TRUST_FILE, naming the line. Keys of other algorithms say nothing to us. */
export function parseRevocationFile(text: string): Revocations {
  const found = new Map<string, Revocation>();
  for (const said of saidLines(text, 'revocation file')) {
    const fault = lineFault('revocation file', said.line);
    const hasOptions = !fingerprintLine.test(said.text);
    const { options, rest } = hasOptions ? splitOptions(said.text, fault) : { options: '', rest: said.text };
    const named = parseOptions(options, fault);
    const fromText = named.get('from');
    if (named.size > 0 && (named.size > 1 || fromText === undefined)) throw fault('the only option is from="<time>"');
    const key = fingerprintLine.exec(rest)?.[1] ?? parseKey(rest, fault);
    const fingerprint = typeof key === 'string' ? key : key.key.fingerprint;
    let from: number | undefined;
    try {
      from = fromText === undefined ? undefined : timestampMs(parseTimestamp(fromText));
    } catch (cause) {
      throw fault(cause instanceof Error ? cause.message : String(cause));
    }
    found.set(fingerprint, earlier(found.get(fingerprint), { line: said.line, fingerprint, from }));
  }
  return found;
}
