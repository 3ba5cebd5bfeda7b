import { shortId } from '../../../core/ids.ts';
import { listPolicies } from '../../../store/governance/policies.ts';
import { defineCommand } from '../../command.ts';
import { tableLines } from '../../table.ts';
import { inLine, timeText } from '../../text.ts';

export const command = defineCommand<[]>({
  description:
    'Lists the policies that were ever active, the newest activation first, and those that cairn brings along. Where none was activated research-default decides.',
  examples: [['cairn policy list', 'which one decides, and which did before']],
  action: async ({ out, openStore }) => {
    const policies = await listPolicies(await openStore());
    out.result(
      () => ({
        policies: policies.map(({ id, name, version, active, activatedAt }) => {
          return { policy: id, name, version, active, activatedAt: activatedAt ?? null };
        }),
      }),
      () =>
        tableLines(
          [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
          policies.map(({ id, name, version, active, activatedAt }) => [
            out.style('yellow', shortId(id)),
            `${inLine(name)} ${inLine(version)}`,
            active ? out.style('green', 'active') : '',
            activatedAt === undefined ? 'built in' : timeText(activatedAt),
          ]),
        ),
    );
    return undefined;
  },
});
