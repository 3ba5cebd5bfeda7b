/** The `--json` document of `diff`. */
import * as z from 'zod/mini';
import { count, document, id, nullableText } from './document-parts.ts';

const diffSide = z.strictObject({
  name: z.string(),
  kind: z.enum(['run', 'tree', 'artifact', 'blob', 'workspace']),
  id: nullableText,
});
const fileSide = z.nullable(
  z.union([
    z.strictObject({ artifactId: z.nullable(id), sha256: id, size: count, executable: z.boolean() }),
    z.strictObject({ link: z.string() }),
    z.strictObject({ directory: z.literal(true) }),
  ]),
);
const valueChanges = z.array(z.strictObject({ name: z.string(), before: z.json(), after: z.json() }));
const hunk = z.strictObject({
  oldStart: count,
  oldLines: count,
  newStart: count,
  newLines: count,
  lines: z.array(z.strictObject({ kind: z.enum([' ', '-', '+']), text: z.string() })),
});

export const diffDocument = document('diff', {
  before: diffSide,
  after: diffSide,
  differs: z.boolean(),
  run: z.nullable(
    z.strictObject({
      params: valueChanges,
      pins: valueChanges,
      metrics: valueChanges,
      tags: valueChanges,
      code: valueChanges,
      environment: valueChanges,
    }),
  ),
  files: z.array(
    z.strictObject({
      path: z.string(),
      change: z.enum(['added', 'removed', 'changed', 'described', 'mode']),
      before: fileSide,
      after: fileSide,
      noText: z.nullable(z.enum(['binary', 'large', 'withdrawn'])),
      text: z.nullable(z.strictObject({ added: count, removed: count, hunks: z.array(hunk) })),
    }),
  ),
});
