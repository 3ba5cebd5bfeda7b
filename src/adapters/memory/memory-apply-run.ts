/** A run and what it names. */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { Fact, NamedContentRecord } from '../../ports/manifest.ts';
import { type MemoryBatch, noteObject, publicationMoved } from './memory-batch.ts';
import { publicationIn } from './memory-contents.ts';

export function applyRun(batch: MemoryBatch, fact: Extract<Fact, { kind: 'run' }>): void {
  const { tables } = batch;
  if (tables.runs.has(fact.id)) return;
  const { publication } = fact.record;
  if (publication !== undefined && publicationIn(tables, publication) !== undefined)
    throw publicationMoved({ kind: 'expect-unpublished', publication });
  const seq = batch.log(fact.event);
  for (const { id, record } of fact.artifacts) {
    noteObject(tables, 'blob', record.file.sha256, record.file.size);
    noteObject(tables, 'record', id);
    if (!tables.artifacts.has(id)) tables.artifacts.set(id, record);
  }
  const { record } = fact;
  const edges = record.edges ?? [];
  const named: ArtifactId[] = [
    ...fact.outputs.map(({ artifact }) => artifact),
    ...record.inputs.map(({ artifact }) => artifact),
    ...edges.flatMap(({ child, parent }) => [child, parent]),
  ];
  for (const artifact of named) {
    if (tables.artifacts.has(artifact)) continue;
    throw new CodedError('OBJECT_NOT_FOUND', `run ${fact.id} names artifact ${artifact}, whose record is not known`, {
      data: { run: fact.id, artifact },
    });
  }
  const paths = fact.outputs.map(({ path }) => path);
  if (new Set(paths).size < paths.length) throw new CodedError('RECORD_INVALID', 'a run has two outputs at one path');
  const records = [fact.id, record.message, record.tree, record.outputs, record.context, ...record.parents];
  for (const id of [...records, ...record.relations.map(({ run }) => run), ...record.inputs.map(({ run }) => run)]) {
    if (id !== undefined) noteObject(tables, 'record', id);
  }
  const contents = contentsOf(fact);
  for (const { id, record: content } of contents) {
    noteObject(tables, 'blob', content.blob);
    noteObject(tables, 'record', id);
    noteObject(tables, 'record', content.spec);
  }
  const { message, outputs } = fact;
  tables.runs.set(fact.id, { id: fact.id, number: tables.runs.size + 1, seq, record, message, outputs, contents });
}

/** In the order of the record. */
function contentsOf({ id, record, contents = [] }: Extract<Fact, { kind: 'run' }>): NamedContentRecord[] {
  return (record.contents ?? []).map((content) => {
    const found = contents.find((named) => named.id === content);
    if (found !== undefined) return found;
    throw new CodedError('OBJECT_NOT_FOUND', `run ${id} names content ${content}, whose record is not known`, {
      data: { run: id, content },
    });
  });
}
