import { withdrawCandidate } from '../../store/governance/promote.ts';
import { stepDown } from '../status-step.ts';

export const command = stepDown({
  description:
    'Takes a candidate back to exploratory, from any other status: it can be evaluated and promoted again. An accepted name is free again.',
  examples: [
    ['cairn withdraw accepted/momentum-h5 -m "the vendor corrected the prices"', 'it does not stand any more'],
  ],
  verb: 'Withdraw',
  step: withdrawCandidate,
});
