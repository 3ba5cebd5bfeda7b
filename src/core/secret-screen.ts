/**
 * Finds what looks like a secret in text that would be recorded for ever: messages, commands, parameters, remotes.
 *
 * It is a screen, not a proof: known token formats by their shape, and assignments to a name such as `password` whose
 * value is neither words, a number, a path, a placeholder, a UUID nor a hash. Work is linear in the text: every
 * repetition has a bound or starts only where the run of its characters starts.
 */

export interface SecretFinding {
  /** What it looks like: `aws-access-key`, `github-token`, … */
  readonly kind: string;
  /** Where the secret starts, in UTF-16 units. */
  readonly at: number;
  /** What a person needs to find it, without the secret: at most its first four characters. */
  readonly preview: string;
}

interface Shape {
  readonly kind: string;
  /** Global; the group `secret`, where there is one, is the secret itself. */
  readonly pattern: RegExp;
  readonly accepts?: (secret: string) => boolean;
}

const before = '(?<![A-Za-z0-9_-])';
const after = '(?![A-Za-z0-9_-])';
const token = (kind: string, body: string, accepts?: (secret: string) => boolean): Shape => {
  const pattern = new RegExp(before + body + after, 'g');
  return accepts === undefined ? { kind, pattern } : { kind, pattern, accepts };
};

const passwordNames = 'password|passwd|passphrase|pwd';
const tokenNames = 'secret(?:[_-]?key)?|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|credentials?';
const assigned = String.raw`["']?[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}["']?(?<secret>[^\s"'\x60,;]{8,512})`;
const option = String.raw`(?<![^\s"'])--[a-z-]{0,40}`;
const optionValue = String.raw`[ \t]["']?(?<secret>[^\s"'\x60-][^\s"'\x60]{7,511})`;

const shapes: readonly Shape[] = [
  token('aws-access-key', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}'),
  token('github-token', 'gh[opsur]_[A-Za-z0-9]{36,255}'),
  token('github-token', 'github_pat_[A-Za-z0-9_]{50,255}'),
  token('gitlab-token', 'gl(?:pat|ptt|dt|rt|cbt|soat|agent|feed|ffct|imt|oas)-[A-Za-z0-9_-]{20,255}'),
  token('slack-token', '(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,255}', (text) => /[0-9]/.test(text)),
  token('npm-token', 'npm_[A-Za-z0-9]{36}'),
  token('pypi-token', 'pypi-[A-Za-z0-9_-]{60,512}'),
  token('google-api-key', 'AIza[A-Za-z0-9_-]{35}'),
  token('stripe-key', '[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}'),
  token('hugging-face-token', 'hf_[A-Za-z0-9]{30,255}'),
  token('openai-like-key', 'sk-[A-Za-z0-9_-]{20,255}', (text) => isRandom(text.slice(3), 20)),
  token('jwt', String.raw`eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}`),
  { kind: 'private-key', pattern: /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?<secret>)/g },
  { kind: 'private-key', pattern: /AGE-SECRET-KEY-1[A-Z0-9]{50,64}/g },
  {
    kind: 'url-password',
    pattern: /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/[^\s/?#@:"']{0,256}:(?<secret>[^\s/?#@"']{1,256})@/g,
    accepts: (secret) => !isPlaceholder(secret),
  },
  {
    kind: 'url-token',
    pattern: /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/(?<secret>[^\s/?#@:"']{20,256})@/g,
    accepts: (secret) => isRandom(secret, 20),
  },
  {
    kind: 'authorization',
    pattern: /\b(?:bearer|basic)[ \t]{1,4}(?<secret>[A-Za-z0-9+/=._~-]{16,4096})/gi,
    accepts: (secret) => isRandom(secret, 16),
  },
  ...[assigned, optionValue].flatMap((value): Shape[] => {
    const start = value === assigned ? '' : option;
    return [
      {
        kind: 'password',
        pattern: new RegExp(`${start}(?:${passwordNames})${value}`, 'gi'),
        accepts: (text) => isRandom(text, 8),
      },
      {
        kind: 'secret',
        pattern: new RegExp(`${start}(?:${tokenNames})${value}`, 'gi'),
        accepts: (text) => isRandom(text, 16),
      },
    ];
  }),
];

/** A stand-in for a secret: a variable, a template, a mask, a word in angle brackets. */
function isPlaceholder(text: string): boolean {
  return (
    /^[$%<{[*]/.test(text) ||
    /^(?:[x*.#]+|(?:your|my|the|some)[_-].*|changeme|password|secret|token|example)$/i.test(text)
  );
}

/** Hashes (whole, or shortened to at most 16 digits), UUIDs, numbers, dates and paths. */
function isOrdinary(text: string): boolean {
  if (/^(?:sha(?:1|256|512)[:-])?[0-9a-f]+$/i.test(text)) {
    const digits = text.replace(/^sha\d+[:-]/i, '').length;
    return digits <= 16 || [32, 40, 56, 64, 96, 128].includes(digits);
  }
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) return true;
  if (/^[0-9.,:_+TZeE-]+$/.test(text)) return true;
  return /^(?:\.{0,2}\/|~\/|[A-Za-z]:[\\/])/.test(text) || (/[\\/]/.test(text) && /\.[A-Za-z0-9]{1,8}$/.test(text));
}

/** Names and words: parts that are letters with a few digits behind them, or digits with two letters behind them. */
function isWords(text: string): boolean {
  return text.split(/[-_./:@+=]/).every((part) => /^(?:[A-Za-z]*[0-9]{0,4}|[0-9]+[A-Za-z]{0,2})$/.test(part));
}

/** Bits of information in a text by the frequency of its characters. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length);
  return bits;
}

/** At least `length` characters that look drawn at random rather than written for a reader. */
function isRandom(text: string, length: number): boolean {
  if (text.length < length || isPlaceholder(text) || isOrdinary(text) || isWords(text)) return false;
  if (/^[A-Za-z_][\w.]*[([]/.test(text)) return false; // a call or a lookup: os.environ["TOKEN"]
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  return kinds >= 2 && entropyBits(text) >= 3 * length;
}

/** The first thing in a text that looks like a secret. */
export function findSecretLike(text: string): SecretFinding | undefined {
  let found: SecretFinding | undefined;
  for (const { kind, pattern, accepts } of shapes) {
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match[0];
      if (accepts !== undefined && !accepts(secret)) continue;
      const at = match.index + match[0].lastIndexOf(secret);
      if (found === undefined || at < found.at) found = { kind, at, preview: preview(match[0], secret) };
      break;
    }
  }
  return found;
}

function preview(whole: string, secret: string): string {
  const lead = whole.slice(0, whole.lastIndexOf(secret)).slice(-40);
  return lead === '' ? `${secret.slice(0, 4)}****` : `${lead}****`;
}

/** A URL without `user:password@`; any other text (paths, `git@host:path`) as it is. */
export function stripUserinfo(url: string): string {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)([^/?#]*)/.exec(url);
  if (match === null) return url;
  const [start, scheme, authority] = match as unknown as [string, string, string];
  return scheme + authority.slice(authority.lastIndexOf('@') + 1) + url.slice(start.length);
}
