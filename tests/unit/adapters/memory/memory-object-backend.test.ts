import { memoryObjectBackend } from '../../../../src/adapters/memory/memory-object-backend.ts';
import { concatBytes } from '../../../../src/core/bytes.ts';
import type { ObjectBackend } from '../../../../src/ports/object-backend.ts';
import { describeConformance, describeDefects, type Open } from '../../../conformance/claims.ts';
import { type BackendFixture, objectBackendClaims } from '../../../conformance/object-backend.ts';

function fixture(backend: ObjectBackend): BackendFixture {
  return { backend, other: backend, dispose: async () => undefined };
}

describeConformance('memoryObjectBackend', objectBackendClaims, async () => fixture(memoryObjectBackend()));

/** A memory backend in which some functions are wrong. */
function defective(change: (sound: ObjectBackend) => Partial<ObjectBackend>): Open<BackendFixture> {
  return async () => {
    const sound = memoryObjectBackend();
    return fixture({ ...sound, ...change(sound) });
  };
}

async function* reversed<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  yield* (await Array.fromAsync(source)).reverse();
}

describeDefects('object backend', objectBackendClaims, [
  {
    defect: 'drops the last byte of large objects',
    open: defective((sound) => ({
      read: async (name, range) => (await sound.read(name, range)).subarray(0, 3 * 1024 * 1024),
    })),
    breaks: 'gives back the bytes it took, whatever their number and the size of the chunks',
  },
  {
    defect: 'loses small chunks',
    open: defective((sound) => ({
      put: async (name, source) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of source) if (chunk.length !== 3) chunks.push(chunk.slice());
        return await sound.put(name, chunks);
      },
    })),
    breaks: 'takes chunks of mixed sizes, empty ones among them, from a source that is not asynchronous',
  },
  {
    defect: 'shows objects as soon as they are put',
    open: defective((sound) => ({
      put: async (name, source) => {
        const size = await sound.put(name, source);
        await sound.settle();
        return size;
      },
    })),
    breaks: 'shows nothing before settle, and all of it after',
  },
  {
    defect: 'fails to settle twice',
    open: defective((sound) => {
      let settled = 0;
      return {
        settle: async () => {
          if (settled++ > 1) throw new Error('settled already');
          await sound.settle();
        },
      };
    }),
    breaks: 'settles again, and without anything to settle, as success',
  },
  {
    defect: 'keeps what it got before the source threw',
    open: defective((sound) => ({
      put: async (name, source) => {
        const chunks: Uint8Array[] = [];
        try {
          for await (const chunk of source) chunks.push(chunk);
        } catch (error) {
          await sound.put(name, chunks);
          throw error;
        }
        return await sound.put(name, chunks);
      },
    })),
    breaks: 'leaves nothing of a source that throws, and rethrows what it threw',
  },
  {
    defect: 'asks for the name first',
    open: defective((sound) => ({
      put: async (name, source) => await sound.put(typeof name === 'string' ? name : name(), source),
    })),
    breaks: 'asks for a late name once, after the source has ended',
  },
  {
    defect: 'stores under a name of its own when there is none',
    open: defective((sound) => ({
      put: async (name, source) => {
        const bytes = await Array.fromAsync(source);
        try {
          return await sound.put(name, bytes);
        } catch (error) {
          await sound.put('objects/00/unnamed', bytes);
          throw error;
        }
      },
    })),
    breaks: 'leaves nothing when the late name throws',
  },
  {
    defect: 'copies chunks only at the end',
    open: defective((sound) => ({
      put: async (name, source) => await sound.put(name, [concatBytes(...(await Array.fromAsync(source)))]),
    })),
    breaks: 'has taken over a chunk before chunksInFlight further ones were asked for',
  },
  {
    defect: 'keeps all chunks of a source',
    open: defective((sound) => ({
      put: async (name, source) => await sound.put(name, [concatBytes(...(await Array.fromAsync(source)))]),
    })),
    breaks: 'keeps at most chunksInFlight chunks of a source at once',
  },
  {
    defect: 'replaces what is stored',
    open: defective((sound) => ({
      put: async (name, source) => {
        if (typeof name === 'string') await sound.remove(name);
        return await sound.put(name, source);
      },
    })),
    breaks: 'replaces nothing: the first bytes under a name stay, and their size is the answer',
  },
  {
    defect: 'refuses a name that waits already',
    open: defective((sound) => {
      const waiting = new Set<string>();
      return {
        put: async (name, source) => {
          if (typeof name === 'string' && waiting.has(name)) throw new Error('exists');
          if (typeof name === 'string') waiting.add(name);
          return await sound.put(name, source);
        },
      };
    }),
    breaks: 'takes one name twice before settle, and from two processes at once',
  },
  {
    defect: 'abandons nothing',
    open: defective(() => ({ abandon: async () => undefined })),
    breaks: 'drops on abandon what was not settled, and only that',
  },
  {
    defect: 'takes the end of a range for its length',
    open: defective((sound) => ({
      read: (name, range) =>
        sound.read(name, range?.end === undefined ? range : { start: range.start, end: range.start + range.end }),
    })),
    breaks: 'reads every range, and fewer bytes where it goes beyond the end',
  },
  {
    defect: 'gives out its own memory',
    open: defective((sound) => {
      const given = new Map<string, Uint8Array>();
      return {
        read: async (name, range) => {
          const bytes = given.get(name) ?? (await sound.read(name, range));
          given.set(name, bytes);
          return bytes;
        },
      };
    }),
    breaks: 'gives bytes that belong to the caller',
  },
  {
    defect: 'shares one stream between readers',
    open: defective((sound) => {
      const streams = new Map<string, AsyncIterable<Uint8Array>>();
      return {
        get: (name, range) => {
          const stream = streams.get(name) ?? sound.get(name, range);
          streams.set(name, stream);
          return stream;
        },
      };
    }),
    breaks: 'lets a reader stop early and start again',
  },
  {
    defect: 'lists backwards',
    open: defective((sound) => ({ list: (prefix) => reversed(sound.list(prefix)) })),
    breaks: 'lists in bytewise order exactly the names that start with a prefix',
  },
  {
    defect: 'lists whole folders whatever the rest of the prefix',
    open: defective((sound) => ({ list: (prefix) => sound.list(prefix.slice(0, prefix.lastIndexOf('/') + 1)) })),
    breaks: 'lists in bytewise order exactly the names that start with a prefix',
  },
  {
    defect: 'fails to remove what is not there',
    open: defective((sound) => ({
      remove: async (name) => {
        await sound.stat(name);
        await sound.remove(name);
      },
    })),
    breaks: 'removes a name, and counts one that is not there as removed',
  },
  {
    defect: 'lets the second quarantine replace the first',
    open: defective((sound) => ({
      quarantine: async (name) => {
        const aside = `quarantine/${name.replaceAll('/', '_')}`;
        const bytes = await sound.read(name);
        await sound.remove(aside);
        await sound.put(aside, [bytes]);
        await sound.settle();
        await sound.remove(name);
        return aside;
      },
    })),
    breaks: 'moves to quarantine without losing a byte, as often as it is asked',
  },
  {
    defect: 'calls every failure not found',
    open: defective(() => ({ isNotFound: () => true })),
    breaks: 'calls nothing else not found',
  },
  {
    defect: 'sweeps what is still to be settled',
    open: defective((sound) => ({
      sweepTemporary: async () => {
        await sound.abandon();
        return 0;
      },
    })),
    breaks: 'sweeps nothing that this process has put and will settle',
  },
  {
    defect: 'settles no more than a hundred objects',
    open: defective((sound) => {
      let puts = 0;
      return { put: async (name, source) => (puts++ < 100 ? await sound.put(name, source) : 0) };
    }),
    breaks: 'settles hundreds of small objects put at once',
  },
]);
