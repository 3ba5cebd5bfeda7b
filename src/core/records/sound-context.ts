/**
 * The bytes of a context to be stored, held against its schema first, as sound-run.ts does for runs: what is plainly sound is
 * seen to be so here, and only another one loads the schema.
 */
import { canonicalBytes, parseCanonical } from '../canonical-json.ts';
import type { ContextRecord } from './context.ts';
import { isCount, isHash, isNumber, isOneOf, isPositive, isShort, isText, list, map, members } from './sound-values.ts';

const isFile = members({ path: isShort, sha256: isHash, size: isCount });
const isStream = members({ bytes: isCount, cut: isCount });

/** True for most of the contexts that the schema accepts, and for no other. */
export const isSoundContext = members(
  {
    schema: isOneOf('cairn.context/1'),
    host: members(
      {
        name: isShort,
        os: isShort,
        osVersion: isText,
        kernel: isText,
        arch: isShort,
        cpus: isPositive,
        memoryBytes: isCount,
      },
      { cpuModel: isShort },
    ),
    runtimes: list(
      members(
        { language: isShort, executable: isShort, evidence: isOneOf('seen', 'named') },
        {
          version: isShort,
          packages: list(members({ name: isShort, version: isText })),
          locks: list(isFile),
          problem: isText,
        },
      ),
    ),
    variables: map(isText),
  },
  {
    use: members(
      { wallMs: (value) => isNumber(value) && (value as number) >= 0, samples: isCount },
      { userCpuMs: isCount, systemCpuMs: isCount, peakMemoryBytes: isCount },
    ),
    output: members({ stdout: isStream, stderr: isStream }),
    code: list(isFile),
    undeclared: members({ count: isPositive, paths: list(isText) }),
    stillRunning: list(isText),
  },
);

/** Throws BAD_ARGUMENT for a context that its schema refuses. */
export async function checkedContextBytes(context: ContextRecord): Promise<Uint8Array> {
  if (isSoundContext(context)) return canonicalBytes(context);
  return (await import('./context-schema.ts')).contextBytes(context);
}

/** Reads a stored context. Throws RECORD_INVALID. */
export async function checkedContext(bytes: Uint8Array): Promise<ContextRecord> {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch {
    value = undefined; // The schema's reader says what is wrong.
  }
  if (isSoundContext(value)) return value as ContextRecord;
  return (await import('./context-schema.ts')).parseContextRecord(bytes);
}
