/**
 * Bytes through one of zlib's transform streams, with backpressure in both directions and the rule of `chunksInFlight`.
 *
 * Invariants: a chunk is asked of the source only when the one before it has been taken over whole, so a source may
 * reuse its memory; at most the transform's own buffer of output is held; an error of the source is passed on as it is,
 * and the transform's memory is freed on every way out.
 */
import type { Transform } from 'node:stream';
import { CodedError } from '../../core/errors.ts';
import { damagedFrame, walkFrame } from './zstd-frame.ts';

/**
 * Writes chunks one after another; each call resolves when the transform has taken the chunk over whole, or is closed: a
 * transform that is destroyed while it holds a chunk back never calls the write's own callback.
 */
function chunkWriter(transform: Transform): (chunk: Uint8Array) => Promise<void> {
  let abandon: (() => void) | undefined;
  transform.once('close', () => abandon?.());
  return (chunk) =>
    new Promise((resolve, reject) => {
      abandon = resolve;
      transform.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
}

/** Feeds `source` to the transform and gives what comes out. `check` sees every chunk before the transform does. */
async function* through(
  transform: Transform,
  source: AsyncIterable<Uint8Array>,
  check: (chunk: Uint8Array) => void,
  end: () => void,
): AsyncGenerator<Uint8Array> {
  let failure: { readonly error: unknown } | undefined;
  const write = chunkWriter(transform);
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of source) {
        if (transform.destroyed) return;
        if (chunk.length === 0) continue;
        check(chunk);
        await write(chunk);
      }
      if (transform.destroyed) return;
      end();
      transform.end();
    } catch (error) {
      // Destroying ends the loop below, which then throws what is kept here: the first thing that went wrong.
      failure ??= { error };
      transform.destroy();
    }
  };
  const feeding = feed();
  try {
    for await (const chunk of transform) yield chunk;
  } catch (error) {
    failure ??= { error };
  } finally {
    transform.destroy();
    await feeding;
  }
  if (failure !== undefined) throw failure.error;
}

/** One frame whose header says `size`; fails when the source is shorter or longer. */
export async function* compressStream(
  transform: Transform,
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let taken = 0;
  const mismatch = (): CodedError =>
    new CodedError('IO', `the source did not give the ${size} bytes that were announced`, {
      hint: 'The file may have changed while it was read: run the command again.',
    });
  yield* through(
    transform,
    source,
    (chunk) => {
      taken += chunk.length;
      if (taken > size) throw mismatch();
    },
    () => {
      if (taken !== size) throw mismatch();
    },
  );
}

/** The content of one frame. `decodingError` turns the transform's errors into what they mean. */
export async function* decompressStream(
  transform: Transform,
  source: AsyncIterable<Uint8Array>,
  size: number,
  decodingError: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  const walk = walkFrame(size);
  let given = 0;
  // The source's errors must not be taken for the decoder's.
  let outside: { readonly error: unknown } | undefined;
  const guarded = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      outside = { error };
      throw error;
    }
  };
  try {
    for await (const chunk of through(transform, guarded(), walk.push, walk.end)) {
      given += chunk.length;
      if (given > size) throw damagedFrame(`it gives more than ${size} bytes`);
      yield chunk;
    }
  } catch (error) {
    // Both may fail at once; what is thrown is the first.
    throw outside?.error === error ? error : decodingError(error);
  }
  if (given !== size) throw damagedFrame(`it gives ${given} bytes instead of ${size}`);
}
