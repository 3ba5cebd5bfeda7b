/** Artifacts as people and programs see them. */
import { shortId } from '../core/ids.ts';
import type { ArtifactEntry } from '../store/runs/list-artifacts.ts';
import type { Fields, Output } from './output.ts';

function contentFields({ content }: ArtifactEntry): Fields | null {
  if (content === undefined) return null;
  const { sha256, spec, rows, minTs, maxTs } = content;
  return { sha256, spec, rows, minTs: minTs ?? null, maxTs: maxTs ?? null };
}

export function artifactFields(entry: ArtifactEntry): Fields {
  return {
    artifactId: entry.id,
    type: entry.type,
    schemaVersion: entry.schemaVersion,
    logicalKey: entry.logicalKey,
    sha256: entry.blob,
    size: entry.size,
    status: entry.status,
    supersededBy: entry.supersededBy ?? null,
    reason: entry.reason ?? null,
    absent: entry.absent,
    createdAt: entry.createdAt ?? null,
    content: contentFields(entry),
    tags: entry.tags,
  };
}

/** What a person must know of its status: nothing for an active artifact whose bytes are there. */
export function statusText(entry: ArtifactEntry, out: Output): string {
  if (entry.status === 'tombstoned') return out.style('red', entry.absent ? 'withdrawn, bytes erased' : 'withdrawn');
  const gone = entry.absent ? out.style('red', 'bytes let go') : '';
  if (entry.status !== 'superseded') return gone;
  const by = entry.supersededBy === undefined ? '' : ` by ${shortId(entry.supersededBy)}`;
  return [out.style('yellow', `superseded${by}`), gone].filter((text) => text !== '').join(', ');
}
