/** The schema of cairn.approval/1 (records/approval.ts), for who reads it; the parser there is written out. */
import * as z from 'zod/mini';
import { hashHex } from './schemas.ts';

/** How a signed statement is kept (core/signed-statement.ts). */
const signedStatementSchema = z.union([
  z.strictObject({ envelope: z.string() }),
  z.strictObject({ statement: z.string(), sshsig: z.string() }),
]);

export const approvalSchema = z.strictObject({
  schema: z.literal('cairn.approval/1'),
  report: hashHex,
  actor: hashHex,
  keyFingerprint: z.string(),
  signed: signedStatementSchema,
});
