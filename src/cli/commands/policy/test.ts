import { CodedError } from '../../../core/errors.ts';
import { type Level, levels } from '../../../core/records/report.ts';
import { namedPolicy, type TestRequest, testPolicy } from '../../../store/governance/policies.ts';
import { oneOf } from '../../arguments.ts';
import { type ClaimOptions, claimRequest, declareClaim } from '../../claim-options.ts';
import { defineCommand } from '../../command.ts';
import { policyFields, policyText, policyTitle } from '../../policy-view.ts';
import { checkLines } from '../../report-view.ts';
import { declareWaivers, namedWaivers, type WaiverOptions } from '../../waiver-options.ts';

interface Options extends ClaimOptions, WaiverOptions {
  readonly level: Level;
  readonly candidate?: string;
}

/** A candidate that there is, or a claim that nobody has made. */
function subjectOf(options: Options): TestRequest['subject'] {
  const { candidate, signal, horizon } = options;
  if (candidate !== undefined) return { candidate };
  if (signal !== undefined && horizon !== undefined) return { claim: claimRequest(options) };
  throw new CodedError('BAD_ARGUMENT', 'policy test: on what? Give --candidate, or --signal and --horizon of a claim', {
    hint: 'For example: cairn policy test desk.yaml --signal momentum --horizon 5 --evidence validation_bundle=bundle.json',
    data: { argument: '--candidate' },
  });
}

export const command = defineCommand<[file: string], Options>({
  description:
    'Shows what a policy would say of a candidate, or of a claim that nobody has made: every check with its outcome and the values that it read. Nothing is written.',
  examples: [
    ['cairn policy test desk.yaml --candidate 3f2a', 'a policy that is not active yet'],
    [
      'cairn policy test research-default --signal momentum --horizon 5 --evidence validation_bundle=bundle.json',
      'files of the current run',
    ],
  ],
  statuses: { 1: 'something blocks' },
  paged: true,
  declare: (command) => {
    command
      .argument('<file>', 'a policy in YAML, or the name of one that cairn brings along')
      .option('--level <level>', levels.join(', '), oneOf('--level', levels), 'accepted')
      .option('--candidate <candidate>', 'a candidate instead of a claim');
    declareClaim(command, false);
    declareWaivers(command);
  },
  action: async ({ args: [file], options, cwd, out, openStore }) => {
    const subject = subjectOf(options);
    const store = await openStore();
    const policy = await namedPolicy(store, file, policyText(cwd, file));
    const { level } = options;
    const { decision } = await testPolicy(store, policy, { level, subject, waivers: namedWaivers(options) });
    const { passed, blockers, warnings, checks, metrics } = decision;
    out.result(
      () => ({ ...policyFields(policy), level, passed, blockers, warnings, metrics, checks }),
      () => [
        ...checkLines(checks, out),
        '',
        `${policyTitle(policy, out)}, level ${level}: ${passed ? out.style('green', 'would pass') : out.style('red', `would block (${blockers.length})`)}`,
      ],
    );
    return passed ? undefined : 1;
  },
});
