import { auditContext } from '../../app/audit-ports.ts';
import { auditStore } from '../../store/governance/audit.ts';
import { defineCommand } from '../command.ts';
import { counted, inLine, timeText } from '../text.ts';

/** Findings of one check told to people one by one; --json has the first hundred. */
const shown = 10;

const colours = { pass: 'green', warn: 'yellow', fail: 'red' } as const;

export const command = defineCommand<[], Record<never, never>>({
  description:
    'Checks the whole store against its own rules: the schema, the log and its root, every record, every row of the manifest against what the log gives, who granted what, and everything that has to stand behind an accepted candidate. What cannot be checked is not passed. Nothing is changed.',
  examples: [
    ['cairn audit', 'every check, with what is broken and since when'],
    ['cairn audit --json', 'for a program'],
    ['cairn audit --quiet && echo sound', 'only the answer'],
  ],
  statuses: { 1: 'a check failed' },
  declare: () => undefined,
  action: async ({ out, openStore }) => {
    const { ok, checks } = await auditStore(auditContext(await openStore()));
    const failed = checks.filter(({ outcome }) => outcome === 'fail').length;
    const show = ok ? out.report.bind(out) : out.result.bind(out);
    show(
      () => ({
        ok,
        checks: checks.map(({ findings, ...check }) => ({
          ...check,
          findings: findings.map(({ since, ...finding }) => ({ ...finding, since: since ?? null })),
        })),
      }),
      () => [
        ...checks.flatMap(({ name, outcome, detail, findings, count }) => [
          `${out.style(colours[outcome], outcome)}  ${name}: ${count === 0 ? inLine(detail) : counted(count, 'finding')}`,
          ...findings
            .slice(0, shown)
            .map(
              ({ subject, problem, since }) =>
                `      ${inLine(subject)}: ${inLine(problem)}${since === undefined ? '' : ` (since ${timeText(since)})`}`,
            ),
          ...(count > shown ? [`      … and ${count - shown} more`] : []),
        ]),
        ok ? 'the store is sound' : `${counted(failed, 'check')} of ${checks.length} failed`,
      ],
    );
    return ok ? undefined : 1;
  },
});
