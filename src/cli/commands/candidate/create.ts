import { shortId } from '../../../core/ids.ts';
import { createCandidate } from '../../../store/governance/candidates.ts';
import { declareAllowSecretLike } from '../../arguments.ts';
import { candidateFields, claimText } from '../../candidate-view.ts';
import { type ClaimOptions, claimRequest, declareClaim } from '../../claim-options.ts';
import { defineCommand } from '../../command.ts';
import { inLine } from '../../text.ts';

export const command = defineCommand<[], ClaimOptions & { readonly notes?: string }>({
  description:
    'Makes a claim that can be evaluated: a run, its signal and horizon, and files that are evidence for it, each in a role. Evidence is pinned by its artifact id and held against the schema of its role. Saying the same again is harmless.',
  examples: [
    ['cairn candidate create --run HEAD --signal momentum --horizon 5', 'evidence found by type and name'],
    [
      'cairn candidate create --run v1 --signal momentum --horizon 5 --evidence validation_bundle=reports/bundle.json',
      'evidence named',
    ],
  ],
  declare: (command) => {
    declareClaim(command, true);
    command.option('--notes <text>', 'what else there is to say');
    declareAllowSecretLike(command);
  },
  action: async ({ options, out, openStore }) => {
    const { candidate, created, guessed, evidence, warnings } = await createCandidate(
      await openStore(),
      claimRequest(options),
    );
    for (const warning of warnings) out.note(`warning: ${inLine(warning)}`);
    out.report(
      () => ({ ...candidateFields(candidate), created, guessed, warnings }),
      () => [
        created
          ? `candidate ${out.style('yellow', shortId(candidate.id))}: ${claimText(candidate)}`
          : `candidate ${out.style('yellow', shortId(candidate.id))} is there already, ${candidate.status}`,
        ...(evidence.length === 0
          ? ['  no evidence: name some with --evidence <role>=<file>']
          : [guessed ? '  evidence, by type and name:' : '  evidence:']),
        ...evidence.map(
          ({ file }) => `    ${inLine(file.role)}  ${inLine(file.artifact.logicalKey)} (${shortId(file.artifact.id)})`,
        ),
      ],
    );
    return undefined;
  },
});
