/**
 * Packing a list of small files with two lanes: this thread and, when there is enough to do, one worker. Batches are
 * handed out as lanes become free. Which lane took a batch decides only the order of frames in the pack, never a name.
 */
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';
import { type FilePacking, type NamedFiles, statColumns } from '../../ports/workspace.ts';
import { packingCodec } from './packing-codec.ts';
import { Arena, frameBatch, type LaneBatch, type LaneFrame, type LaneNamed, readBatch } from './packing-lane.ts';
import type { FromWorker, ToWorker } from './packing-worker.ts';

const batchFiles = 512;
const batchBytes = 4 * 1024 * 1024;
/** Below this much work a worker's start costs more than it gives. */
const workerFiles = 1500;
const workerBytes = 16 * 1024 * 1024;

function planBatches(paths: readonly string[], sizes: ArrayLike<number>): LaneBatch[] {
  const batches: LaneBatch[] = [];
  let start = 0;
  let bytes = 0;
  for (let index = 0; index <= paths.length; index++) {
    const size = index < paths.length ? (sizes[index] as number) : 0;
    const full = index - start === batchFiles || bytes + size > batchBytes;
    if (index > start && (full || index === paths.length)) {
      batches.push({ start, paths: paths.slice(start, index), bytes });
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  return batches;
}

/** Collects what the lanes name, and asks the caller what is wanted. */
class Collected {
  readonly digests: Uint8Array;
  readonly sizes: Float64Array;
  readonly stats: Float64Array;
  readonly readAt: Float64Array;
  readonly failures: { index: number; error: unknown }[] = [];
  readonly #paths: readonly string[];
  readonly #packing: FilePacking;

  constructor(paths: readonly string[], packing: FilePacking) {
    this.#paths = paths;
    this.#packing = packing;
    this.digests = new Uint8Array(32 * paths.length);
    this.sizes = new Float64Array(paths.length);
    this.stats = new Float64Array(statColumns * paths.length);
    this.readAt = new Float64Array(paths.length);
  }

  /** Answers with a mask over the batch. */
  async named(batch: LaneBatch, named: LaneNamed): Promise<Uint8Array> {
    this.digests.set(named.digests, 32 * batch.start);
    this.sizes.set(named.sizes, batch.start);
    this.stats.set(named.stats, statColumns * batch.start);
    this.readAt.set(named.readAt, batch.start);
    const failed = new Set(named.failures.map((failure) => failure.index));
    for (const { index, code, message } of named.failures) {
      const path = this.#paths[index] as string;
      const error =
        code === 'UNSUPPORTED_FILE'
          ? new CodedError(code, `${path}: ${message}`, { data: { path } })
          : systemError('cannot read', { code, message }, path);
      this.failures.push({ index, error });
    }
    const good: number[] = [];
    for (let index = batch.start; index < batch.start + batch.paths.length; index++)
      if (!failed.has(index)) good.push(index);
    let digests = named.digests;
    if (failed.size > 0) {
      digests = new Uint8Array(32 * good.length);
      good.forEach((index, at) => {
        digests.set(this.digests.subarray(32 * index, 32 * index + 32), 32 * at);
      });
    }
    const answer = await this.#packing.wanted(Uint32Array.from(good), digests);
    const mask = new Uint8Array(batch.paths.length);
    good.forEach((index, at) => {
      mask[index - batch.start] = answer[at] as number;
    });
    this.#packing.progress?.(batch.paths.length, batch.bytes);
    return mask;
  }

  async frames(frames: readonly LaneFrame[]): Promise<void> {
    for (const frame of frames) await this.#packing.frame(frame);
  }
}

/** The worker lane: at most two batches in it, so that it never waits for the main thread's answer. */
class WorkerLane {
  readonly #worker: Worker;
  readonly #inbox: FromWorker[] = [];
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  busy = 0;

  constructor(root: string) {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    this.#worker = new Worker(new URL(`./packing-worker${extension}`, import.meta.url), { workerData: { root } });
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => {
      this.#inbox.push(message);
      this.#wake?.();
    });
    this.#worker.on('error', (error: Error) => {
      this.#failure = error;
      this.#wake?.();
    });
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** The next message; undefined when none is there and `wait` is false. */
  async next(wait: boolean): Promise<FromWorker | undefined> {
    if (this.#failure === undefined && this.#inbox.length === 0 && wait) {
      this.#worker.ref();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#worker.unref();
    }
    if (this.#failure !== undefined)
      throw new CodedError('INTERNAL', 'a packing thread failed', { cause: this.#failure });
    return this.#inbox.shift();
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

export async function packFiles(
  root: string,
  paths: readonly string[],
  sizes: ArrayLike<number>,
  packing: FilePacking,
): Promise<NamedFiles> {
  const batches = planBatches(paths, sizes);
  const collected = new Collected(paths, packing);
  const codec = packingCodec();
  const arena = new Arena();
  const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
  const useWorker = batches.length > 2 && (paths.length >= workerFiles || bytes >= workerBytes);
  const lane = useWorker ? new WorkerLane(root) : undefined;

  async function handle(message: FromWorker): Promise<void> {
    if (message.kind === 'named') {
      const wanted = await collected.named(message.batch, message.named);
      lane?.post({ kind: 'frame', start: message.batch.start, wanted });
    } else {
      if (lane !== undefined) lane.busy--;
      feed();
      await collected.frames(message.frames);
    }
  }
  let next = 0;
  function feed(): void {
    while (lane !== undefined && lane.busy < 2 && next < batches.length) {
      lane.post({ kind: 'read', batch: batches[next++] as LaneBatch });
      lane.busy++;
    }
  }

  try {
    feed();
    while (next < batches.length || (lane !== undefined && lane.busy > 0)) {
      const own = batches[next];
      if (own !== undefined) {
        next++;
        const held = readBatch(root, own, arena);
        const wanted = await collected.named(own, held.named);
        await collected.frames(frameBatch(held, wanted, codec));
        if (lane !== undefined) await setImmediate();
      }
      for (;;) {
        const message = await lane?.next(own === undefined);
        if (message === undefined) break;
        await handle(message);
        if (own === undefined) break;
      }
    }
  } finally {
    await lane?.stop();
  }
  return collected;
}
