import { resolve } from 'node:path';
import { writeDocument } from '../../../app/write-document.ts';
import { allowedSigners, allowedSignersText } from '../../../store/governance/export-signers.ts';
import { defineCommand } from '../../command.ts';
import { counted, inLine } from '../../text.ts';

interface Options {
  readonly allowedSigners?: boolean;
  readonly output?: string;
}

export const command = defineCommand<[], Options>({
  description:
    'Writes the public keys of the store as a trust file: what `ssh-keygen -Y verify` takes as allowed signers, one line a key with its owner and what it may sign. Compare the fingerprints with their owners before you trust it.',
  examples: [
    ['cairn key export --allowed-signers', 'to standard output'],
    ['cairn key export --allowed-signers -o allowed_signers', 'into a file'],
  ],
  declare: (command) => {
    command
      .requiredOption('--allowed-signers', 'in the allowed_signers form of OpenSSH')
      .option('-o, --output <file>', 'write there instead of standard output');
  },
  action: async ({ options, cwd, out, openStore }) => {
    const store = await openStore();
    const signers = await allowedSigners(store);
    const text = allowedSignersText(store.storeId, signers);
    const path = options.output === undefined ? undefined : resolve(cwd, options.output);
    if (path !== undefined) await writeDocument(path, text);
    const fields = (): { readonly [name: string]: unknown } => ({ path: path ?? null, signers, text });
    if (path === undefined) out.result(fields, () => text.trimEnd().split('\n'));
    else out.report(fields, () => [`wrote ${counted(signers.length, 'key')} to ${inLine(path)}`]);
    return undefined;
  },
});
