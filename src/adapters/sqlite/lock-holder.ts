/**
 * A note beside the lock that says who has it or waits for it exclusively: `{pid, purpose, since}`, for people who wait.
 *
 * It is a courtesy and never decides anything: a note that cannot be written (gc is what one runs on a full disk), read
 * or removed is no failure, and one whose process is gone is not believed.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

export interface LockHolder {
  write(purpose: string): void;
  clear(): void;
  /** Who has the lock, in words; undefined when nobody says so. */
  describe(): string | undefined;
}

/** True when a process of this id exists, ours or not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function courtesy<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    // See the header: a note is never worth a failure.
    return undefined;
  }
}

export function lockHolder(path: string): LockHolder {
  return {
    write: (purpose) => {
      const note = { pid: process.pid, purpose, since: new Date().toISOString() };
      courtesy(() => writeFileSync(path, `${JSON.stringify(note)}\n`));
    },
    clear: () => {
      courtesy(() => rmSync(path, { force: true }));
    },
    describe: () =>
      courtesy(() => {
        const note: unknown = JSON.parse(readFileSync(path, 'utf8'));
        if (typeof note !== 'object' || note === null) return undefined;
        const pid: unknown = Reflect.get(note, 'pid');
        if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
        return `${printable(Reflect.get(note, 'purpose'))} (process ${pid}, since ${printable(Reflect.get(note, 'since'))})`;
      }),
  };
}

/** The note is a file that anybody could have written, and the line goes to a terminal. */
function printable(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[^ -~]/g, '?').slice(0, 80) : '?';
}
