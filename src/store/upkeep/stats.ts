/**
 * `stats`: how much there is, how much room it takes, and what each way of saving room saves. The savings add up:
 *
 *   logical bytes   every output of every run as a file of its own
 *   - deduplication   the same bytes are stored once
 *   - compression     stored bytes are fewer than bytes
 *   + records         what tells where everything came from
 *   = stored bytes    packs and loose files
 *
 * Packing saves room besides: a small file takes whole blocks of the file system, an object in a pack does not.
 */
import type { StoreContext } from '../context.ts';

/** Block of nearly every file system. */
const blockSize = 4096;

export interface StoreStats {
  readonly runs: number;
  readonly artifacts: number;
  readonly events: number;
  readonly outputs: number;
  readonly blobs: { readonly count: number; readonly bytes: number };
  readonly records: { readonly count: number; readonly bytes: number };
  readonly packs: { readonly count: number; readonly bytes: number; readonly objects: number };
  readonly loose: { readonly count: number; readonly bytes: number };
  readonly logicalBytes: number;
  readonly storedBytes: number;
  readonly saved: {
    readonly deduplication: number;
    readonly compression: number;
    /** Unused ends of blocks that a file for each packed object would take. */
    readonly packing: number;
  };
}

export async function storeStats(context: Pick<StoreContext, 'manifest'>): Promise<StoreStats> {
  const { runs, artifacts, events, blobs, records, packs, loose, productions } = await context.manifest.stats();
  let packedObjects = 0;
  let blockEnds = 0;
  // Outputs count whether or not their bytes are still there, so the saving is counted over all blobs that were output.
  for await (const { size, location } of context.manifest.allObjects()) {
    if (location.kind !== 'packed') continue;
    packedObjects++;
    blockEnds += (blockSize - (size % blockSize)) % blockSize;
  }
  const storedBytes = packs.bytes + loose.storedBytes;
  return {
    runs,
    artifacts,
    events,
    outputs: productions.count,
    blobs,
    records,
    packs: { count: packs.count, bytes: packs.bytes, objects: packedObjects },
    loose: { count: loose.count, bytes: loose.storedBytes },
    logicalBytes: productions.bytes,
    storedBytes,
    saved: {
      deduplication: Math.max(0, productions.bytes - blobs.bytes),
      compression: Math.max(0, blobs.bytes + records.bytes - storedBytes),
      packing: packedObjects === 0 ? 0 : blockEnds,
    },
  };
}
