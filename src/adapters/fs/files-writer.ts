/**
 * Writing many small files while the caller reads and verifies the next ones: beyond some thousand files a worker thread
 * makes them, because making a file is most of the time of a checkout and nothing else need wait for it.
 */
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../core/errors.ts';
import type { FilesWriter, FileToWrite } from '../../ports/workspace.ts';
import { SafeWriter } from './materialise.ts';
import type { BatchToWrite, BatchWritten } from './writing-worker.ts';

/** Below this the start of a worker costs more than it gives. */
const workerFiles = 1500;

/** `root` is where the paths of files begin. */
export function openFilesWriter(root: string, expected: number): FilesWriter {
  return expected < workerFiles ? inlineWriter(root) : workerWriter(root);
}

function inlineWriter(root: string): FilesWriter {
  // Directories stay open for one call only: between calls the user may move them.
  return {
    async write(files) {
      const writer = new SafeWriter(root);
      try {
        return writer.writeFiles(files);
      } finally {
        writer.close();
      }
    },
    close: async () => undefined,
  };
}

interface Waiting {
  readonly resolve: (stats: Float64Array) => void;
  readonly reject: (error: unknown) => void;
}

function workerWriter(root: string): FilesWriter {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const worker = new Worker(new URL(`./writing-worker${extension}`, import.meta.url), { workerData: { root } });
  worker.unref();
  /** One entry a batch under way, in their order. */
  const waiting: Waiting[] = [];
  let failure: Error | undefined;
  worker.on('message', (answer: BatchWritten) => {
    const next = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if ('stats' in answer) next?.resolve(answer.stats);
    else next?.reject(new CodedError(answer.code, answer.message, { hint: answer.hint, data: answer.data }));
  });
  const fail = (cause: unknown): void => {
    failure ??= new CodedError('INTERNAL', 'the thread that writes files has ended', { cause });
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.on('error', fail);
  worker.on('exit', fail);
  return {
    write(files) {
      if (failure !== undefined) return Promise.reject(failure);
      const batch = toBatch(files);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(batch, [batch.bytes]);
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}

function toBatch(files: readonly FileToWrite[]): BatchToWrite {
  const sizes = Float64Array.from(files, ({ bytes }) => bytes.length);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const file of files) {
    bytes.set(file.bytes, at);
    at += file.bytes.length;
  }
  return {
    paths: files.map(({ path }) => path),
    executable: files.map(({ executable }) => executable),
    sizes,
    bytes: bytes.buffer,
  };
}
