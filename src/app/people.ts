/** People, keys and approvals for programs: what `cairn actor`, `cairn key` and `cairn approve` do. */
import { parseActorRole } from '../core/actor-roles.ts';
import { parseTimestamp } from '../core/time.ts';
import type { KeyEntry } from '../ports/manifest.ts';
import {
  type ActorChange,
  type ActorView,
  addActor,
  findActor,
  grantRoles,
  listActors,
  revokeRoles,
  showActor,
} from '../store/governance/actors.ts';
import { type Approved, approveReport } from '../store/governance/approve.ts';
import { allowedSigners, allowedSignersText } from '../store/governance/export-signers.ts';
import { resolveReport } from '../store/governance/find-report.ts';
import {
  type GeneratedKey,
  generateKey,
  type ImportedKey,
  importKey,
  type KeyView,
  listKeys,
  revokeKey,
} from '../store/governance/keys.ts';
import { parseAuthor, processEnvironment } from './environment.ts';
import type { OpenStore } from './open-store.ts';
import { type OpenSigning, openSigning, type SigningOptions } from './signing.ts';

/** An actor is named by `Name <mail>`, mail address, name or id. What an admin has to sign throws NOT_PERMITTED for others. */
export class People {
  readonly #store: OpenSigning;

  /** Made by `Cairn.people`. */
  constructor(open: OpenStore, options: SigningOptions) {
    this.#store = openSigning(open, processEnvironment(), options);
  }

  actors(): Promise<ActorView[]> {
    return listActors(this.#store);
  }

  /** Throws REV_NOT_FOUND, REV_AMBIGUOUS. */
  async actor(actor: string): Promise<ActorView> {
    return showActor(this.#store, (await findActor(this.#store, actor)).id);
  }

  /** `person` is `Name <mail>`. */
  async addActor(person: string, roles: readonly string[] = []): Promise<ActorChange> {
    return addActor(this.#store, parseAuthor(person, 'the person'), roles.map(parseActorRole));
  }

  async grant(actor: string, roles: readonly string[]): Promise<ActorChange> {
    return grantRoles(this.#store, (await findActor(this.#store, actor)).id, roles.map(parseActorRole));
  }

  /** Throws STATUS_CONFLICT for the last admin. */
  async revoke(actor: string, roles: readonly string[]): Promise<ActorChange> {
    return revokeRoles(this.#store, (await findActor(this.#store, actor)).id, roles.map(parseActorRole));
  }

  keys(): Promise<KeyView[]> {
    return listKeys(this.#store);
  }

  /** Encrypted with the passphrase of the options or of CAIRN_KEY_PASSPHRASE, where there is one. Throws KEY_EXISTS. */
  async generateKey(options: { readonly actor?: string; readonly name?: string } = {}): Promise<GeneratedKey> {
    const actor = options.actor === undefined ? undefined : await findActor(this.#store, options.actor);
    return generateKey(this.#store, { actor, name: options.name, newPassphrase: this.#store.newPassphrase });
  }

  /** `key` is a file, a fingerprint that the agent holds, or a name in keys/. Throws KEY_NOT_FOUND, STATUS_CONFLICT. */
  async importKey(key: string, actor?: string): Promise<ImportedKey> {
    const owner = actor === undefined ? undefined : await findActor(this.#store, actor);
    const found = await this.#store.findKey(key);
    return importKey(this.#store, found.key, found.open, owner);
  }

  /** `from` is RFC 3339. Throws STATUS_CONFLICT for the last key of the last admin. */
  revokeKey(
    fingerprint: string,
    options: { readonly from?: string; readonly reason?: string } = {},
  ): Promise<KeyEntry> {
    const from = options.from === undefined ? undefined : parseTimestamp(options.from);
    return revokeKey(this.#store, fingerprint, from, options.reason);
  }

  /** The text of a trust file in the allowed_signers form of OpenSSH. */
  async allowedSigners(): Promise<string> {
    return allowedSignersText(this.#store.storeId, await allowedSigners(this.#store));
  }

  /** Signs a report. Throws NOT_PERMITTED, STATUS_CONFLICT, KEY_NOT_FOUND, BAD_PASSPHRASE; nothing is written then. */
  async approve(report: string, message?: string): Promise<Approved> {
    return approveReport(this.#store, await resolveReport(this.#store, report), message);
  }
}
