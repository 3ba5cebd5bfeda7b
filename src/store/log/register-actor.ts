/** The first actor of a store, and its first key: what every later grant rests on (verify/authority.ts). */
import { authorityStatement } from '../../core/authority-statement.ts';
import { CodedError } from '../../core/errors.ts';
import { noEvent } from '../../core/records/event.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import type { Fact } from '../../ports/manifest.ts';
import type { Signer } from '../../ports/signer.ts';
import type { Author, StoreContext } from '../context.ts';
import { keyAct } from '../governance/keys.ts';
import { signWith } from '../governance/sign-statement.ts';
import { type WriteSession, writing } from '../objects/write-session.ts';
import { actorFact, actorIdOf, eventDraft } from './governance.ts';

/** Binds the key to the author by its own signature. */
async function firstKeyFact(
  context: StoreContext,
  author: Author,
  signer: Signer,
  session: WriteSession,
): Promise<Fact> {
  const actor = actorIdOf(author);
  const act = keyAct(actor, signer.sshKey);
  const { action, subject } = act;
  const statement = authorityStatement({
    ...{ store: context.storeId, action, actor, subject: subject.id, previous: noEvent },
    values: act.payload()?.values,
  });
  if (statement === undefined) throw new CodedError('INTERNAL', `no fingerprint: ${subject.id}`);
  const signed = await signWith(signer, statement);
  const payload = session.record<never>(payloadBytes(act.payload(signed) ?? {}));
  return act.fact(signed, eventDraft({ author }, action, subject, payload));
}

/** In one batch: the actor with its roles, and the key where there is one. */
export async function registerActor(
  context: StoreContext,
  author: Author,
  roles: readonly string[],
  signer?: Signer,
): Promise<void> {
  await writing(context, 'init', async (session) => {
    const facts = [actorFact({ author }, session, roles)];
    if (signer !== undefined) facts.push(await firstKeyFact(context, author, signer, session));
    const stored = await session.settle();
    await context.manifest.apply({
      facts: [...stored, ...facts],
      nowMs: context.clock.now(),
      clock: context.clock.kind,
    });
  });
}
