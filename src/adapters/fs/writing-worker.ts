/** The thread that makes the files of a large checkout: it is given batches and answers with their stats, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, type ErrorData, isCodedError } from '../../core/errors.ts';
import { SafeWriter } from './materialise.ts';

export interface BatchToWrite {
  readonly paths: readonly string[];
  readonly executable: readonly boolean[];
  readonly sizes: Float64Array;
  /** Contents one after another. */
  readonly bytes: ArrayBuffer;
}

export type BatchWritten =
  | { readonly stats: Float64Array }
  | { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined; readonly data: ErrorData };

const { root } = workerData as { root: string };
/** Directories stay open as long as the checkout lasts. */
const writer = new SafeWriter(root);

function write({ paths, executable, sizes, bytes }: BatchToWrite): BatchWritten {
  let at = 0;
  const files = paths.map((path, index) => {
    const size = sizes[index] as number;
    const file = { path, executable: executable[index] === true, bytes: new Uint8Array(bytes, at, size) };
    at += size;
    return file;
  });
  try {
    return { stats: writer.writeFiles(files) };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const { code, message, hint, data } = error;
    return { code, message, hint, data };
  }
}

parentPort?.on('message', (batch: BatchToWrite) => {
  const written = write(batch);
  parentPort?.postMessage(written, 'stats' in written ? [written.stats.buffer as ArrayBuffer] : []);
});
