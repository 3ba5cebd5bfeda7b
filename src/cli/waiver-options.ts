/** `--waive <subject> --reason <text>`: in pairs, in the order in which they stand. */
import { CodedError } from '../core/errors.ts';
import type { NamedWaiver } from '../store/governance/evaluate.ts';
import { asText, collecting, declareAllowSecretLike } from './arguments.ts';
import type { Commander } from './command.ts';

export interface WaiverOptions {
  readonly waive?: string[];
  readonly reason?: string[];
}

export function declareWaivers(command: Commander): void {
  command
    .option(
      '--waive <subject>',
      'a check or evidence role that the policy lets you waive; may be repeated',
      collecting('--waive', asText),
    )
    .option('--reason <text>', 'why it is waived, one for each --waive', collecting('--reason', asText));
  declareAllowSecretLike(command);
}

export function namedWaivers({ waive = [], reason = [] }: WaiverOptions): NamedWaiver[] {
  if (waive.length === reason.length) return waive.map((subject, index) => ({ subject, reason: reason[index] ?? '' }));
  throw new CodedError('BAD_ARGUMENT', '--waive and --reason: one reason is needed for each', {
    hint: 'For example: --waive execution_evidence --reason "a paper study: nothing is traded".',
    data: { argument: '--reason' },
  });
}
