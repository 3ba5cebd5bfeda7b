/**
 * The `--json` documents, one schema a command: what scripts may rely on. `cairn schema cli.<command>` prints them, and
 * the command tests hold real output against them.
 */
import * as z from 'zod/mini';
import { auditDocuments } from './audit-documents.ts';
import { candidateDocuments, candidateMarks, reportShape, shownCandidateShape } from './candidate-documents.ts';
import { diffDocument } from './diff-document.ts';
import {
  artifact,
  artifactDocument,
  artifactWith,
  count,
  document,
  event,
  eventDocument,
  id,
  jsonObject,
  nullableText,
  page,
  paths,
  run,
  runDocument,
  texts,
  timestamp,
  treeFile,
} from './document-parts.ts';
import { identityDocuments } from './identity-documents.ts';
import { peopleDocuments } from './people-documents.ts';
import { publishDocuments } from './publish-documents.ts';
import { runContext, runDocuments } from './run-documents.ts';
import { upkeepDocuments } from './upkeep-documents.ts';

const refTarget = z.strictObject({
  name: z.string(),
  ref: z.string(),
  target: id,
  message: nullableText,
  createdAt: timestamp,
});
const refChange = { name: z.string(), ref: z.string(), from: z.nullable(id), to: z.nullable(id) };
const statusChange = {
  artifact,
  by: z.nullable(artifact),
  reason: nullableText,
  /** What rests on the artifact. */
  dependents: z.strictObject({
    runs: z.array(id),
    refs: z.array(z.string()),
    candidates: z.array(id),
    atRisk: z.array(id),
  }),
};
const setting = { key: z.string(), value: nullableText, from: z.nullable(z.enum(['workspace', 'store'])) };

export const documents = {
  ...auditDocuments,
  ...candidateDocuments,
  ...identityDocuments,
  ...upkeepDocuments,
  ...peopleDocuments,
  ...runDocuments,
  ...publishDocuments,
  add: document('add', {
    files: count,
    bytes: count,
    objects: z.strictObject({ new: count, existing: count }),
    bytesStored: count,
    /** Files that were not read, because their stat says that they are unchanged. */
    cached: count,
    /** Number of paths that differ from the current run. */
    staged: count,
    removed: paths,
    skippedLinks: paths,
  }),
  branch: z.union([
    document('branch', { current: nullableText, branches: z.array(refTarget) }),
    document('branch', refChange),
  ]),
  checkout: document('checkout', {
    run: z.nullable(id),
    to: z.string(),
    written: count,
    bytes: count,
    unchanged: count,
    removed: count,
  }),
  commit: document('commit', {
    runInstanceId: id,
    runKey: id,
    ref: nullableText,
    parents: z.array(id),
    outputs: id,
    tree: id,
    /** The branch had moved meanwhile, and the run was put on its new tip. */
    rebased: z.boolean(),
    removed: paths,
    /** Left out with --quiet. */
    artifacts: z.optional(
      z.array(
        z.strictObject({
          artifactId: id,
          path: z.string(),
          sha256: id,
          size: count,
          type: z.string(),
          logicalKey: z.string(),
        }),
      ),
    ),
  }),
  completion: document('completion', { shell: z.string(), script: z.string() }),
  'config.get': document('config.get', setting),
  'config.set': document('config.set', setting),
  'config.list': document('config.list', { settings: z.array(z.strictObject({ ...setting, meaning: z.string() })) }),
  diff: diffDocument,
  error: document('error', {
    error: z.strictObject({ code: z.string(), message: z.string(), hint: nullableText, data: jsonObject }),
  }),
  events: document('events', { events: z.array(event), ...page }),
  init: document('init', {
    created: z.boolean(),
    directory: z.string(),
    store: z.string(),
    storeId: z.string(),
    actor: z.strictObject({ name: z.string(), mail: z.string() }),
    /** The first admin's key; null when none was made. */
    key: z.nullable(z.strictObject({ fingerprint: z.string(), path: z.string(), encrypted: z.boolean() })),
  }),
  lineage: document('lineage', {
    root: id,
    kind: z.enum(['run', 'artifact']),
    direction: z.enum(['up', 'down']),
    roots: z.array(id),
    artifacts: z.array(artifactWith({ depth: count })),
    edges: z.array(z.strictObject({ child: id, parent: id, relation: z.string(), run: id })),
  }),
  log: document('log', { runs: z.array(run), ...page }),
  ls: document('ls', { artifacts: z.array(artifactWith({ path: nullableText, executable: z.boolean() })), ...page }),
  query: document('query', {
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    /** One array a row, in the order of the columns. */
    rows: z.array(z.array(z.json())),
    /** The answer has more rows than --limit. */
    more: z.boolean(),
  }),
  reflog: document('reflog', {
    entries: z.array(
      z.strictObject({
        ref: z.string(),
        from: z.nullable(id),
        to: z.nullable(id),
        message: nullableText,
        timestamp,
        actor: id,
        /** Number of the event in the log. */
        event: count,
      }),
    ),
    ...page,
  }),
  restore: document('restore', statusChange),
  rm: document('rm', { unstaged: paths }),
  schema: z.union([
    document('schema', { schemas: z.array(z.strictObject({ name: z.string(), about: z.string() })) }),
    document('schema', { name: z.string(), jsonSchema: jsonObject }),
  ]),
  show: z.union([
    runDocument('show', {
      kind: z.literal('run'),
      tree: id,
      outputs: z.array(treeFile),
      moreOutputs: z.boolean(),
      inputs: z.array(
        z.strictObject({
          artifact: id,
          relation: z.string(),
          path: z.optional(z.string()),
          run: z.optional(id),
          logicalKey: nullableText,
          status: nullableText,
        }),
      ),
      held: z.boolean(),
      candidates: candidateMarks,
      /** What it ran on; null for a run that recorded nothing of it. */
      context: runContext,
      record: jsonObject,
    }),
    artifactDocument('show', {
      kind: z.literal('artifact'),
      path: nullableText,
      stored: nullableText,
      held: z.boolean(),
      producedBy: z.array(z.strictObject({ runInstanceId: id, path: z.string() })),
      usedBy: z.array(id),
      candidates: candidateMarks,
    }),
    document('show', {
      kind: z.literal('object'),
      sha256: id,
      size: count,
      stored: z.string(),
      artifacts: z.array(artifact),
    }),
    document('show', {
      kind: z.literal('directory'),
      tree: id,
      run: z.nullable(id),
      path: z.string(),
      files: z.array(treeFile),
      more: z.boolean(),
    }),
    document('show', shownCandidateShape),
    document('show', { kind: z.literal('report'), ...reportShape }),
    eventDocument('show', { kind: z.literal('event') }),
    document('show', { kind: z.literal('record'), id, record: z.json() }),
  ]),
  status: document('status', {
    ref: z.string(),
    run: z.nullable(id),
    /** An input of that run was superseded or tombstoned after it. */
    stale: z.boolean(),
    clean: z.boolean(),
    staged: paths,
    /** Staged paths that the next run will remove. */
    removed: paths,
    modified: paths,
    missing: paths,
    untracked: paths,
    problems: z.array(z.strictObject({ path: z.string(), reason: z.string(), code: z.string() })),
    cached: count,
    read: count,
  }),
  supersede: document('supersede', statusChange),
  switch: document('switch', {
    ref: z.string(),
    run: z.nullable(id),
    written: count,
    unchanged: count,
    removed: count,
  }),
  tag: z.union([
    document('tag', { tags: z.array(refTarget) }),
    document('tag', refChange),
    document('tag', { artifact: z.extend(artifact, { tags: texts }) }),
  ]),
  tombstone: document('tombstone', statusChange),
} as const;
