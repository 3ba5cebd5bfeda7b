/** A store in memory with one run and files of evidence, for use cases that decide. */

import { openMemoryEventLog } from '../../../../src/adapters/memory/memory-event-log.ts';
import { openMemoryManifest } from '../../../../src/adapters/memory/memory-manifest.ts';
import { memoryObjectBackend } from '../../../../src/adapters/memory/memory-object-backend.ts';
import { memoryStoreLock } from '../../../../src/adapters/memory/memory-store-lock.ts';
import { memoryUpkeepNotes } from '../../../../src/adapters/memory/memory-upkeep-notes.ts';
import { verifyEd25519 } from '../../../../src/adapters/node/ed25519.ts';
import { nativeCodec } from '../../../../src/adapters/node/native-codec.ts';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { readYaml } from '../../../../src/adapters/yaml/read-yaml.ts';
import { utf8 } from '../../../../src/core/bytes.ts';
import { foldTimestamps } from '../../../../src/core/evidence/fold-times.ts';
import type { ArtifactId, RunId } from '../../../../src/core/ids.ts';
import type { ProgramAnswer } from '../../../../src/ports/process.ts';
import type { GovernanceContext } from '../../../../src/store/governance/context.ts';
import type { CheckingContext } from '../../../../src/store/governance/signing-context.ts';
import { writing } from '../../../../src/store/objects/write-session.ts';
import { recordRun } from '../../../../src/store/runs/record-run.ts';

const silent = { begin: () => undefined, advance: () => undefined, end: () => undefined, note: () => undefined };
const nowhere = (): never => {
  throw new Error('not here');
};

export type Context = GovernanceContext & CheckingContext;

export interface Claims {
  readonly context: Context;
  /** The same store for somebody else. */
  as(name: string): Context;
  /** What programs of a policy say. */
  answer: ProgramAnswer['said'];
  run(
    files: { readonly [path: string]: string },
    inputs?: readonly { readonly artifact: ArtifactId; readonly run: RunId }[],
  ): Promise<{ readonly run: RunId; readonly artifacts: ReadonlyMap<string, ArtifactId> }>;
}

export function someClaims(): Claims {
  const log = openMemoryEventLog();
  let now = 1_767_225_600_000;
  const claims: { answer: ProgramAnswer['said'] } = { answer: { text: '{"passed": true}' } };
  const context: Context = {
    storeId: 'test',
    backend: memoryObjectBackend(),
    manifest: openMemoryManifest({ log }),
    log,
    lock: memoryStoreLock(),
    codec: nativeCodec(),
    clock: { now: () => now++, kind: 'wall' },
    random: systemRandom(),
    progress: silent,
    author: { name: 'Ada', mail: 'ada@example.org' },
    writer: { name: 'cairn', version: '0.0.0' },
    allowSecretLike: false,
    notes: memoryUpkeepNotes(),
    localFiles: { stamp: nowhere, keep: async () => 'kept', write: nowhere, remove: async () => undefined },
    tables: {
      identify: nowhere,
      identifyMany: nowhere,
      diff: nowhere,
      times: async (_, [column = '']) => {
        const times = foldTimestamps(Array.from({ length: 40 }, (__, index) => index + 1));
        return times === undefined ? undefined : { column, times };
      },
    },
    programs: { ask: async ({ sha256 }) => ({ sha256, said: claims.answer }) },
    documents: { yaml: async (text, what) => readYaml(text, what) },
    verifyEd25519,
  };
  return Object.assign(claims, {
    context,
    as: (name: string): Context => Object.create(context, { author: { value: { name, mail: '' } } }) as Context,
    run: (files: { readonly [path: string]: string }, inputs: Parameters<Claims['run']>[1] = []) =>
      writing(context, 'commit', async (session) => {
        const changes = Object.entries(files).map(([path, content]) => {
          const bytes = utf8(content);
          return { path, kind: 'file' as const, blob: session.blob(bytes), size: bytes.length };
        });
        const recorded = await recordRun(context, session, {
          message: 'a run',
          identity: {
            datasets: [{ id: 'd1', algorithm: 'cairn.dataset/1', mode: 'STRICT', sha256: '1'.repeat(64) }],
            params: { walk_forward: true },
            engineVersion: '1',
            configVersion: '2',
            seedVersion: 1,
          },
          inputs: inputs.map((input) => ({ ...input, relation: 'derived_from' })),
          changes,
          code: {},
          status: 'succeeded',
          tags: {},
          metrics: {},
          ref: undefined,
          tip: undefined,
        });
        const artifacts = new Map(recorded.artifacts.map(({ path, artifactId }) => [path, artifactId]));
        return { run: recorded.runInstanceId, artifacts };
      }),
  });
}
