/** Where a run's outputs hold what cairn itself kept of a command: `.run/stdout`, `.run/stderr`, `.run/patch.diff`. */

/** No declared output may lie there. */
export const capturedFolder = '.run';

export function isCaptured(path: string): boolean {
  return path === capturedFolder || path.startsWith(`${capturedFolder}/`);
}
