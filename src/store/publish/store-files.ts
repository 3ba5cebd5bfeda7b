/** Storing the bytes of files that were hashed before and are not known: what is stored is what was named, or an error. */
import { toHex, writeHex } from '../../core/bytes.ts';
import { isCodedError } from '../../core/errors.ts';
import type { BlobId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import type { WriteSession } from '../objects/write-session.ts';
import { changedFile, type HashedFile, readFailure } from './hash-files.ts';
import type { PublishContext, PublishRequest } from './request.ts';

export interface FileToStore {
  readonly request: PublishRequest;
  readonly hashed: HashedFile;
}

async function storeLarge(
  { everywhere }: PublishContext,
  session: WriteSession,
  { request, hashed }: FileToStore,
): Promise<void> {
  const file = await everywhere.open(request.path);
  try {
    const { id } = await session.large(file);
    if (id !== hashed.blob) throw changedFile(request, 'there');
  } catch (error) {
    throw isCodedError(error, 'IO') && error.data['changed'] === true ? changedFile(request, 'there') : error;
  } finally {
    await file.close();
  }
}

/** The failure of a file that has nothing wrong itself: another one, whose bytes it shared, could not be stored. */
export const tryAgain = Symbol('try again');

/** Answers with what failed. A blob that the store has is only freshened; of several files with the same bytes one is stored. */
export async function storeFiles(
  context: PublishContext,
  session: WriteSession,
  files: readonly FileToStore[],
): Promise<Map<PublishRequest, unknown>> {
  const failures = new Map<PublishRequest, unknown>();
  const failedBlobs = new Set<BlobId>();
  const fail = ({ request, hashed }: FileToStore, error: unknown): void => {
    failures.set(request, error);
    failedBlobs.add(hashed.blob);
  };
  const large = files.filter(({ hashed }) => hashed.size >= packedObjectLimit);
  const small = files.filter(({ hashed }) => hashed.size < packedObjectLimit);
  const digests = new Uint8Array(32 * small.length);
  small.forEach(({ hashed }, index) => {
    writeHex(hashed.blob, digests, 32 * index);
  });
  const { mask } = small.length === 0 ? { mask: new Uint8Array(0) } : await session.wanted(digests);
  const fresh = small.filter((_, index) => mask[index] === 1);
  if (fresh.length > 0) {
    const named = await context.everywhere.pack(
      fresh.map(({ request }) => request.path),
      fresh.map(({ hashed }) => hashed.size),
      {
        // Only what is still the same is taken: the name is given before the bytes are framed.
        wanted: async (rows, again) =>
          Uint8Array.from(rows, (row, at) =>
            toHex(again.subarray(32 * at, 32 * at + 32)) === fresh[row]?.hashed.blob ? 1 : 0,
          ),
        frame: (frame) => session.frame(frame, (row) => (fresh[row] as FileToStore).hashed.blob),
      },
    );
    const failed = new Map(named.failures.map(({ index, error }) => [index, error]));
    fresh.forEach((file, row) => {
      const error = failed.get(row);
      if (error !== undefined) {
        const grew = isCodedError(error, 'UNSUPPORTED_FILE');
        fail(file, grew ? changedFile(file.request, 'there') : readFailure(file.request, error));
      } else if (toHex(named.digests.subarray(32 * row, 32 * row + 32)) !== file.hashed.blob)
        fail(file, changedFile(file.request, 'there'));
    });
  }
  for (const file of large) {
    const digest = new Uint8Array(32);
    writeHex(file.hashed.blob, digest, 0);
    const [known] = await context.manifest.knows('blob', digest);
    try {
      if (known === 1) await session.wanted(digest);
      else await storeLarge(context, session, file);
    } catch (error) {
      fail(file, readFailure(file.request, error));
    }
  }
  for (const { request, hashed } of small) {
    if (failedBlobs.has(hashed.blob) && !failures.has(request)) failures.set(request, tryAgain);
  }
  return failures;
}
