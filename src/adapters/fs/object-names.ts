/**
 * Names of objects as paths below the store's root, and nothing else: a name comes from a manifest or an index that may be
 * damaged or hostile, so it can neither leave the store nor reach one of its other files.
 *
 *     name     folder / segment (/ segment)*
 *     folder   objects, packs, records; quarantine (never put into, only moved into)
 *     segment  1 to 200 of A-Z a-z 0-9 . _ -, not starting with a dot; names starting with a dot are temporary files
 */
import { join } from 'node:path';
import { CodedError } from '../../core/errors.ts';

/** In bytewise order. */
export const objectFolders = ['objects', 'packs', 'quarantine', 'records'] as const;
export const quarantineFolder = 'quarantine';

const namePattern = /^(?:objects|packs|quarantine|records)(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})+$/;
const segmentPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

/** True for what may be one part of a name. */
export function isNameSegment(text: string): boolean {
  return segmentPattern.test(text);
}

/** The path of a name. Throws BAD_PATH for what is no name. */
export function objectPath(root: string, name: string): string {
  if (!namePattern.test(name)) {
    throw new CodedError('BAD_PATH', `not the name of a stored object: ${JSON.stringify(name.slice(0, 120))}`, {
      hint: 'Names come from the manifest: run `cairn fsck`.',
      data: { name: name.slice(0, 120) },
    });
  }
  return join(root, name);
}
