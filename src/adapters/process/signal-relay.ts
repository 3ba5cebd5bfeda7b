/**
 * Signals that this process gets while a command runs go to the command, which decides what they mean; this process goes
 * on, to record how it ended.
 *
 * What the keyboard sends (SIGINT, SIGQUIT), the system gives to every process in the terminal's foreground, the command
 * among them. Passing it on as well would be a second one to the command, which for many programs means "now, at once"; so
 * on a terminal these two are not passed on. Whoever wants to reach the command from elsewhere then sends SIGTERM.
 */
import { isatty } from 'node:tty';
import { inForeground } from './proc-files.ts';

export const relayedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type RelayedSignal = (typeof relayedSignals)[number];

/** In the foreground of a terminal that is attached. A process that only belongs to one gets its signals from programs. */
function isFromKeyboard(): boolean {
  return [0, 1, 2].some((fd) => isatty(fd)) && inForeground() !== false;
}

export class SignalRelay {
  #target: ((signal: RelayedSignal) => void) | undefined;
  readonly #early: RelayedSignal[] = [];
  readonly #handlers = new Map<RelayedSignal, () => void>();

  /** From here on no signal ends this process. */
  constructor() {
    for (const signal of relayedSignals) {
      const handler = (): void => this.#take(signal);
      this.#handlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  #take(signal: RelayedSignal): void {
    if ((signal === 'SIGINT' || signal === 'SIGQUIT') && isFromKeyboard()) return;
    if (this.#target === undefined) this.#early.push(signal);
    else this.#target(signal);
  }

  /** Signals that came before the command was there are passed on now. */
  to(target: (signal: RelayedSignal) => void): void {
    this.#target = target;
    for (const signal of this.#early.splice(0)) target(signal);
  }

  /** From here on signals mean again what they mean to this process. */
  end(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }
}
