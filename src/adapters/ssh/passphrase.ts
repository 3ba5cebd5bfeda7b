/** Where the passphrase of a key comes from. Each source is asked for one key by its name, and only when the key needs it. */
import { readFile } from 'node:fs/promises';
import { systemError } from '../../core/system-error.ts';
import type { PassphraseSource } from '../../ports/signer.ts';

/** A value that was read elsewhere, such as that of an environment variable. */
export function passphraseValue(value: string | undefined): PassphraseSource {
  return async () => value;
}

/** The first line of a file, without its line end. */
export function passphraseFile(path: string): PassphraseSource {
  return async () => {
    try {
      return (await readFile(path, 'utf8')).split(/\r?\n/, 1)[0];
    } catch (error) {
      throw systemError('cannot read the passphrase file', error, path);
    }
  };
}

/** Asks a person; `ask` gives undefined where nobody can be asked. */
export function passphrasePrompt(ask: (question: string) => Promise<string | undefined>): PassphraseSource {
  return (keyName) => ask(`Passphrase of the key ${keyName}: `);
}

/** The first source that has one. */
export function firstPassphrase(...sources: readonly PassphraseSource[]): PassphraseSource {
  return async (keyName) => {
    for (const source of sources) {
      const passphrase = await source(keyName);
      if (passphrase !== undefined) return passphrase;
    }
    return undefined;
  };
}
