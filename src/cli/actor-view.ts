/** Actors and keys as people and scripts see them. */
import type { ActorChange, ActorView } from '../store/governance/actors.ts';
import type { KeyView } from '../store/governance/keys.ts';
import type { Fields, Output } from './output.ts';
import { tableLines } from './table.ts';
import { inLine, timeText } from './text.ts';

export function personText({ name, mail }: { readonly name: string; readonly mail: string }): string {
  return mail === '' ? inLine(name) : `${inLine(name)} <${inLine(mail)}>`;
}

/** `admin, approver (asserted)`. */
function rolesText(actor: ActorView): string {
  const words = actor.roles.map(({ role, standing }) => (standing === 'proven' ? role : `${role} (asserted)`));
  return words.length === 0 ? 'no role' : words.map(inLine).join(', ');
}

export function actorFields(actor: ActorView): Fields {
  const { id, name, mail, roles, keys } = actor;
  return { actorId: id, name, mail, roles, keys };
}

export function actorChangeFields({ actor, changed }: ActorChange): Fields {
  return { ...actorFields(actor), changed };
}

function keyWords({ standing, revoked }: Pick<ActorView['keys'][number], 'standing' | 'revoked'>): string {
  return `${revoked ? 'revoked' : ''}${revoked && standing === 'asserted' ? ', ' : ''}${standing === 'asserted' ? 'asserted' : ''}`;
}

export function actorLines(out: Output, actor: ActorView): string[] {
  return [
    `actor ${out.style('yellow', actor.id)}`,
    `  ${personText(actor)}`,
    `  roles: ${rolesText(actor)}`,
    ...actor.keys.map((key) => {
      const words = keyWords(key);
      return `  key:   ${inLine(key.fingerprint)}${words === '' ? '' : ` (${words})`}`;
    }),
    ...(actor.keys.length === 0 ? ['  no key'] : []),
  ];
}

export function actorTable(out: Output, actors: readonly ActorView[]): string[] {
  return tableLines(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
    actors.map((actor) => {
      const keys = actor.keys.filter(({ revoked }) => !revoked).length;
      return [
        out.style('yellow', actor.id.slice(0, 12)),
        personText(actor),
        rolesText(actor),
        keys === 0 ? 'no key' : keys === 1 ? '1 key' : `${keys} keys`,
      ];
    }),
  );
}

export function keyFields({ fingerprint, type, entry, actor, standing, stored }: KeyView): Fields {
  const revoked = entry?.revoked;
  return {
    fingerprint,
    type,
    actor: actor === undefined ? null : { actorId: actor.id, name: actor.name, mail: actor.mail },
    standing: standing ?? null,
    addedAt: entry?.addedAt ?? null,
    revoked:
      revoked === undefined ? null : { at: revoked.at, from: revoked.from ?? null, reason: revoked.reason ?? null },
    stored: stored === undefined ? null : { name: stored.name, kind: stored.kind, encrypted: stored.encrypted },
  };
}

export function keyTable(out: Output, keys: readonly KeyView[]): string[] {
  return tableLines(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
    keys.map(({ fingerprint, entry, actor, standing, stored }) => {
      const words = [
        ...(entry === undefined ? ['not bound'] : []),
        ...(entry?.revoked === undefined ? [] : [`revoked ${timeText(entry.revoked.at)}`]),
        ...(standing === 'asserted' ? ['asserted'] : []),
        ...(stored === undefined ? [] : [`in keys/${inLine(stored.name)}${stored.encrypted ? '' : ', not encrypted'}`]),
      ];
      return [
        out.style('yellow', inLine(fingerprint)),
        actor === undefined ? '' : personText(actor),
        entry === undefined ? '' : timeText(entry.addedAt),
        words.join('; '),
      ];
    }),
  );
}

/** Says how to encrypt a key file that is not. */
export function encryptLine(path: string): string {
  const file = inLine(path);
  return `the key is not encrypted; this encrypts it: openssl pkcs8 -topk8 -in ${file} -out ${file}.new && mv ${file}.new ${file}`;
}
