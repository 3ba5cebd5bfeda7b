/**
 * Facts with their events: every change that no immutable record says by itself carries exactly one event, and what the
 * event must not hold (free text, old and new values) lies in a payload record, so that it can be erased while the log
 * stays whole.
 *
 * Subjects and payload values by action, which `reindex` reads back (`text` is the message or reason, where one was given):
 *
 *   actor.add           actor     {name, mail, roles}
 *   run.commit          run       no payload: the run record says it all
 *   ref.update          ref       {from, to}: run ids, null where the ref did not or does not exist
 *   artifact.tag        artifact  {tags}: name to text, null where the tag was removed
 *   artifact.supersede  artifact  {by}: the artifact that replaces the subject
 *   artifact.tombstone, artifact.restore, artifact.erase     artifact     no values
 *   hold.add, hold.remove                                    run, artifact or object     no values
 *   retire                                                   run          no values
 *
 * The acts of governance proper (roles, keys, policies, candidates) stand in governance-acts.ts, their payloads in
 * core/records/act-values.ts:
 *
 *   actor.grant, actor.revoke        actor
 *   key.add, key.revoke              key        the fingerprint
 *   policy.activate                  policy
 *   candidate.create                 candidate
 *   candidate.evaluate, approve      report     never the candidate: the report says which
 *   candidate.promote, candidate.reject, candidate.withdraw     candidate
 */
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import type { ActorId, ArtifactId, PayloadId, RefName, RunId } from '../../core/ids.ts';
import type { EventAction, EventDraft, SubjectKind } from '../../core/records/event.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import { findSecretLike } from '../../core/secret-screen.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Applied, Fact, HoldSubject } from '../../ports/manifest.ts';
import type { Author, StoreContext } from '../context.ts';
import type { WriteSession } from '../objects/write-session.ts';

type ActingContext = Pick<StoreContext, 'author'>;

/** A pipeline asks for the same id many thousand times. */
const knownActors = new WeakMap<Author, ActorId>();

/** Identity of a person or machine: SHA-256 of the canonical `{schema: "cairn.actor/1", name, mail}`. */
export function actorIdOf(author: Author): ActorId {
  const known = knownActors.get(author);
  if (known !== undefined) return known;
  const id = sha256Hex(canonicalize({ schema: 'cairn.actor/1', name: author.name, mail: author.mail })) as ActorId;
  knownActors.set(author, id);
  return id;
}

/** `Name <mail>`, as runs record it. */
export function authorText(author: Author): string {
  return author.mail === '' ? author.name : `${author.name} <${author.mail}>`;
}

/** Refuses a text that looks like a secret; `what` names it in the message (`the message`, `--param token`). */
export function screenText(context: Pick<StoreContext, 'allowSecretLike'>, what: string, text: string): void {
  if (context.allowSecretLike) return;
  const found = findSecretLike(text);
  if (found === undefined) return;
  throw new CodedError('SECRET_LIKE', `${what} holds what looks like a secret (${found.kind}): ${found.preview}`, {
    hint: 'What is recorded stays for ever. Take it out, or pass --allow-secret-like if it is none.',
    data: { what, kind: found.kind, at: found.at },
  });
}

/** Stores the payload of an event; undefined when there is nothing to keep. */
export function recordPayload(
  session: WriteSession,
  text: string | undefined,
  values?: { readonly [name: string]: JsonValue },
): PayloadId | undefined {
  if (text === undefined && values === undefined) return undefined;
  if (text?.isWellFormed() === false) throw new CodedError('BAD_ARGUMENT', 'the message holds a lone surrogate');
  return session.record<PayloadId>(
    payloadBytes({ ...(text === undefined ? {} : { text }), ...(values === undefined ? {} : { values }) }),
  );
}

export function eventDraft(
  context: ActingContext,
  action: EventAction,
  subject: { readonly kind: SubjectKind; readonly id: string },
  payload?: PayloadId,
): EventDraft {
  return { actor: actorIdOf(context.author), action, subject, ...(payload === undefined ? {} : { payload }) };
}

/** Who acts. Belongs in front of the facts of every batch with an event; the manifest skips it, event and all, once they are known. */
export function actorFact(
  context: ActingContext,
  session: WriteSession,
  roles: readonly string[] = ['researcher'],
): Fact {
  const { name, mail } = context.author;
  const id = actorIdOf(context.author);
  const payload = recordPayload(session, undefined, { name, mail, roles: [...roles] });
  return {
    kind: 'actor',
    id,
    name,
    mail,
    roles,
    event: eventDraft(context, 'actor.add', { kind: 'actor', id }, payload),
  };
}

/** The same, only where it is needed: nothing once the actor is known, so that no unused payload is stored. */
export async function ensureActor(
  context: Pick<StoreContext, 'author' | 'manifest'>,
  session: WriteSession,
  roles?: readonly string[],
): Promise<Fact[]> {
  const known = await context.manifest.actor(actorIdOf(context.author));
  return known === undefined ? [actorFact(context, session, roles)] : [];
}

/** A ref made (`from` undefined), moved or deleted (`to` undefined). */
export function refFact(
  context: ActingContext,
  session: WriteSession,
  name: RefName,
  from: RunId | undefined,
  to: RunId | undefined,
  message: string | undefined,
): Fact {
  const payload = recordPayload(session, message, { from: from ?? null, to: to ?? null });
  return {
    kind: 'ref',
    name,
    from,
    to,
    message,
    event: eventDraft(context, 'ref.update', { kind: 'ref', id: name }, payload),
  };
}

/** `value` undefined removes the tag. */
export function artifactTagsFact(
  context: ActingContext,
  session: WriteSession,
  artifact: ArtifactId,
  tags: { readonly [key: string]: string | undefined },
): Fact {
  const recorded: { [name: string]: JsonValue } = {};
  for (const [name, value] of Object.entries(tags)) recorded[name] = value ?? null;
  const payload = recordPayload(session, undefined, { tags: recorded });
  return {
    kind: 'artifact-tags',
    artifact,
    tags,
    event: eventDraft(context, 'artifact.tag', { kind: 'artifact', id: artifact }, payload),
  };
}

export function supersedeFact(
  context: ActingContext,
  session: WriteSession,
  artifact: ArtifactId,
  by: ArtifactId,
  reason: string | undefined,
): Fact {
  const event = eventDraft(
    context,
    'artifact.supersede',
    { kind: 'artifact', id: artifact },
    recordPayload(session, reason, { by }),
  );
  return { kind: 'supersede', artifact, by, reason, event };
}

export function statusFact(
  context: ActingContext,
  session: WriteSession,
  kind: 'tombstone' | 'restore' | 'erase',
  artifact: ArtifactId,
  reason: string | undefined,
): Fact {
  const event = eventDraft(
    context,
    `artifact.${kind}`,
    { kind: 'artifact', id: artifact },
    recordPayload(session, reason),
  );
  return { kind, artifact, reason, event };
}

export function holdFact(
  context: ActingContext,
  session: WriteSession,
  kind: 'hold' | 'unhold',
  subject: HoldSubject,
  reason: string | undefined,
): Fact {
  const action = kind === 'hold' ? 'hold.add' : 'hold.remove';
  return { kind, subject, reason, event: eventDraft(context, action, subject, recordPayload(session, reason)) };
}

export function retireFact(
  context: ActingContext,
  session: WriteSession,
  run: RunId,
  reason: string | undefined,
): Fact {
  return {
    kind: 'retire',
    run,
    reason,
    event: eventDraft(context, 'retire', { kind: 'run', id: run }, recordPayload(session, reason)),
  };
}

/**
 * Facts that carry events, settled and applied in one batch together with who acts. For the use cases that change
 * nothing but names, marks and status.
 */
export async function applyFacts(
  context: StoreContext,
  session: WriteSession,
  facts: readonly Fact[],
): Promise<Applied> {
  const actor = await ensureActor(context, session);
  const stored = await session.settle();
  return context.manifest.apply({
    facts: [...stored, ...actor, ...facts],
    nowMs: context.clock.now(),
    clock: context.clock.kind,
  });
}
