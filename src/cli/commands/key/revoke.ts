import { openSigning } from '../../../app/signing.ts';
import type { Timestamp } from '../../../core/time.ts';
import { revokeKey } from '../../../store/governance/keys.ts';
import { declareMessage, declareYes, type MessageOptions, timeOption } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { declareSigning, type SigningFlags, signingOptions } from '../../signing-options.ts';
import { inLine } from '../../text.ts';

interface Options extends SigningFlags, MessageOptions {
  readonly from?: Timestamp;
}

export const command = defineCommand<[fingerprint: string], Options>({
  description:
    'Revokes a key for ever: by its owner, or by an admin. Approvals that it signed do not count any more. Roles and keys that it granted stay, except those granted at or after --from.',
  examples: [
    ['cairn key revoke SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s -m "laptop lost"', 'a lost key'],
    [
      'cairn key revoke SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s --from 2026-01-31 -m "stolen"',
      'nothing that it granted since then stands',
    ],
  ],
  declare: (command) => {
    command
      .argument('<fingerprint>', 'SHA256:…')
      .option('--from <time>', 'since when it is not to be trusted', timeOption('--from'));
    declareMessage(command, 'why it is revoked', 'optional');
    declareSigning(command);
    declareYes(command);
  },
  action: async ({ args: [fingerprint], options, io, out, openStore, confirm }) => {
    const store = openSigning(await openStore(), io.env, signingOptions(options, io));
    await confirm(`Revoke the key ${fingerprint} for ever?`, 'proceed');
    const { actor, revoked } = await revokeKey(store, fingerprint, options.from, options.message);
    out.report(
      () => ({
        ...{ fingerprint, actorId: actor, revokedAt: revoked?.at ?? null },
        ...{ from: revoked?.from ?? null, reason: revoked?.reason ?? null },
      }),
      () => [`key ${inLine(fingerprint)} is revoked`],
    );
    return undefined;
  },
});
