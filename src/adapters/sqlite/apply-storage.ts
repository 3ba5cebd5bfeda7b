/** Facts about storage alone: staging areas, and bytes that are gone. */

import { CodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { Fact, Namespace } from '../../ports/manifest.ts';
import type { ApplyState } from './apply-state.ts';
import { findObjects, inSlices } from './lookups.ts';
import { atLost, digestsOf, kindOf, packIds, placeAbsent, unpackIds } from './numbers.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

export function stageBlobs(state: ApplyState, fact: FactOf<'stage'>): void {
  const { connection } = state;
  const ids = new Set<number>();
  const unseen: ObjectId[] = [];
  for (const id of fact.ids) {
    const row = state.objectRows.blob.get(id);
    if (row === undefined) unseen.push(id);
    else ids.add(row);
  }
  inSlices(unseen, 16_384, (slice) => {
    const found = findObjects<[number]>(connection, kindOf.blob, digestsOf(slice), 'o.object_id');
    if (found.length < slice.length) {
      const known = new Set(found.map(([position]) => position));
      const missing = slice.find((_, index) => !known.has(index));
      throw new CodedError('OBJECT_NOT_FOUND', `blob ${missing} cannot be staged: it is not known`, {
        data: { blob: missing },
      });
    }
    for (const [, id] of found) ids.add(id);
  });
  if (ids.size === 0) return;
  const stage = state.text(fact.stage);
  const ordinal =
    (connection.value<number | null>('SELECT max(ordinal) FROM stage_batch WHERE stage_id = ?', stage) ?? -1) + 1;
  connection.run('INSERT INTO stage_batch (stage_id, ordinal, objects) VALUES (?, ?, ?)', stage, ordinal, packIds(ids));
}

export function unstage(state: ApplyState, fact: FactOf<'unstage'>): void {
  const stage = state.connection.value<number>('SELECT text_id FROM text WHERE text = ?', fact.stage);
  if (stage !== undefined) state.connection.run('DELETE FROM stage_batch WHERE stage_id = ?', stage);
}

const isNamed = `SELECT 1 WHERE EXISTS (SELECT 1 FROM object WHERE object_id = @id AND key IS NOT NULL)
  OR EXISTS (SELECT 1 FROM object WHERE blob_id = @id)
  OR EXISTS (SELECT 1 FROM object WHERE object_id = @id + 1 AND key IS NOT NULL AND blob_id IS NULL)
  OR EXISTS (SELECT 1 FROM run WHERE record_id = @id) OR EXISTS (SELECT 1 FROM run WHERE tree_id = @id)
  OR EXISTS (SELECT 1 FROM run WHERE outputs_id = @id) OR EXISTS (SELECT 1 FROM run WHERE message_id = @id)
  OR EXISTS (SELECT 1 FROM run WHERE context_id = @id) OR EXISTS (SELECT 1 FROM run_input WHERE producer_id = @id)
  OR EXISTS (SELECT 1 FROM run_parent WHERE parent_id = @id) OR EXISTS (SELECT 1 FROM run_relation WHERE other_id = @id)
  OR EXISTS (SELECT 1 FROM run_content WHERE blob_id = @id) OR EXISTS (SELECT 1 FROM run_content WHERE record_id = @id)
  OR EXISTS (SELECT 1 FROM table_spec WHERE spec_id = @id) OR EXISTS (SELECT 1 FROM event WHERE payload_id = @id)
  OR EXISTS (SELECT 1 FROM policy WHERE policy_id = @id) OR EXISTS (SELECT 1 FROM candidate WHERE candidate_id = @id)
  OR EXISTS (SELECT 1 FROM candidate WHERE notes_id = @id) OR EXISTS (SELECT 1 FROM report WHERE report_id = @id)
  OR EXISTS (SELECT 1 FROM report WHERE facts_id = @id) OR EXISTS (SELECT 1 FROM approval WHERE approval_id = @id)`;

/** What lineage, the log or a staging area names stays known as absent; the rest is forgotten. Unknown ones are left out. */
export function forgetObjects(state: ApplyState, fact: FactOf<'forget'>): void {
  const { connection } = state;
  const staged = stagedRows(state);
  for (const namespace of ['blob', 'record'] as const satisfies readonly Namespace[]) {
    const ids = fact.objects.flatMap((object) => (object.namespace === namespace ? [object.id] : []));
    inSlices(ids, 16_384, (slice) => {
      for (const [position, id] of findObjects<[number]>(
        connection,
        kindOf[namespace],
        digestsOf(slice),
        'o.object_id',
      )) {
        if (fact.lost === true || staged.has(id) || connection.value(isNamed, { id }) !== undefined) {
          const at = fact.lost === true ? atLost : 0;
          connection.run(
            'UPDATE object SET place = ?, at = ?, used_ms = NULL WHERE object_id = ?',
            placeAbsent,
            at,
            id,
          );
        } else {
          connection.run('DELETE FROM object WHERE object_id = ?', id);
          state.objectRows[namespace].delete(slice[position] as string);
        }
      }
    });
  }
}

function stagedRows(state: ApplyState): Set<number> {
  return new Set(
    state.connection.values<Uint8Array>('SELECT objects FROM stage_batch').flatMap((ids) => unpackIds(ids)),
  );
}
