/** The table content of a batch's files: known ones are not read again, small ones are read together. */
import { isCodedError } from '../../core/errors.ts';
import type { ContentId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import { type ContentRecord, contentBytes, tableAlgorithm } from '../../core/records/content.ts';
import type { ArtifactEntry, NamedContentRecord } from '../../ports/manifest.ts';
import type { TableFile, TableIdentity } from '../../ports/tables.ts';
import { changedFile, type HashedFile, isSameFile, readFailure } from './hash-files.ts';
import type { PublishContext, PublishRequest } from './request.ts';
import type { TablePlan } from './table-rules.ts';

export interface TableToIdentify {
  readonly request: PublishRequest;
  readonly hashed: HashedFile;
  readonly plan: TablePlan;
  /** The artifact of these bytes, where the store has it. */
  readonly known: ArtifactEntry | undefined;
}

export type TableContent =
  | { readonly content: NamedContentRecord; readonly bytes: Uint8Array }
  /** No table after all, and no rule said that it is one. */
  | { readonly note: string }
  | { readonly error: unknown };

type Answer = { readonly identity: TableIdentity } | { readonly error: unknown };

function recorded(
  { hashed, plan }: TableToIdentify,
  { sha256, rows, minTs, maxTs }: Pick<TableIdentity, 'sha256' | 'rows' | 'minTs' | 'maxTs'>,
  hash: (bytes: Uint8Array) => string,
): TableContent {
  const record: ContentRecord = {
    schema: 'cairn.content/1',
    blob: hashed.blob,
    spec: plan.specId,
    algorithm: tableAlgorithm,
    sha256,
    rows,
    ...(minTs === undefined ? {} : { minTs }),
    ...(maxTs === undefined ? {} : { maxTs }),
  };
  const bytes = contentBytes(record);
  return { content: { id: hash(bytes) as ContentId, record }, bytes };
}

async function identify(context: PublishContext, files: readonly TableToIdentify[]): Promise<Answer[]> {
  const tableOf = ({ request, plan }: TableToIdentify): TableFile => ({
    path: request.path,
    format: plan.format,
    name: request.name,
  });
  const answers = new Map<TableToIdentify, Answer>();
  const small = files.filter(({ hashed }) => hashed.size < packedObjectLimit);
  if (small.length > 0) {
    const many = await context.tables.identifyMany(
      small.map((file) => ({ file: tableOf(file), spec: file.plan.spec })),
    );
    small.forEach((file, index) => {
      answers.set(file, many[index] as Answer);
    });
  }
  for (const file of files) {
    if (answers.has(file)) continue;
    try {
      answers.set(file, { identity: await context.tables.identify(tableOf(file), file.plan.spec) });
    } catch (error) {
      answers.set(file, { error });
    }
  }
  return files.map((file) => answers.get(file) as Answer);
}

/** In order. What changed between its hash and here is an error: content and bytes would not belong together. */
export async function identifyTables(
  context: PublishContext,
  files: readonly TableToIdentify[],
): Promise<TableContent[]> {
  const { codec, everywhere } = context;
  const hash = (bytes: Uint8Array): string => codec.sha256Hex(bytes);
  const isKnown = ({ known, plan }: TableToIdentify): boolean => known?.content?.spec === plan.specId;
  const unread = files.filter((file) => !isKnown(file));
  const read = await identify(context, unread);
  const now = await everywhere.stat(unread.map(({ request }) => request.path));
  const answers = new Map<TableToIdentify, TableContent>();
  unread.forEach((file, index) => {
    const answer = read[index] as Answer;
    if (!isSameFile(file.hashed, now[index])) {
      answers.set(file, { error: changedFile(file.request, now[index]) });
    } else if ('identity' in answer) answers.set(file, recorded(file, answer.identity, hash));
    else if (isCodedError(answer.error, 'TABLE_INVALID') && !file.plan.ruled)
      answers.set(file, { note: `published as bytes, not as a table: ${answer.error.message}` });
    else answers.set(file, { error: readFailure(file.request, answer.error) });
  });
  return files.map((file) => {
    const content = isKnown(file) ? file.known?.content : undefined;
    return content === undefined ? (answers.get(file) as TableContent) : recorded(file, content, hash);
  });
}
