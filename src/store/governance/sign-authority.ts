/**
 * Acts that need an admin's key: the act is signed, checked by the code that will replay it, and only then written. One at a
 * time, because a signature names the event that it continues.
 */
import type { AuthorityAction } from '../../core/authority-statement.ts';
import { authorityStatement } from '../../core/authority-statement.ts';
import { CodedError } from '../../core/errors.ts';
import type { ActorId } from '../../core/ids.ts';
import { type EventDraft, noEvent } from '../../core/records/event.ts';
import { type PayloadRecord, payloadBytes } from '../../core/records/payload.ts';
import type { SignedStatement } from '../../core/signed-statement.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Fact } from '../../ports/manifest.ts';
import type { Signer } from '../../ports/signer.ts';
import { type Authority, replayAuthority } from '../../verify/authority.ts';
import { actorIdOf, authorText, eventDraft } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { authorityActs, newestEvent, readAuthority } from './read-authority.ts';
import { actorSigner, signWith } from './sign-statement.ts';
import type { SigningContext } from './signing-context.ts';

export interface SignedAct {
  readonly action: AuthorityAction;
  readonly subject: { readonly kind: 'actor' | 'key'; readonly id: string };
  /** With the signature, or without it for the statement; as the manifest will make it again from the fact. */
  payload(signed?: SignedStatement): Omit<PayloadRecord, 'schema'> | undefined;
  fact(signed: SignedStatement, event: EventDraft): Fact;
}

function refuse(message: string, hint: string, data: { readonly [name: string]: unknown } = {}): never {
  throw new CodedError('NOT_PERMITTED', message, { hint, data });
}

async function adminsText(context: SigningContext, authority: Authority): Promise<string> {
  const admins = [...authority.roles].filter(([, held]) => held.get('admin') === 'proven').map(([id]) => id);
  const entries = await Promise.all(admins.map((id) => context.manifest.actor(id)));
  return entries.flatMap((entry) => (entry === undefined ? [] : [authorText(entry)])).join(', ');
}

export function isProvenAdmin(authority: Authority, actor: ActorId): boolean {
  return authority.roles.get(actor)?.get('admin') === 'proven';
}

/** Whether no key is proven yet and this actor may bind the first one. */
export function mayFound(authority: Authority, actor: ActorId): boolean {
  return authority.founder === actor && ![...authority.keys.values()].some(({ standing }) => standing === 'proven');
}

/** The key of who acts, when an admin acts. Throws NOT_PERMITTED and KEY_NOT_FOUND, before anything is written. */
export async function adminSigner(context: SigningContext, what: string): Promise<Signer> {
  const authority = await readAuthority(context);
  const actor = actorIdOf(context.author);
  const who = authorText(context.author);
  if (mayFound(authority, actor)) {
    refuse(`you have no key yet, and to ${what} takes an admin's signature`, 'Make one: `cairn key generate`.', {
      actor,
    });
  }
  if (!isProvenAdmin(authority, actor)) {
    const admins = await adminsText(context, authority);
    const isAsserted = authority.roles.get(actor)?.has('admin') === true;
    refuse(
      `${who} ${isAsserted ? 'is an admin by assertion only: no admin key signed for it' : 'is no admin'}, and to ${what} takes an admin's signature`,
      admins === '' ? 'Who made the store makes the first key: `cairn key generate`.' : `Ask an admin: ${admins}.`,
      { actor, role: 'admin' },
    );
  }
  return actorSigner(context);
}

/** Signs the act, checks it as a replay will, and writes it. Throws NOT_PERMITTED when it would not be proven. */
export async function applySigned(context: SigningContext, signer: Signer, act: SignedAct): Promise<void> {
  const turn = await context.lock.turn('sign');
  try {
    const actor = actorIdOf(context.author);
    const { action, subject } = act;
    const acts = await authorityActs(context);
    const previous = await newestEvent(context.manifest, subject.kind, subject.id);
    const values = act.payload()?.values;
    const statement = authorityStatement({
      store: context.storeId,
      action,
      actor,
      subject: subject.id,
      previous,
      values,
    });
    if (statement === undefined) throw new CodedError('BAD_ARGUMENT', `${subject.id} is neither an actor nor a key`);
    const signed = await signWith(signer, statement);
    const payload = act.payload(signed) ?? {};
    const seq = (acts.at(-1)?.seq ?? 0) + 1;
    const { faults } = await replayAuthority(
      [
        ...acts,
        {
          ...{ seq, id: noEvent, action, actor, subject: subject.id, subjectPrevious: previous },
          timestamp: formatTimestamp(context.clock.now()),
          values: payload.values,
        },
      ],
      { store: context.storeId, verify: context.verifyEd25519 },
    );
    const fault = faults.find((one) => one.seq === seq);
    if (fault !== undefined) {
      refuse(
        `the signature does not permit this: ${fault.detail}`,
        'Sign with the key of an admin: `cairn actor list`.',
        {
          actor,
          key: signer.fingerprint,
        },
      );
    }
    await writing(context, 'sign', async (session) => {
      const event = eventDraft(context, action, subject, session.record(payloadBytes(payload)));
      const stored = await session.settle();
      await context.manifest.apply({
        facts: [...stored, act.fact(signed, event)],
        nowMs: context.clock.now(),
        clock: context.clock.kind,
      });
    });
  } finally {
    await turn.release();
  }
}
