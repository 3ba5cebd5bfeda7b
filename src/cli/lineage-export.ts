/** Lineage in the formats of other tools, as lines. Loaded only when one of them is asked for. */
import { toOpenLineage } from '../core/lineage-export/openlineage.ts';
import { toProvJson } from '../core/lineage-export/prov.ts';
import { toRoCrate } from '../core/lineage-export/ro-crate.ts';
import { lineageDocument } from '../store/lineage/export.ts';
import type { LineageOptions } from '../store/lineage/lineage.ts';
import type { RevisionContext } from '../store/runs/revision.ts';

export type ExportFormat = 'openlineage' | 'prov' | 'ro-crate';

export async function exportLines(
  context: RevisionContext,
  rev: string,
  format: ExportFormat,
  options: LineageOptions,
): Promise<() => readonly string[]> {
  const document = await lineageDocument(context, rev, options);
  return () => {
    if (format === 'openlineage') return toOpenLineage(document).map((event) => JSON.stringify(event));
    return [JSON.stringify(format === 'prov' ? toProvJson(document) : toRoCrate(document), null, 2)];
  };
}
