import { openSigning } from '../../../app/signing.ts';
import { listKeys } from '../../../store/governance/keys.ts';
import { keyFields, keyTable } from '../../actor-view.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand<[]>({
  description:
    "Lists every key that was bound to somebody, and the keys in keys/ that nobody is bound to. A key is `asserted` when no admin's key stands for it.",
  examples: [['cairn key list', 'whose keys they are, since when, and which are revoked']],
  action: async ({ io, out, openStore }) => {
    const keys = await listKeys(openSigning(await openStore(), io.env));
    out.result(
      () => ({ keys: keys.map(keyFields) }),
      () => keyTable(out, keys),
    );
    return undefined;
  },
});
