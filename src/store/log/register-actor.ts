/** Entering the first actor of a store, with roles. */
import type { Author, StoreContext } from '../context.ts';
import { writing } from '../objects/write-session.ts';
import { actorFact } from './governance.ts';

export async function registerActor(context: StoreContext, author: Author, roles: readonly string[]): Promise<void> {
  await writing(context, 'init', async (session) => {
    const fact = actorFact({ author }, session, roles);
    const stored = await session.settle();
    await context.manifest.apply({ facts: [...stored, fact], nowMs: context.clock.now(), clock: context.clock.kind });
  });
}
