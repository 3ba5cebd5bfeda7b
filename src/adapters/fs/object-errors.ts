/** Errors of the object store on a file system: what the system said, with the path, as a `CodedError`. */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';

/** True for ENOENT and for nothing else. */
export function isMissing(error: unknown): boolean {
  return systemErrorCode(error) === 'ENOENT' || isObjectNotFound(error);
}

export function isObjectNotFound(error: unknown): boolean {
  return isCodedError(error, 'OBJECT_NOT_FOUND') && systemErrorCode(error.cause) === 'ENOENT';
}

/** For reading: ENOENT says that the object is not stored. */
export function readError(name: string, path: string, error: unknown): CodedError {
  if (systemErrorCode(error) !== 'ENOENT') return systemError('cannot read', error, path);
  return new CodedError('OBJECT_NOT_FOUND', `${name} is not in the store`, { data: { name }, cause: error });
}
