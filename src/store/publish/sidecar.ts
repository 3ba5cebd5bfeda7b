/**
 * cairn.sidecar/1: an artifact and how it came to be as one JSON document beside a file, for people and programs that have
 * no store. It is a copy for reading: nothing reads it back.
 */

import { utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId, RunId } from '../../core/ids.ts';
import { parseRunRecord } from '../../core/records/parse-record.ts';
import type { FileToWrite } from '../../ports/workspace.ts';
import type { StoreContext, WorkspaceContext } from '../context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { readRecord } from '../objects/object-reader.ts';
import { runEntry } from '../runs/head.ts';
import { resolveRevision } from '../runs/revision.ts';
import { leavesOf } from '../workspace/checkout.ts';

type Sidecar = { readonly [name: string]: unknown };

/** `run` is the run that produced it; the newest one when left out. */
export async function sidecarOf(
  context: Pick<StoreContext, 'manifest' | 'backend' | 'codec' | 'storeId'>,
  artifact: ArtifactId,
  run?: RunId,
): Promise<Sidecar> {
  const entry = await artifactEntry(context, artifact);
  const producer = run ?? (await context.manifest.productions(artifact, 1))[0]?.run;
  if (producer === undefined) {
    throw new CodedError('REV_NOT_FOUND', `no run produced artifact ${artifact}`, { data: { artifact } });
  }
  const record = parseRunRecord(await readRecord(context, producer));
  const { message } = await runEntry(context, producer);
  const { identity, inputs, code, writer } = record;
  return {
    schema: 'cairn.sidecar/1',
    storeId: context.storeId,
    artifact: {
      artifactId: entry.id,
      artifactType: entry.type,
      schemaVersion: entry.schemaVersion,
      logicalKey: entry.logicalKey,
      fileHash: entry.blob,
      size: entry.size,
      tags: entry.tags,
    },
    content:
      entry.content === undefined
        ? null
        : {
            contentHash: entry.content.sha256,
            tableSpec: entry.content.spec,
            rowCount: entry.content.rows,
            minTs: entry.content.minTs ?? null,
            maxTs: entry.content.maxTs ?? null,
          },
    run: {
      runInstanceId: producer,
      runKey: record.runKey,
      message: message ?? null,
      author: record.author,
      createdAt: record.createdAt,
      identity,
      inputs,
      code,
      writer,
      metrics: record.metrics,
    },
  };
}

/** As a file holds it. */
export function sidecarText(sidecar: Sidecar): string {
  return `${JSON.stringify(sidecar, null, 2)}\n`;
}

export function sidecarPath(file: string): string {
  return `${file}.cairn.json`;
}

/** Sidecars written at once. */
const batchSize = 256;

/** Writes one beside each file that a checkout brings; how many. Links have none. */
export async function writeSidecars(
  workspace: WorkspaceContext,
  rev: string,
  options: { readonly paths?: readonly string[] | undefined; readonly to?: string | undefined },
): Promise<number> {
  const leaves = await leavesOf(workspace, await resolveRevision(workspace, rev), rev, options.paths);
  const files = options.to === undefined ? workspace.files : workspace.filesAt(options.to);
  const named = [...leaves].flatMap(([path, leaf]) =>
    leaf.kind === 'file' ? [{ path, artifact: leaf.artifact }] : [],
  );
  const writer = files.writer(named.length);
  try {
    for (let at = 0; at < named.length; at += batchSize) {
      const batch: FileToWrite[] = [];
      for (const { path, artifact } of named.slice(at, at + batchSize)) {
        const bytes = utf8(sidecarText(await sidecarOf(workspace, artifact)));
        batch.push({ path: sidecarPath(path), bytes, executable: false });
      }
      await writer.write(batch);
    }
  } finally {
    await writer.close();
  }
  return named.length;
}
