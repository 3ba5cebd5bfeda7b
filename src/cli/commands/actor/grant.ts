import { grantRoles } from '../../../store/governance/actors.ts';
import { roleChange } from '../../role-change.ts';

export const command = roleChange({
  description: "Gives roles to an actor, signed with an admin's key.",
  examples: [['cairn actor grant grace@example.org approver', 'may approve from now on']],
  change: grantRoles,
  unchanged: 'these roles are held already',
});
