/** Questions before something ends. */
import { CodedError } from '../core/errors.ts';
import type { Io } from './io.ts';

/** The person said no: nothing was changed, and the command ends with status 1. */
export class Declined extends Error {}

export interface Confirmation {
  /** --yes was given. */
  readonly yes: boolean;
  /**
   * What to do when nobody can be asked: `refuse` for what cannot be taken back, `proceed` for what can (a tombstone is
   * lifted by `restore`, a branch is in the reflog).
   */
  readonly unattended: 'refuse' | 'proceed';
}

export async function confirm(io: Io, question: string, { yes, unattended }: Confirmation): Promise<void> {
  if (yes) return;
  if (!io.canAsk) {
    if (unattended === 'proceed') return;
    throw new CodedError('NEEDS_CONFIRMATION', question.replace(/\?$/, ': nobody can be asked here'), {
      hint: 'Give --yes to answer in advance.',
    });
  }
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Declined();
  } finally {
    lines.close();
  }
}
