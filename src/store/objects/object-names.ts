/** Names of objects and packs in the backend (objects-layout.md, part 2). */
import type { ObjectId } from '../../core/ids.ts';
import type { Namespace, ObjectLocation } from '../../ports/manifest.ts';

const folder = { blob: 'objects', record: 'records' } as const;

export function looseName(namespace: Namespace, id: ObjectId): string {
  return `${folder[namespace]}/${id.slice(0, 2)}/${id.slice(2)}`;
}

export function packName(pack: string): string {
  return `packs/${pack}.pack`;
}

/** The backend name that holds an object's bytes; undefined when they were let go. */
export function storedName(namespace: Namespace, id: ObjectId, location: ObjectLocation): string | undefined {
  switch (location.kind) {
    case 'loose':
      return looseName(namespace, id);
    case 'loose-zstd':
      return `${looseName(namespace, id)}.zst`;
    case 'packed':
      return packName(location.pack);
    case 'absent':
      return undefined;
  }
}

const loosePattern = /^(objects|records)\/([0-9a-f]{2})\/([0-9a-f]{62})(\.zst)?$/;
const packPattern = /^packs\/([0-9a-f]{64})\.pack$/;

/** What a backend name means; undefined for a name that is not ours. */
export function parseStoredName(
  name: string,
): { kind: 'loose'; namespace: Namespace; id: ObjectId; zstd: boolean } | { kind: 'pack'; pack: string } | undefined {
  const loose = loosePattern.exec(name);
  if (loose !== null) {
    const namespace = loose[1] === 'objects' ? 'blob' : 'record';
    return { kind: 'loose', namespace, id: `${loose[2]}${loose[3]}` as ObjectId, zstd: loose[4] !== undefined };
  }
  const pack = packPattern.exec(name);
  return pack === null ? undefined : { kind: 'pack', pack: pack[1] as string };
}
