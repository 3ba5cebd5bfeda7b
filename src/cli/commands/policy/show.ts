import { showPolicy } from '../../../store/governance/policies.ts';
import { defineCommand } from '../../command.ts';
import { policyFields, policyLines } from '../../policy-view.ts';

export const command = defineCommand<[policy: string | undefined]>({
  description: 'Shows what a policy requires at each level: evidence, pins, thresholds, approvals and every check.',
  examples: [
    ['cairn policy show', 'the one that decides'],
    ['cairn policy show research-strict', 'one that cairn brings along'],
  ],
  paged: true,
  declare: (command) => {
    command.argument('[policy]', 'a name or an id (default: the active one)');
  },
  action: async ({ args: [name], out, openStore }) => {
    const policy = await showPolicy(await openStore(), name);
    out.result(
      () => ({
        ...policyFields(policy),
        active: policy.active,
        activatedAt: policy.activatedAt ?? null,
        record: policy.record,
      }),
      () => policyLines(policy, out),
    );
    return undefined;
  },
});
