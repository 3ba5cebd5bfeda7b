/**
 * Progress of long work: one line on standard error, rewritten in place, on a terminal only. Notes are for people
 * wherever they are and go to standard error always, unless --quiet.
 */

import type { OpenOptions } from '../app/open-store.ts';
import type { Sink } from './io.ts';
import { grouped } from './text.ts';

type Progress = OpenOptions['progress'];

/** The line is drawn at most this often, and not at all for work that is done before. */
const intervalMs = 120;
const eraseLine = '\r\u001b[K';

export interface ProgressLine extends Progress {
  /** Takes the line away, so that other output can follow. */
  clear(): void;
}

export function progressLine(stderr: Sink, quiet: boolean): ProgressLine {
  let phase = '';
  let total: number | undefined;
  let done = 0;
  let drawnAt = 0;
  let drawn = false;

  function clear(): void {
    if (drawn) stderr.write(eraseLine);
    drawn = false;
  }
  function draw(): void {
    if (!stderr.isTerminal || quiet) return;
    const now = performance.now();
    if (now - drawnAt < intervalMs) return;
    drawnAt = now;
    const share =
      total === undefined || total === 0 ? '' : ` of ${grouped(total)} (${Math.floor((100 * done) / total)} %)`;
    stderr.write(`${eraseLine}${`${phase}: ${grouped(done)}${share}`.slice(0, (stderr.columns ?? 80) - 1)}`);
    drawn = true;
  }
  return {
    begin(name, size) {
      phase = name;
      total = size;
      done = 0;
      drawnAt = performance.now();
    },
    advance(count) {
      done += count;
      draw();
    },
    end: clear,
    note(line) {
      clear();
      if (!quiet) stderr.write(`${line}\n`);
    },
    clear,
  };
}
