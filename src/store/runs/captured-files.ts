/**
 * What cairn itself keeps of a captured command, as artifacts among the run's outputs and in no working tree:
 * `.run/stdout`, `.run/stderr` (left out when empty) and `.run/patch.diff`.
 */
import { outputFile } from '../../core/captured-output.ts';
import type { ArtifactId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import type { CapturedStream } from '../../ports/process.ts';
import type { StagedEntry } from '../../ports/workspace.ts';
import type { WriteSession } from '../objects/write-session.ts';
import { artifactIdOf } from './artifact-id.ts';
import { capturedFolder } from './captured-paths.ts';

/** A patch that is longer is not kept, and the state of the code is then unknown. */
export const patchLimit = 16 * 1024 * 1024;

async function storeBytes(session: WriteSession, bytes: Uint8Array): Promise<string> {
  if (bytes.length < packedObjectLimit) return session.blob(bytes);
  const stored = await session.large({
    stat: Float64Array.of(bytes.length, 0, 0, 0, 0, 0),
    readAtMs: 0,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
    },
    close: async () => undefined,
  });
  return stored.id;
}

async function entry(session: WriteSession, name: string, type: string, bytes: Uint8Array): Promise<StagedEntry> {
  const blob = await storeBytes(session, bytes);
  return { path: `${capturedFolder}/${name}`, kind: 'file', blob, size: bytes.length, executable: false, type };
}

export interface CapturedFiles {
  readonly entries: readonly StagedEntry[];
  readonly patch: ArtifactId | undefined;
  readonly output: {
    readonly stdout: { readonly bytes: number; readonly cut: number };
    readonly stderr: { readonly bytes: number; readonly cut: number };
  };
}

export async function storeCaptured(
  session: WriteSession,
  streams: { readonly stdout: CapturedStream; readonly stderr: CapturedStream },
  patch: Uint8Array | undefined,
): Promise<CapturedFiles> {
  const entries: StagedEntry[] = [];
  const counts = { stdout: { bytes: 0, cut: 0 }, stderr: { bytes: 0, cut: 0 } };
  for (const name of ['stdout', 'stderr'] as const) {
    const { bytes, cut } = outputFile(streams[name]);
    counts[name] = { bytes: streams[name].total, cut };
    if (bytes.length > 0) entries.push(await entry(session, name, 'log', bytes));
  }
  let patchId: ArtifactId | undefined;
  if (patch !== undefined && patch.length > 0) {
    const stored = await entry(session, 'patch.diff', 'patch', patch);
    patchId = artifactIdOf(stored);
    entries.push(stored);
  }
  return { entries, patch: patchId, output: counts };
}
