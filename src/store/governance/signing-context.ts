/**
 * What a use case is given that signs or checks signatures, besides the store: nothing else opens a key or asks for a
 * passphrase.
 */
import type { Ed25519Verify } from '../../core/ed25519.ts';
import type { KeyEntry } from '../../ports/manifest.ts';
import type { KeyStore, PassphraseSource, Signer } from '../../ports/signer.ts';
import type { StoreContext } from '../context.ts';

export interface SigningContext extends StoreContext {
  /** Keys that are kept beside the store. */
  readonly keyStore: KeyStore;
  readonly verifyEd25519: Ed25519Verify;
  readonly passphrase: PassphraseSource;
  /**
   * The key to sign with: as named on the command line or in the settings, else the one of `own` that is at hand. Throws
   * KEY_NOT_FOUND, saying where it looked. Asked for a passphrase here and not later.
   */
  openSigner(own: readonly KeyEntry[]): Promise<Signer>;
}

/** What only checks. */
export type CheckingContext = StoreContext & Pick<SigningContext, 'verifyEd25519'>;
