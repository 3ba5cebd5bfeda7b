import { expect, test } from 'vitest';
import { type ApprovalRecord, approvalText, parseApproval } from '../../../../src/core/records/approval.ts';
import { approvalSchema } from '../../../../src/core/records/approval-schema.ts';

const approval: ApprovalRecord = {
  schema: 'cairn.approval/1',
  report: 'a'.repeat(64) as never,
  actor: 'b'.repeat(64) as never,
  keyFingerprint: 'SHA256:x',
  signed: { envelope: 'x' },
};

test('an approval is read back from its canonical text, and is what its schema says', () => {
  expect(parseApproval(approvalText(approval))).toEqual(approval);
  expect(approvalSchema.safeParse(approval).success).toBe(true);
  expect(approvalSchema.safeParse({ ...approval, signed: {} }).success).toBe(false);
});

test.each<[string, unknown, string]>([
  ['another schema', { ...approval, schema: 'cairn.approval/2' }, 'RECORD_INVALID'],
  ['an unknown member', { ...approval, more: 1 }, 'RECORD_INVALID'],
  ['a report that is no id', { ...approval, report: 'x' }, 'RECORD_INVALID'],
  ['no actor', { ...approval, actor: null }, 'RECORD_INVALID'],
  ['a key that is no text', { ...approval, keyFingerprint: 1 }, 'RECORD_INVALID'],
  ['no object', [], 'RECORD_INVALID'],
  ['a signature without a form', { ...approval, signed: {} }, 'SIGNATURE_INVALID'],
])('%s is refused', (_, value, code) => {
  expect(() => parseApproval(approvalText(value as ApprovalRecord))).toThrow(expect.objectContaining({ code }));
});

test('a text that is not canonical is refused', () => {
  const text = JSON.stringify(approval, null, 1);
  expect(() => parseApproval(text)).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
});
