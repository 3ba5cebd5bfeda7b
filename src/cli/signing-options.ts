/** Options of commands that sign, and asking for a passphrase without showing it. */
import type { SigningOptions } from '../app/signing.ts';
import type { Commander } from './command.ts';
import type { Io } from './io.ts';

export interface SigningFlags {
  readonly key?: string;
  readonly keyPassphraseFile?: string;
}

export function declareSigning(command: Commander): void {
  command.option('--key <file>', 'the key that signs: a file, a fingerprint, or the name of a key of the store');
  declarePassphraseFile(command);
}

export function declarePassphraseFile(command: Commander): void {
  command.option('--key-passphrase-file <file>', 'the passphrase of the key, on the first line of a file');
}

/** Asks on the terminal; what is typed is not shown. Ctrl-C ends the program as elsewhere. */
async function askHidden(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  // The terminal is silent before the question is seen.
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true });
  process.stderr.write(question);
  try {
    return await new Promise((resolve) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      lines.once('close', () => resolve(undefined));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** What the command line says about signing; a person is asked only where one can answer. */
export function signingOptions({ key, keyPassphraseFile }: SigningFlags, io: Pick<Io, 'canAsk'>): SigningOptions {
  return { key, keyPassphraseFile, ask: io.canAsk ? askHidden : undefined };
}
