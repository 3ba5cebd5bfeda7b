/** For programs that show nothing of long work. */
import type { Progress } from '../ports/system.ts';

export const silentProgress: Progress = {
  begin: () => undefined,
  advance: () => undefined,
  end: () => undefined,
  note: () => undefined,
};
