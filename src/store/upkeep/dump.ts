/**
 * `reindex --dump`: every named table and view as canonical JSON, one row a line, without what is only storage. Two dumps
 * that are equal say that a rebuilt manifest is the one it was built again from.
 *
 * `objects` is limited to what the log names, so that garbage which is still on the disk makes no difference.
 */
import { canonicalize } from '../../core/canonical-json.ts';
import { findReachable } from './reachable.ts';
import type { RecordContext } from './record-batches.ts';

/** Lines without their line feeds, in the order of names, then rows. Throws GC_INCOMPLETE when a record cannot be read. */
export async function* dumpManifest(context: RecordContext): AsyncGenerator<string> {
  const named = await findReachable(context, { withRetiredBlobs: true, withStaged: false });
  for await (const { name, row } of context.manifest.dump(named)) yield canonicalize({ name, row });
}
