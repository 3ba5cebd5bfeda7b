/**
 * The content of a compressed loose object whose stored bytes were changed, where decoding still gives the right bytes:
 * the digest frame, or a bit that no decoder looks at. It is written again as a raw file, beside the damaged one.
 */
import { toHex } from '../../core/bytes.ts';
import { digestFrameSize } from '../../core/loose-format.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { looseName } from '../objects/object-names.ts';
import type { WantedObject } from './find-copies.ts';
import { isDamage } from './pack-frames.ts';

export async function salvageLoose(context: StoreContext, wanted: WantedObject): Promise<StoredObject | undefined> {
  const { backend, codec } = context;
  const raw = looseName(wanted.namespace, wanted.id);
  const name = `${raw}.zst`;
  try {
    await backend.stat(raw);
    return undefined; // a damaged raw file is in the way, and that means that the object never was in the other
  } catch (error) {
    if (!backend.isNotFound(error)) throw error;
  }
  try {
    const end = (await backend.stat(name)).size - digestFrameSize;
    if (end <= 0) return undefined;
    const content = (): AsyncIterable<Uint8Array> =>
      codec.decompressStream(backend.get(name, { start: 0, end }), wanted.size);
    const hasher = codec.hasher();
    for await (const chunk of content()) hasher.update(chunk);
    if (toHex(hasher.digest()) !== wanted.id) return undefined;
    await backend.put(raw, content());
    return { ...wanted, location: { kind: 'loose' } };
  } catch (error) {
    if (isDamage(error) || backend.isNotFound(error)) return undefined;
    throw error;
  }
}
