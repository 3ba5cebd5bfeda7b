/**
 * cairn.context/1: what a run ran on and what it took. Not identity: two runs of one meaning have different contexts, and a
 * context can be erased while its run stays. A run under a fixed clock has none.
 */
export interface ContextRecord {
  readonly schema: 'cairn.context/1';
  readonly host: {
    readonly name: string;
    readonly os: string;
    readonly osVersion: string;
    readonly kernel: string;
    readonly arch: string;
    readonly cpus: number;
    readonly cpuModel?: string;
    readonly memoryBytes: number;
  };
  readonly runtimes: readonly {
    readonly language: string;
    readonly version?: string;
    readonly executable: string;
    readonly evidence: 'seen' | 'named';
    readonly packages?: readonly { readonly name: string; readonly version: string }[];
    readonly locks?: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
    readonly problem?: string;
  }[];
  readonly variables: { readonly [name: string]: string };
  readonly use?: {
    readonly wallMs: number;
    readonly userCpuMs?: number;
    readonly systemCpuMs?: number;
    readonly peakMemoryBytes?: number;
    readonly samples: number;
  };
  readonly output?: {
    readonly stdout: { readonly bytes: number; readonly cut: number };
    readonly stderr: { readonly bytes: number; readonly cut: number };
  };
  readonly code?: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
  readonly undeclared?: { readonly count: number; readonly paths: readonly string[] };
  readonly stillRunning?: readonly string[];
}
