/** Parts that several `--json` documents share. */
import * as z from 'zod/mini';

export const id = z.string().check(z.regex(/^[0-9a-f]{64}$/));
export const nullableText = z.nullable(z.string());
export const count = z.int().check(z.gte(0));
export const timestamp = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/));
export const jsonObject = z.record(z.string(), z.json());
export const texts = z.record(z.string(), z.string());
export const paths = z.array(z.string());
/** null where one side has no such value. */
export const valueChanges = z.array(z.strictObject({ name: z.string(), before: z.json(), after: z.json() }));

/** A document: its name is part of it. */
export function document<Shape extends z.core.$ZodLooseShape>(name: string, shape: Shape) {
  return z.strictObject({ schema: z.literal(`cairn.cli.${name}/1`), ...shape });
}

/** What a list says about the rest of it. */
export const page = { more: z.boolean(), cursor: nullableText };

const runShape = {
  runInstanceId: id,
  runKey: id,
  parents: z.array(id),
  message: nullableText,
  author: z.string(),
  createdAt: timestamp,
  /** Number of outputs. */
  artifacts: count,
  status: z.enum(['succeeded', 'failed']),
  retired: z.boolean(),
  /** An input was superseded or tombstoned after the run. */
  stale: z.boolean(),
  refs: z.array(z.string()),
  engineVersion: z.string(),
  configVersion: z.string(),
  configHash: id,
  datasetIdV2: nullableText,
  gitCommit: nullableText,
  gitDirty: z.nullable(z.boolean()),
  params: jsonObject,
  metrics: z.record(z.string(), z.number()),
  tags: texts,
};
export const run = z.strictObject(runShape);

/** Table content, where a run recorded it. */
const tableContent = z.nullable(
  z.strictObject({ sha256: id, spec: id, rows: count, minTs: nullableText, maxTs: nullableText }),
);

const artifactShape = {
  artifactId: id,
  type: z.string(),
  schemaVersion: z.int(),
  logicalKey: z.string(),
  sha256: id,
  size: count,
  status: z.enum(['active', 'superseded', 'tombstoned']),
  supersededBy: z.nullable(id),
  reason: nullableText,
  /** Its bytes were erased or let go. */
  absent: z.boolean(),
  createdAt: z.nullable(timestamp),
  content: tableContent,
  tags: texts,
};
export const artifact = z.strictObject(artifactShape);
export const artifactWith = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject({ ...artifactShape, ...shape });
export const runDocument = <Shape extends z.core.$ZodLooseShape>(name: string, shape: Shape) =>
  document(name, { ...runShape, ...shape });
export const artifactDocument = <Shape extends z.core.$ZodLooseShape>(name: string, shape: Shape) =>
  document(name, { ...artifactShape, ...shape });

const eventShape = {
  eventId: id,
  seq: count,
  timestamp,
  clock: z.enum(['wall', 'fixed']),
  action: z.string(),
  actor: z.strictObject({ id, name: nullableText }),
  subject: z.strictObject({ kind: z.string(), id: z.string() }),
  message: nullableText,
  values: z.nullable(jsonObject),
  payloadErased: z.boolean(),
};
export const event = z.strictObject(eventShape);
export const eventDocument = <Shape extends z.core.$ZodLooseShape>(name: string, shape: Shape) =>
  document(name, { ...eventShape, ...shape });

/** A file, link or empty directory of a run. */
export const treeFile = z.union([
  artifactWith({ path: z.string(), executable: z.boolean() }),
  z.strictObject({ path: z.string(), link: z.string() }),
  z.strictObject({ path: z.string(), directory: z.literal(true) }),
]);
