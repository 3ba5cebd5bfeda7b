/**
 * What Linux says of processes under /proc. Everything here answers undefined where there is no such file or process: a
 * process may end between two looks, and other systems have no /proc.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Unit of CPU times in /proc: 10 ms on every architecture that Node runs on. */
const tickMs = 10;

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return undefined; // gone, forbidden, or no /proc: all mean that nothing is known
  }
}

/** Fields of `stat` behind the name, which may itself hold blanks and brackets; index 0 is field 3, the state. */
function statFields(pid: number | 'self'): readonly string[] | undefined {
  const text = readProc(`${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** CPU time of all children that this process has waited for, theirs included. */
export function waitedCpu(): { readonly userMs: number; readonly systemMs: number } | undefined {
  const fields = statFields('self');
  if (fields === undefined) return undefined;
  return { userMs: Number(fields[13]) * tickMs, systemMs: Number(fields[14]) * tickMs };
}

/** True when this process is in the foreground of a terminal: what the keyboard sends, its children get as well. */
export function inForeground(): boolean | undefined {
  const fields = statFields('self');
  if (fields === undefined) return undefined;
  const [, , group, , terminal, foreground] = fields;
  return terminal !== '0' && group === foreground;
}

/** Tells a process from a later one with the same number. undefined for one that has ended, waited for or not. */
export function startOf(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

export function childrenOf(pid: number): number[] {
  let tasks: string[];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return tasks.flatMap((task) => {
    const list = readProc(`${pid}/task/${task}/children`) ?? '';
    return list.split(' ').filter(Boolean).map(Number);
  });
}

/** Largest resident set so far, in bytes. It starts anew when the process runs another program. */
export function peakMemory(pid: number): number | undefined {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? '');
  return match === null ? undefined : Number(match[1]) * 1024;
}

export function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** The first word of the command line. */
export function calledAs(pid: number): string | undefined {
  const first = readProc(`${pid}/cmdline`)?.split('\0')[0];
  return first === '' ? undefined : first;
}
