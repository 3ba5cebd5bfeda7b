/**
 * Naming the files of a batch before anything is stored: most of what a pipeline publishes is known already, and what is
 * known costs no writing. A file that is stored afterwards is read again, and must then be what it was.
 */
import { toHex } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { BlobId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import { type FileStat, statColumns, statCtime, statInode, statMtime, statSize } from '../../ports/workspace.ts';
import type { PublishContext, PublishRequest } from './request.ts';

export interface HashedFile {
  readonly blob: BlobId;
  readonly size: number;
  /** Stat of the open file, before it was read. */
  readonly stat: Float64Array;
}

type Named = Pick<PublishRequest, 'path' | 'name'>;

/** What to say of a file that is not what it was; `now` is what is there. */
export function changedFile(request: Named, now: FileStat | 'there' | undefined): CodedError {
  if (now === undefined) return gone(request);
  const { name } = request;
  return new CodedError('IO', `${name} changed while it was published`, {
    hint: 'Publish a file when the program that writes it has closed it.',
    data: { path: name, changed: true },
  });
}

function gone({ name }: Named, cause?: unknown): CodedError {
  return new CodedError('PATH_NOT_FOUND', `${name} does not exist`, {
    hint: 'Check the spelling; a relative path is relative to the working directory.',
    data: { path: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A failure of reading in the words of the request: a file that vanished in between is one that does not exist. */
export function readFailure(request: Named, error: unknown): unknown {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code === 'ENOENT' ? gone(request, error) : error;
}

function refusal(request: Named, found: FileStat | undefined): CodedError | undefined {
  if (found === undefined) return gone(request);
  if (found.kind === 'file') return undefined;
  const what = { directory: 'a directory', link: 'a symbolic link', other: 'a socket, pipe or device' }[found.kind];
  return new CodedError('UNSUPPORTED_FILE', `${request.name} is ${what}, and a regular file is published`, {
    hint: found.kind === 'link' ? 'Publish the file that it points to.' : 'Publish its files one by one.',
    data: { path: request.name },
  });
}

/** Whether the file is still the one that was hashed, as far as its stat tells. */
export function isSameFile({ stat }: HashedFile, now: FileStat | undefined): boolean {
  return (
    now?.kind === 'file' &&
    [statSize, statMtime, statCtime, statInode].every((column) => now.stat[column] === stat[column])
  );
}

async function hashLarge({ everywhere, codec }: PublishContext, { path }: Named): Promise<HashedFile> {
  const file = await everywhere.open(path);
  try {
    const hasher = codec.hasher();
    let size = 0;
    for await (const chunk of file.chunks()) {
      hasher.update(chunk);
      size += chunk.length;
    }
    return { blob: toHex(hasher.digest()) as BlobId, size, stat: file.stat };
  } finally {
    await file.close();
  }
}

const nothingWanted = {
  wanted: async (files: Uint32Array) => new Uint8Array(files.length),
  frame: async () => undefined,
};

/** In the order of the requests; a failure is that request's alone. */
export async function hashFiles(
  context: PublishContext,
  requests: readonly Named[],
): Promise<(HashedFile | { readonly error: unknown })[]> {
  const { everywhere } = context;
  const found = await everywhere.stat(requests.map(({ path }) => path));
  const hashed = requests.map((request, index): HashedFile | { readonly error: unknown } | undefined => {
    const error = refusal(request, found[index]);
    return error === undefined ? undefined : { error };
  });
  const sizeOf = (index: number): number => found[index]?.stat[statSize] ?? 0;
  const open = [...requests.keys()].filter((index) => hashed[index] === undefined);
  const small = open.filter((index) => sizeOf(index) < packedObjectLimit);
  const paths = small.map((index) => (requests[index] as Named).path);
  const { digests, sizes, stats, failures } = await everywhere.pack(paths, small.map(sizeOf), nothingWanted);
  const failed = new Map(failures.map(({ index, error }) => [index, error]));
  small.forEach((index, row) => {
    const error = failed.get(row);
    // One that grew meanwhile is read like a large one.
    if (error instanceof CodedError && error.code === 'UNSUPPORTED_FILE') return;
    hashed[index] =
      error === undefined
        ? {
            blob: toHex(digests.subarray(32 * row, 32 * row + 32)) as BlobId,
            size: sizes[row] as number,
            stat: stats.slice(statColumns * row, statColumns * (row + 1)),
          }
        : { error: readFailure(requests[index] as Named, error) };
  });
  for (const index of open) {
    if (hashed[index] !== undefined) continue;
    const request = requests[index] as Named;
    try {
      hashed[index] = await hashLarge(context, request);
    } catch (error) {
      hashed[index] = { error: readFailure(request, error) };
    }
  }
  return hashed as (HashedFile | { readonly error: unknown })[];
}
