/** The `--json` document of `diff`. */
import * as z from 'zod/mini';
import { count, document, id, jsonObject, nullableText, valueChanges } from './document-parts.ts';

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
const hunk = z.strictObject({
  oldStart: count,
  oldLines: count,
  newStart: count,
  newLines: count,
  lines: z.array(z.strictObject({ kind: z.enum([' ', '-', '+']), text: z.string() })),
});

const columnSchemas = z.array(z.strictObject({ name: z.string(), type: z.string() }));
const rows = z.array(jsonObject);
const table = z.nullable(
  z.union([
    z.strictObject({
      /** null: whole rows were compared. */
      key: z.nullable(z.array(z.string())),
      equal: z.boolean(),
      columns: z.strictObject({
        added: columnSchemas,
        removed: columnSchemas,
        changed: z.array(
          z.strictObject({ name: z.string(), before: z.string(), after: z.string(), compared: z.boolean() }),
        ),
      }),
      rows: z.strictObject({ before: count, after: count, added: count, removed: count, changed: count }),
      /** Of after - before, over rows in which the column differs. */
      deltas: z.array(
        z.strictObject({
          column: z.string(),
          changed: count,
          maxAbs: z.number(),
          meanAbs: z.number(),
          mean: z.number(),
        }),
      ),
      /** Up to --sample rows of each kind. */
      added: rows,
      removed: rows,
      changed: z.array(z.strictObject({ key: jsonObject, before: jsonObject, after: jsonObject })),
    }),
    z.strictObject({ unreadable: z.string() }),
  ]),
);

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
      table,
    }),
  ),
});
