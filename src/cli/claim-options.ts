/** What `candidate create` and `policy test` take to say which claim they mean. */
import type { ClaimRequest } from '../store/governance/candidates.ts';
import { type NamedEvidence, parseNamedEvidence } from '../store/governance/evidence-files.ts';
import { asText, collecting, naming, wholeNumber } from './arguments.ts';
import type { Commander } from './command.ts';

export interface ClaimOptions {
  readonly run?: string;
  readonly signal?: string;
  readonly horizon?: number;
  readonly estimator?: string;
  readonly family?: string;
  readonly dataset?: string;
  readonly evidence?: NamedEvidence[];
}

/** `mandatory` asks for run, signal and horizon. */
export function declareClaim(command: Commander, mandatory: boolean): void {
  const needed = (flags: string, meaning: string, parse: (text: string) => unknown = asText): void => {
    if (mandatory) command.requiredOption(flags, meaning, parse);
    else command.option(flags, meaning, parse);
  };
  needed('--run <rev>', 'the run that the claim is about');
  needed('--signal <name>', 'the signal', naming('--signal', asText));
  needed('--horizon <n>', 'the primary horizon, in bars', wholeNumber('--horizon', 1));
  command
    .option('--estimator <name>', 'how it was estimated')
    .option('--family <id>', 'the family of hypotheses that it belongs to')
    .option('--dataset <id>', 'the dataset (default: that of the run)')
    .option(
      '--evidence <role=file>',
      'a file of the run or any artifact, in a role; may be repeated (default: by type and name)',
      collecting('--evidence', parseNamedEvidence),
    );
}

export function claimRequest(options: ClaimOptions & { readonly notes?: string }): ClaimRequest {
  const { run, signal, horizon, estimator, family, dataset, evidence, notes } = options;
  return {
    run: run ?? 'HEAD',
    signal: signal ?? '',
    horizon: horizon ?? 0,
    estimator,
    family,
    dataset,
    evidence,
    notes,
  };
}
