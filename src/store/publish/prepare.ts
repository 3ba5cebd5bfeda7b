/**
 * Requests made ready to be decided on: everything about them that does not change with the store. Their files are hashed,
 * tables identified, inputs looked up, identities made. A request that fails does so alone.
 */
import type { ArtifactId } from '../../core/ids.ts';
import { artifactText } from '../../core/records/artifact.ts';
import type { Prepared } from './decide.ts';
import { type HashedFile, hashFiles } from './hash-files.ts';
import { identifyTables, type TableContent, type TableToIdentify } from './identify-tables.ts';
import { InputLookup } from './inputs.ts';
import { identityOf, type Meaning } from './record-publication.ts';
import type { PublishContext, PublishRequest, PublishSettings } from './request.ts';
import { screenRequest } from './screen-request.ts';
import { TablePlans } from './table-rules.ts';

/** A request that is ready to be decided on, with what its records will need. */
export interface Ready extends Prepared {
  readonly meaning: Meaning;
  readonly contentBytes: Uint8Array | undefined;
  readonly specBytes: Uint8Array | undefined;
}

export type Failures = Map<number, unknown>;

/** Everything about the requests that does not change with the store: their files, tables, inputs, identities. */
export async function prepare(
  context: PublishContext,
  settings: PublishSettings,
  requests: readonly PublishRequest[],
  failures: Failures,
): Promise<Ready[]> {
  const lookup = new InputLookup(context, settings.toPath);
  const meanings = new Map<number, Meaning>();
  for (const [index, request] of requests.entries()) {
    try {
      screenRequest(context, request);
      meanings.set(index, identityOf(context, settings, request, await lookup.of(request.inputs)));
    } catch (error) {
      failures.set(index, error);
    }
  }
  const wanted = [...meanings.keys()];
  const files = await hashFiles(
    context,
    wanted.map((index) => requests[index] as PublishRequest),
  );
  const hashed = new Map<number, HashedFile>();
  wanted.forEach((index, row) => {
    const file = files[row] as (typeof files)[number];
    if ('error' in file) failures.set(index, file.error);
    else hashed.set(index, file);
  });
  const owns = new Map<number, ArtifactId>();
  for (const [index, { blob, size }] of hashed) {
    const { type, schemaVersion, logicalKey } = requests[index] as PublishRequest;
    owns.set(index, context.codec.sha256Hex(artifactText(type, schemaVersion, logicalKey, blob, size)) as ArtifactId);
  }
  const tables = await tablesOf(context, settings, requests, hashed, owns, failures);
  return [...hashed].flatMap(([index, file]): Ready[] => {
    if (failures.has(index)) return [];
    const table = tables.get(index);
    const content = table?.content !== undefined && 'content' in table.content ? table.content : undefined;
    const meaning = meanings.get(index) as Meaning;
    return [
      {
        index,
        request: requests[index] as PublishRequest,
        hashed: file,
        own: owns.get(index) as ArtifactId,
        content: content?.content,
        notes: table?.content !== undefined && 'note' in table.content ? [table.content.note] : [],
        publicationOf: (artifact) => meaning.publicationOf(artifact, file.blob),
        meaning,
        contentBytes: content?.bytes,
        specBytes: content === undefined ? undefined : table?.file.plan.specBytes,
      },
    ];
  });
}

async function tablesOf(
  context: PublishContext,
  settings: PublishSettings,
  requests: readonly PublishRequest[],
  hashed: ReadonlyMap<number, HashedFile>,
  owns: ReadonlyMap<number, ArtifactId>,
  failures: Failures,
): Promise<Map<number, { readonly file: TableToIdentify; readonly content: TableContent }>> {
  const plans = new TablePlans(context, settings);
  const found: { index: number; file: Omit<TableToIdentify, 'known'> }[] = [];
  for (const [index, file] of hashed) {
    const request = requests[index] as PublishRequest;
    try {
      const plan = await plans.of(request);
      if (plan !== undefined) found.push({ index, file: { request, hashed: file, plan } });
    } catch (error) {
      failures.set(index, error);
    }
  }
  if (found.length === 0) return new Map();
  const known = await context.manifest.artifacts(found.map(({ index }) => owns.get(index) as ArtifactId));
  const tables = found.map(({ file }, row): TableToIdentify => ({ ...file, known: known[row] }));
  const contents = await identifyTables(context, tables);
  return new Map(
    found.flatMap(({ index }, row) => {
      const content = contents[row] as TableContent;
      if ('error' in content) failures.set(index, content.error);
      return [[index, { file: tables[row] as TableToIdentify, content }] as const];
    }),
  );
}
