/**
 * Signing by `ssh-keygen -Y sign`, for keys that only OpenSSH can use: those in hardware. The message goes in by a pipe and the
 * armoured signature comes out by one; what the program says meanwhile ("Confirm user presence") is passed on line by line.
 */
import { spawn } from 'node:child_process';
import { CodedError } from '../../core/errors.ts';

export interface KeygenOptions {
  /** The private key file: for a hardware key, the handle. */
  readonly path: string;
  /** Told what ssh-keygen says while it works. */
  readonly notice: (line: string) => void;
}

const maxOutput = 64 * 1024;

/** An armoured signature. Throws AGENT. */
export function signByKeygen(options: KeygenOptions, namespace: string, message: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh-keygen', ['-q', '-Y', 'sign', '-f', options.path, '-n', namespace], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (out.length < maxOutput) out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (said.length < maxOutput) said += chunk;
      for (const line of chunk.split('\n')) if (line.trim() !== '') options.notice(line.trim());
    });
    child.stdin.on('error', () => undefined); // it may end before it has read all: its status says why
    child.on('error', (cause) => {
      reject(
        new CodedError('AGENT', `ssh-keygen cannot be started: ${cause.message}`, {
          hint: 'A key in hardware signs through OpenSSH: install its client programs.',
          cause,
        }),
      );
    });
    child.on('close', (status) => {
      if (status === 0 && out !== '') resolve(out);
      else {
        const last = said.trim().split('\n').at(-1) ?? '';
        reject(
          new CodedError('AGENT', `ssh-keygen did not sign with ${options.path}: ${last || `status ${status}`}`, {
            hint: 'Is the device plugged in, and was it touched?',
          }),
        );
      }
    });
    child.stdin.end(message);
  });
}
