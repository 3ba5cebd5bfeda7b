import { shortId } from '../../core/ids.ts';
import { type Level, levels } from '../../core/records/report.ts';
import { evaluateCandidate } from '../../store/governance/evaluate.ts';
import { oneOf } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { outcomeLines, reportFields } from '../report-view.ts';
import { inLine } from '../text.ts';
import { declareWaivers, namedWaivers, type WaiverOptions } from '../waiver-options.ts';

export const command = defineCommand<[candidate: string], WaiverOptions & { readonly level: Level }>({
  description:
    'Holds a candidate against the active policy and records the outcome with everything that was read. Its status does not change: `promote` does that, by the newest report of a level. What cannot be read or decided blocks.',
  examples: [
    ['cairn evaluate 3f2a --level exploratory', 'only warnings: what would be missing'],
    ['cairn evaluate 3f2a --level accepted', 'what an acceptance needs'],
    [
      'cairn evaluate 3f2a --level candidate --waive execution_evidence --reason "nothing is traded"',
      'with a waiver, where the policy has one',
    ],
  ],
  statuses: { 1: 'something blocks the level' },
  declare: (command) => {
    command
      .argument('<candidate>', 'an id, or an accepted name')
      .requiredOption('--level <level>', levels.join(', '), oneOf('--level', levels));
    declareWaivers(command);
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const { level } = options;
    const { candidate, report, policy, activated } = await evaluateCandidate(await openStore(), rev, {
      level,
      waivers: namedWaivers(options),
    });
    const { record, id } = report;
    const { name, version } = policy.record;
    if (activated) out.note(`no policy was active: ${inLine(name)} is now`);
    const next =
      !record.passed || level === 'exploratory'
        ? []
        : record.approvals.length > 0
          ? [`next: cairn approve ${shortId(id)}, then cairn promote ${shortId(candidate.id)} --to ${level}`]
          : [`next: cairn promote ${shortId(candidate.id)} --to ${level}`];
    out.result(
      () => reportFields(id, record),
      () => [
        `${record.passed ? out.style('green', 'passed') : out.style('red', 'blocked')}: candidate ${shortId(candidate.id)} for the level ${level}, by ${inLine(name)} ${inLine(String(version))}`,
        `report ${out.style('yellow', shortId(id))}`,
        ...outcomeLines(record, out),
        ...next,
      ],
    );
    return record.passed ? undefined : 1;
  },
});
