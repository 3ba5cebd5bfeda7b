/** Errors of the object store on a file system: what the system said, with the path, as a `CodedError`. */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';

/** True for ENOENT on the object's own path, and for nothing else. */
export function isObjectNotFound(error: unknown): boolean {
  return isCodedError(error, 'OBJECT_NOT_FOUND') && systemErrorCode(error.cause) === 'ENOENT';
}

/** For reading: ENOENT says that the object is not stored. */
export function readError(name: string, path: string, error: unknown): CodedError {
  if (systemErrorCode(error) !== 'ENOENT') return systemError('cannot read', error, path);
  return new CodedError('OBJECT_NOT_FOUND', `${name} is not in the store`, { data: { name }, cause: error });
}

/** For a directory, or anything else, in the place of an object. */
export function notAFile(path: string): CodedError {
  return new CodedError('IO', `${path} is in the place of an object and is no regular file`, { data: { path } });
}
