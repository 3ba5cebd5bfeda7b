/** Facts about where bytes are. */
import { assertInvariant, CodedError } from '../../core/errors.ts';
import type { BlobId, ObjectId } from '../../core/ids.ts';
import type { Fact, Namespace, StoredObject } from '../../ports/manifest.ts';
import { type MemoryBatch, noteObject } from './memory-batch.ts';
import { namedByContent } from './memory-contents.ts';
import { type MemoryTables, objectKey } from './memory-tables.ts';

const useResolutionMs = 3_600_000;

/** Applies a storage fact; false for every other one. */
export function applyStorage(batch: MemoryBatch, fact: Fact): boolean {
  const { tables } = batch;
  switch (fact.kind) {
    case 'objects':
      for (const { name, bytes } of fact.packs ?? []) if (!tables.packs.has(name)) tables.packs.set(name, bytes);
      for (const object of fact.objects) store(batch, object);
      return true;
    case 'touch':
      for (const id of fact.ids) freshen(batch, fact.namespace, id);
      return true;
    case 'stage':
      stage(tables, fact.stage, fact.ids);
      return true;
    case 'unstage':
      tables.stages.delete(fact.stage);
      return true;
    case 'relocate':
      relocate(tables, fact);
      return true;
    case 'forget':
      for (const { namespace, id } of fact.objects) forget(tables, namespace, id, fact.lost === true);
      return true;
    case 'forget-packs':
      for (const name of fact.packs) forgetPack(tables, name);
      return true;
    default:
      return false;
  }
}

function checkPack(tables: MemoryTables, { location }: StoredObject): void {
  if (location.kind !== 'packed') return;
  assertInvariant(
    tables.packs.has(location.pack),
    `an object lies in pack ${location.pack}, which the batch does not name`,
  );
}

function store(batch: MemoryBatch, object: StoredObject): void {
  const { tables, nowMs } = batch;
  const key = objectKey(object.namespace, object.id);
  const known = tables.objects.get(key);
  checkPack(tables, object);
  const absent = object.location.kind === 'absent';
  if (known === undefined || (known.location.kind === 'absent' && !absent)) {
    const { namespace, id, size, location } = object;
    tables.objects.set(key, { namespace, id, size, location, lastUseMs: absent ? 0 : nowMs });
  } else if (absent) noteObject(tables, object.namespace, object.id, object.size);
  else freshen(batch, object.namespace, object.id);
}

function freshen({ tables, nowMs }: MemoryBatch, namespace: Namespace, id: ObjectId): void {
  const known = tables.objects.get(objectKey(namespace, id));
  if (known === undefined || known.location.kind === 'absent' || known.lastUseMs >= nowMs - useResolutionMs) return;
  tables.objects.set(objectKey(namespace, id), { ...known, lastUseMs: nowMs });
}

function stage(tables: MemoryTables, name: string, ids: readonly BlobId[]): void {
  for (const id of ids) {
    if (tables.objects.has(objectKey('blob', id))) continue;
    throw new CodedError('OBJECT_NOT_FOUND', `blob ${id} cannot be staged: it is not known`, { data: { blob: id } });
  }
  if (ids.length > 0) tables.stages.set(name, [...(tables.stages.get(name) ?? []), ...ids]);
}

function relocate(tables: MemoryTables, fact: Extract<Fact, { kind: 'relocate' }>): void {
  const missing = fact.objects.filter(({ namespace, id }) => !tables.objects.has(objectKey(namespace, id)));
  if (missing.length > 0)
    throw new CodedError('OBJECT_NOT_FOUND', `${missing.length} of the objects that were moved are not known`);
  for (const { name, bytes } of fact.packs) if (!tables.packs.has(name)) tables.packs.set(name, bytes);
  for (const object of fact.objects) {
    checkPack(tables, object);
    const key = objectKey(object.namespace, object.id);
    const known = tables.objects.get(key);
    if (known !== undefined) tables.objects.set(key, { ...known, location: object.location });
  }
}

function forget(tables: MemoryTables, namespace: Namespace, id: ObjectId, lost: boolean): void {
  const key = objectKey(namespace, id);
  const known = tables.objects.get(key);
  if (known === undefined) return;
  const location = lost ? ({ kind: 'absent', lost: true } as const) : ({ kind: 'absent' } as const);
  if (lost || isNamed(tables, namespace, id)) tables.objects.set(key, { ...known, location, lastUseMs: 0 });
  else tables.objects.delete(key);
}

function isNamed(tables: MemoryTables, namespace: Namespace, id: ObjectId): boolean {
  if (namespace === 'blob') {
    for (const record of tables.artifacts.values()) if (record.file.sha256 === id) return true;
    for (const staged of tables.stages.values()) if (staged.includes(id)) return true;
    for (const run of tables.runs.values()) if (run.contents.some(({ record }) => record.blob === id)) return true;
    return false;
  }
  if (tables.artifacts.has(id as never) || tables.runs.has(id as never)) return true;
  for (const { record, contents } of tables.runs.values()) {
    const named: (string | undefined)[] = [
      record.tree,
      record.outputs,
      record.message,
      record.context,
      ...record.parents,
    ];
    named.push(...record.relations.map(({ run }) => run), ...record.inputs.map(({ run }) => run));
    named.push(...contents.flatMap(namedByContent));
    if (named.includes(id)) return true;
  }
  for (const { record } of tables.events.values()) if (record.payload === (id as string)) return true;
  return false;
}

function forgetPack(tables: MemoryTables, name: string): void {
  for (const { location } of tables.objects.values()) {
    if (location.kind !== 'packed' || location.pack !== name) continue;
    throw new CodedError('MANIFEST_REFUSED', `pack ${name} cannot be forgotten: objects lie in it`, {
      data: { pack: name },
    });
  }
  tables.packs.delete(name);
}
