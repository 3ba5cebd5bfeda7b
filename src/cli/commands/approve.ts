import { openSigning } from '../../app/signing.ts';
import { shortId } from '../../core/ids.ts';
import { approveReport } from '../../store/governance/approve.ts';
import { resolveReport } from '../../store/governance/find-report.ts';
import { approvalFields, approvalLines } from '../approval-view.ts';
import { declareMessage, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { declareSigning, type SigningFlags, signingOptions } from '../signing-options.ts';

export const command = defineCommand<[report: string], MessageOptions & SigningFlags>({
  description:
    'Signs an eligibility report with your key, as one of the approvals that its policy asks for. It counts when you hold the role that is asked for and are none of those who made, ran or evaluated the candidate or produced its evidence; where it could never count, nothing is signed.',
  examples: [
    ['cairn approve 3f8a', 'with your key'],
    ['cairn approve 3f8a -m "checked against the paper" --key ~/.ssh/id_ed25519', 'with a key file, and a message'],
  ],
  declare: (command) => {
    command.argument('<report>', 'id of the report, or its first digits');
    declareMessage(command, 'what you checked', 'optional');
    declareSigning(command);
  },
  action: async ({ args: [rev], options, io, out, openStore }) => {
    const store = openSigning(await openStore(), io.env, signingOptions(options, io));
    const done = await approveReport(store, await resolveReport(store, rev), options.message);
    out.report(
      () => approvalFields(done),
      () => approvalLines(done, shortId),
    );
    return undefined;
  },
});
