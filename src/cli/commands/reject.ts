import { rejectCandidate } from '../../store/governance/promote.ts';
import { stepDown } from '../status-step.ts';

export const command = stepDown({
  description:
    'Says no to a candidate, from any status. Its reports, its evidence and the reason stay for ever; an accepted name is free again.',
  examples: [['cairn reject 3f2a -m "the signal does not survive costs"', 'no, and why']],
  verb: 'Reject',
  step: rejectCandidate,
});
