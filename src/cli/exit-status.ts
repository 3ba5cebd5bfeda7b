/** Exit statuses (design.md, section 11), with what help says about each. */
import { exitStatusByKind } from '../core/errors.ts';

export const exitDone = 0;
export const exitNo = exitStatusByKind.no;
/** 128 + SIGPIPE: whoever read the output has gone. */
export const exitReaderGone = 141;
export const exitInternal = exitStatusByKind.internal;

/** What a status means, for the help of every command. */
export const statusMeanings: { readonly [status: number]: string } = {
  0: 'done',
  1: 'the answer is no',
  2: 'wrong usage: an argument cannot be used',
  3: 'not found, or ambiguous',
  4: 'conflict, or busy',
  5: 'corruption: bytes that cannot be trusted',
  6: 'not permitted',
  70: 'internal or environment failure',
};
