/** A run and what it names. */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { Fact } from '../../ports/manifest.ts';
import { type MemoryBatch, noteObject } from './memory-batch.ts';

export function applyRun(batch: MemoryBatch, fact: Extract<Fact, { kind: 'run' }>): void {
  const { tables } = batch;
  if (tables.runs.has(fact.id)) return;
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
  const { message, outputs } = fact;
  tables.runs.set(fact.id, { id: fact.id, number: tables.runs.size + 1, seq, record, message, outputs });
}
