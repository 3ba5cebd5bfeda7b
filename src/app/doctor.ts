/** `doctor` over an open store: the facts of this machine and this directory, put behind the probe's port. */
import { directoryFacts } from '../adapters/fs/directory-facts.ts';
import { sqliteVersion } from '../adapters/sqlite/sqlite-version.ts';
import { isCodedError } from '../core/errors.ts';
import type { StoreProbe } from '../ports/store-probe.ts';
import { authorText } from '../store/log/governance.ts';
import { type DoctorResult, examinePlace } from '../store/upkeep/doctor.ts';
import type { OpenStore } from './open-store.ts';

/** As package.json says under `engines`. */
const leastNode = '22.15.0';

function probe(store: OpenStore): StoreProbe {
  return {
    runtime: async () => ({
      node: process.versions.node,
      leastNode,
      sqlite: sqliteVersion(),
      platform: `${process.platform} ${process.arch}`,
    }),
    directory: async () => directoryFacts(store.storeDirectory),
    workspace: async () => {
      const { state } = store;
      if (state === undefined) return undefined;
      return { head: await state.head(), statCacheBytes: (await state.statCache())?.length };
    },
    author: async () => {
      try {
        return authorText(store.author);
      } catch (error) {
        if (isCodedError(error, 'BAD_ARGUMENT')) return undefined; // nobody is named
        throw error;
      }
    },
  };
}

export function examineStore(store: OpenStore): Promise<DoctorResult> {
  const { clock, codec, log, manifest } = store;
  return examinePlace({ clock, codec, log, manifest, probe: probe(store) });
}
