import { activatePolicy, namedPolicy } from '../../../store/governance/policies.ts';
import { defineCommand } from '../../command.ts';
import { policyFields, policyText, policyTitle } from '../../policy-view.ts';

export const command = defineCommand<[file: string]>({
  description:
    'Makes a policy the one that decides, by an event. Reports made under another policy do not count for a promotion any more; what is accepted stays accepted. Only an admin may do this.',
  examples: [
    ['cairn policy activate desk.yaml', 'one of your own'],
    ['cairn policy activate research-strict', 'one that cairn brings along'],
  ],
  statuses: { 6: 'you are no admin' },
  declare: (command) => {
    command.argument('<file>', 'a policy in YAML, or the name of one that cairn brings along');
  },
  action: async ({ args: [file], cwd, out, openStore }) => {
    const store = await openStore();
    const policy = await activatePolicy(store, await namedPolicy(store, file, policyText(cwd, file)));
    out.report(
      () => ({ ...policyFields(policy), changed: policy.changed }),
      () => [`${policyTitle(policy, out)} ${policy.changed ? 'decides from now on' : 'is the active policy already'}`],
    );
    return undefined;
  },
});
