/** What people and machines may be here. Whoever acts is a researcher; everything else an admin has to sign. */
import { CodedError } from './errors.ts';

export const actorRoles = ['researcher', 'approver', 'auditor', 'admin', 'ci'] as const;
export type ActorRole = (typeof actorRoles)[number];

/** Roles that are nobody's to grant: acting is enough. */
export const freeRole: ActorRole = 'researcher';

export function parseActorRole(text: string): ActorRole {
  const found = actorRoles.find((role) => role === text);
  if (found !== undefined) return found;
  throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(text.slice(0, 40))} is no role`, {
    hint: `Roles are ${actorRoles.join(', ')}.`,
    data: { argument: 'role', value: text.slice(0, 40), allowed: [...actorRoles] },
  });
}
