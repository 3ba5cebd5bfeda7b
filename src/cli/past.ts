/** `--at`: the store as it stood at a time. What replays the past is loaded only when it is asked for. */
import type { Timestamp } from '../core/time.ts';
import type { StoreContext } from '../store/context.ts';
import { timeOption } from './arguments.ts';
import type { Commander } from './command.ts';

export function declareAt(command: Commander): void {
  command.option('--at <time>', 'as it stood at that time, from the log', timeOption('--at'));
}

export async function storeAt<Store extends Pick<StoreContext, 'backend' | 'codec' | 'manifest'>>(
  store: Store,
  at: Timestamp | undefined,
): Promise<Store> {
  if (at === undefined) return store;
  const { asOf } = await import('../store/governance/at-time.ts');
  return asOf(store, at);
}
