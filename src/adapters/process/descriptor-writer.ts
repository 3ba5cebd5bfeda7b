/**
 * Writing to an own descriptor without blocking the process: while a terminal stands still or a reader is slow, signals are
 * still handled. A promise is kept when every byte was taken.
 */
import { write } from 'node:fs';
import { systemError } from '../../core/system-error.ts';

export type Writer = (bytes: Uint8Array) => Promise<void>;

/** Whoever read has gone; a program attached directly would have got SIGPIPE. */
export class ReaderGoneError extends Error {}

const retryDelayMs = 2;

export function descriptorWriter(fd: number): Writer {
  return (bytes) =>
    new Promise((resolve, reject) => {
      const from = (at: number): void => {
        if (at >= bytes.length) {
          resolve();
          return;
        }
        write(fd, bytes, at, bytes.length - at, null, (error, written) => {
          if (error === null) from(at + written);
          else if (error.code === 'EAGAIN') setTimeout(from, retryDelayMs, at);
          else if (error.code === 'EPIPE') reject(new ReaderGoneError());
          else reject(systemError('cannot write to', error, fd === 1 ? 'standard output' : 'standard error'));
        });
      };
      from(0);
    });
}
