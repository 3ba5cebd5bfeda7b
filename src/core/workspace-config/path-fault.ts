/** Why a path of `cairn.yaml` is no path inside the workspace, or undefined. */
import { isCodedError } from '../errors.ts';
import { normalizePath } from '../names.ts';

export function pathFault(text: string): string | undefined {
  try {
    return normalizePath(text) === '' ? 'the path is the workspace itself' : undefined;
  } catch (error) {
    if (!isCodedError(error, 'BAD_PATH')) throw error;
    return `not a path inside the workspace: ${error.message}`;
  }
}
