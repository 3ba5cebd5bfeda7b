/** What a command ran on: the machine, and the language runtimes behind the command (`EnvironmentProbe`). */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem, version } from 'node:os';
import type { EnvironmentProbe, HostFacts } from '../../ports/process.ts';
import { runtimesOf } from './language-runtimes.ts';
import { factsOf } from './runtime-facts.ts';

/** `Debian GNU/Linux 12 (bookworm)`; the kernel's own words where the distribution does not say. */
function osVersion(): string {
  try {
    const match = /^PRETTY_NAME=["']?(.*?)["']?$/m.exec(readFileSync('/etc/os-release', 'utf8'));
    if (match?.[1] !== undefined && match[1] !== '') return match[1];
  } catch {
    // not Linux, or a bare one
  }
  return version();
}

function hostFacts(): HostFacts {
  const model = cpus()[0]?.model.trim();
  return {
    name: hostname(),
    os: platform(),
    osVersion: osVersion(),
    kernel: release(),
    arch: arch(),
    cpus: availableParallelism(),
    ...(model === undefined || model === '' ? {} : { cpuModel: model }),
    memoryBytes: totalmem(),
  };
}

export function environmentProbe(): EnvironmentProbe {
  return {
    host: async () => hostFacts(),
    async runtimes({ argv, cwd, root, env, programs }) {
      const runtimes = runtimesOf({ argv, cwd, env, programs });
      return Promise.all(runtimes.map((runtime) => factsOf(runtime, env, cwd, root)));
    },
  };
}
