import { revokeRoles } from '../../../store/governance/actors.ts';
import { roleChange } from '../../role-change.ts';

export const command = roleChange({
  description: "Takes roles back, signed with an admin's key. Approvals count as long as their actor holds the role.",
  examples: [
    ['cairn actor revoke grace@example.org approver', 'may approve no more, and earlier approvals stop counting'],
  ],
  change: revokeRoles,
  unchanged: 'none of these roles is held',
});
