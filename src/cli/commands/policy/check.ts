import { checkPolicy, namedPolicy } from '../../../store/governance/policies.ts';
import { defineCommand } from '../../command.ts';
import { policyFields, policyText, policyTitle } from '../../policy-view.ts';
import { inLine } from '../../text.ts';

export const command = defineCommand<[file: string]>({
  description:
    'Reads a policy file and says what is wrong with it: what is no policy with its line, and every expression or message that cannot be used. Nothing is written.',
  examples: [['cairn policy check desk.yaml', 'before it is activated']],
  statuses: { 1: 'an expression or message cannot be used', 2: 'it is no policy file' },
  declare: (command) => {
    command.argument('<file>', 'a policy in YAML, or the name of one that cairn brings along');
  },
  action: async ({ args: [file], cwd, out, openStore }) => {
    const policy = await checkPolicy(await namedPolicy(await openStore(), file, policyText(cwd, file)));
    const { faults, record } = policy;
    out.result(
      () => ({ ok: faults.length === 0, ...policyFields(policy), faults }),
      () =>
        faults.length === 0
          ? [
              `${policyTitle(policy, out)} can decide: ${record.checks.length} checks, ${record.programs.length} programs`,
            ]
          : faults.map(({ check, part, why }) => `${inLine(check)}, ${part}: ${inLine(why)}`),
    );
    return faults.length === 0 ? undefined : 1;
  },
});
