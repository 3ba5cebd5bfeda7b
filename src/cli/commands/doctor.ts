import { examineStore } from '../../app/doctor.ts';
import { defineCommand } from '../command.ts';
import { tableLines } from '../table.ts';
import { inLine } from '../text.ts';

const colour = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export const command = defineCommand<[]>({
  description:
    'Examines the place: runtime, disk, clock, configuration, manifest and log, and what waits for a person (leftover files, quarantine). Reads little and changes nothing; whether every stored byte is right is what `fsck --read-data` says.',
  examples: [['cairn doctor', 'every check with its outcome and the next step']],
  statuses: { 1: 'a check failed' },
  action: async ({ out, openStore }) => {
    const { ok, checks } = await examineStore(await openStore());
    out.result(
      () => ({ ok, checks }),
      () => [
        ...tableLines(
          [{ title: '' }, { title: '' }, { title: '' }],
          checks.map((check) => [out.style(colour[check.outcome], check.outcome), check.name, inLine(check.detail)]),
        ),
        ...checks.flatMap((check) => (check.next === undefined ? [] : [`${check.name}: ${check.next}`])),
      ],
    );
    return ok ? undefined : 1;
  },
});
