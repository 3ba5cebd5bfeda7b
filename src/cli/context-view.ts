/** What a run ran on and what it took, as `show` tells it. A list of packages is given by its length and its digest. */
import { canonicalize } from '../core/canonical-json.ts';
import { shortId } from '../core/ids.ts';
import type { ContextRecord } from '../core/records/context.ts';
import { sha256Hex } from '../core/sha256.ts';
import type { Fields } from './output.ts';
import { byteSize, counted, inLine } from './text.ts';

type Runtime = ContextRecord['runtimes'][number];

/** Undeclared files that are named for people. */
const namedPaths = 5;

function packagesOf({ packages }: Runtime): { count: number; sha256: string } | undefined {
  if (packages === undefined) return undefined;
  return { count: packages.length, sha256: sha256Hex(canonicalize(packages)) };
}

/** null for a run without a context. An erased one says only that. */
export function contextFields(id: string | undefined, context: ContextRecord | undefined): Fields | null {
  if (id === undefined) return null;
  if (context === undefined) return { erased: true };
  const { schema, ...rest } = context;
  const runtimes = context.runtimes.map((runtime) => {
    const { packages, ...facts } = runtime;
    return packages === undefined ? facts : { ...facts, packages: packagesOf(runtime) };
  });
  return { erased: false, ...rest, runtimes };
}

function runtimeText(runtime: Runtime): string {
  const { version, executable, locks = [], problem } = runtime;
  const packages = packagesOf(runtime);
  return [
    `${version ?? 'unknown version'} (${executable})`,
    ...(packages === undefined
      ? []
      : [
          `${counted(packages.count, 'package')}${packages.count === 0 ? '' : ` (digest ${shortId(packages.sha256)})`}`,
        ]),
    ...locks.map(({ path, sha256 }) => `${path} ${shortId(sha256)}`),
    ...(problem === undefined ? [] : [problem]),
  ].join(', ');
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

function useText({ wallMs, userCpuMs, systemCpuMs, peakMemoryBytes }: NonNullable<ContextRecord['use']>): string {
  const cpu = userCpuMs === undefined && systemCpuMs === undefined ? undefined : (userCpuMs ?? 0) + (systemCpuMs ?? 0);
  return [
    seconds(wallMs),
    ...(cpu === undefined ? [] : [`CPU time ${seconds(cpu)}`]),
    ...(peakMemoryBytes === undefined ? [] : [`memory ${byteSize(peakMemoryBytes)} at least`]),
  ].join(', ');
}

/** How much a command printed, and how much of it is not kept. */
function printedText(output: NonNullable<ContextRecord['output']>): string {
  return (['stdout', 'stderr'] as const)
    .map((name) => {
      const { bytes, cut } = output[name];
      return `${byteSize(bytes)} on ${name}${cut === 0 ? '' : ` (${byteSize(cut)} not kept)`}`;
    })
    .join(', ');
}

export function contextLines(id: string | undefined, context: ContextRecord | undefined): string[] {
  if (id === undefined) return [];
  if (context === undefined) return ['', 'Environment: (erased)'];
  const { host, runtimes, variables, use, output, undeclared, stillRunning = [] } = context;
  const more = (undeclared?.count ?? 0) - namedPaths;
  const facts: [name: string, text: string][] = [
    ['host', `${host.name}, ${host.os} ${host.osVersion}, kernel ${host.kernel}, ${host.arch}`],
    [
      'processors',
      `${host.cpus}${host.cpuModel === undefined ? '' : ` (${host.cpuModel})`}, memory ${byteSize(host.memoryBytes)}`,
    ],
    ...runtimes.map((runtime): [string, string] => [runtime.language, runtimeText(runtime)]),
    ...Object.entries(variables).map(([name, value]): [string, string] => [`variable ${name}`, value]),
    ...(use === undefined ? [] : [['took', useText(use)] as [string, string]]),
    ...(output === undefined ? [] : [['printed', printedText(output)] as [string, string]]),
    ...(undeclared === undefined
      ? []
      : [
          [
            'not declared',
            `${undeclared.paths.slice(0, namedPaths).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
          ] as [string, string],
        ]),
    ...(stillRunning.length === 0 ? [] : [['still running', stillRunning.join(', ')] as [string, string]]),
  ];
  return ['', 'Environment:', ...facts.map(([name, text]) => `  ${inLine(name)}: ${inLine(text)}`)];
}
