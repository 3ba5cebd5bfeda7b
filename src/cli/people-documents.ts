/** The `--json` documents of the commands about people, keys and approvals. */
import * as z from 'zod/mini';
import { count, document, id, nullableText, timestamp } from './document-parts.ts';

const standing = z.enum(['proven', 'asserted']);
const person = z.strictObject({ actorId: id, name: z.string(), mail: z.string() });
const actor = {
  actorId: id,
  name: z.string(),
  mail: z.string(),
  /** Held now; `asserted` where no admin's key stands for it. */
  roles: z.array(z.strictObject({ role: z.string(), standing })),
  keys: z.array(z.strictObject({ fingerprint: z.string(), standing, revoked: z.boolean() })),
};
/** Roles given or taken back; empty when nothing was to do. */
const changed = z.array(z.string());

export const peopleDocuments = {
  'actor.add': document('actor.add', { ...actor, changed, created: z.boolean() }),
  'actor.list': document('actor.list', { actors: z.array(z.strictObject(actor)) }),
  'actor.show': document('actor.show', actor),
  'actor.grant': document('actor.grant', { ...actor, changed }),
  'actor.revoke': document('actor.revoke', { ...actor, changed }),
  'key.generate': document('key.generate', {
    fingerprint: z.string(),
    name: z.string(),
    path: z.string(),
    publicKey: z.string(),
    encrypted: z.boolean(),
    /** False: it counts once an admin has bound it. */
    bound: z.boolean(),
    actor: person,
  }),
  'key.import': document('key.import', {
    fingerprint: z.string(),
    changed: z.boolean(),
    /** The file that `actor.key` names from now on. */
    remembered: nullableText,
    actor: person,
  }),
  'key.list': document('key.list', {
    keys: z.array(
      z.strictObject({
        fingerprint: z.string(),
        type: z.string(),
        /** null for a key in keys/ that nobody is bound to. */
        actor: z.nullable(person),
        standing: z.nullable(standing),
        addedAt: z.nullable(timestamp),
        revoked: z.nullable(z.strictObject({ at: timestamp, from: z.nullable(timestamp), reason: nullableText })),
        stored: z.nullable(
          z.strictObject({
            name: z.string(),
            kind: z.enum(['cairn-key', 'openssh-file', 'agent', 'hardware']),
            encrypted: z.boolean(),
          }),
        ),
      }),
    ),
  }),
  'key.revoke': document('key.revoke', {
    fingerprint: z.string(),
    actorId: id,
    revokedAt: z.nullable(timestamp),
    from: z.nullable(timestamp),
    reason: nullableText,
  }),
  'key.export': document('key.export', {
    path: nullableText,
    signers: z.array(
      z.strictObject({
        principal: z.string(),
        fingerprint: z.string(),
        namespaces: z.array(z.string()),
        line: z.string(),
      }),
    ),
    /** The whole file. */
    text: z.string(),
  }),
  approve: document('approve', {
    approvalId: id,
    eligibilityReportId: id,
    candidateId: id,
    level: z.enum(['exploratory', 'candidate', 'accepted']),
    keyFingerprint: z.string(),
    /** False when this person had approved already. */
    changed: z.boolean(),
    counts: z.boolean(),
    doubt: nullableText,
    required: z.array(z.strictObject({ role: z.string(), count, have: count, needed: count })),
    approvals: z.array(
      z.strictObject({
        approvalId: id,
        actorId: id,
        keyFingerprint: z.string(),
        approvedAt: timestamp,
        counts: z.boolean(),
        doubt: nullableText,
      }),
    ),
  }),
};
