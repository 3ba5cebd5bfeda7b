/**
 * The second lane of packing, in a worker thread. It is given batches, answers with their names, keeps their bytes until
 * it hears which files are wanted, and answers with frames.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { packingCodec } from './packing-codec.ts';
import {
  Arena,
  frameBatch,
  type LaneBatch,
  type LaneFrame,
  type LaneHeld,
  type LaneNamed,
  readBatch,
} from './packing-lane.ts';

export type ToWorker =
  | { readonly kind: 'read'; readonly batch: LaneBatch }
  | { readonly kind: 'frame'; readonly start: number; readonly wanted: Uint8Array };
export type FromWorker =
  | { readonly kind: 'named'; readonly batch: LaneBatch; readonly named: LaneNamed }
  | { readonly kind: 'frames'; readonly start: number; readonly frames: readonly LaneFrame[] };

const held = new Map<number, LaneHeld>();
const spare: Arena[] = [];
const { root } = workerData as { root: string };
const codec = packingCodec();

parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'read') {
    const lane = readBatch(root, message.batch, spare.pop() ?? new Arena());
    held.set(message.batch.start, lane);
    parentPort?.postMessage({ kind: 'named', batch: message.batch, named: lane.named } satisfies FromWorker);
    return;
  }
  const lane = held.get(message.start);
  held.delete(message.start);
  const frames = lane === undefined ? [] : frameBatch(lane, message.wanted, codec);
  if (lane !== undefined) spare.push(lane.arena);
  parentPort?.postMessage(
    { kind: 'frames', start: message.start, frames } satisfies FromWorker,
    frames.map((frame) => frame.bytes.buffer as ArrayBuffer),
  );
});
