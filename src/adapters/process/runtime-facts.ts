/**
 * What a language runtime is: its version, and the packages that a program run by it would find. Each is asked in its own
 * words; an answer that is not understood is a problem that is told, never a guess.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RuntimeFacts } from '../../ports/process.ts';
import { ask } from './bounded-query.ts';
import { findProgram } from './find-program.ts';
import type { Runtime } from './language-runtimes.ts';
import { findLocks } from './lock-files.ts';

type Env = { readonly [name: string]: string | undefined };
type Package = { readonly name: string; readonly version: string };
type Found = Pick<RuntimeFacts, 'version' | 'packages' | 'problem'>;

const packageLimit = 20_000;

/** The name of a `.dist-info` directory says name and version; reading the files inside takes half a second. */
const pythonQuestion = `
import json, platform
answer = {"version": platform.python_implementation() + " " + platform.python_version(), "packages": []}
try:
    import importlib.metadata as metadata
    def named(d):
        parts = getattr(getattr(d, "_path", None), "name", "").rsplit(".", 1)
        words = parts[0].split("-")
        if len(parts) == 2 and parts[1] == "dist-info" and len(words) == 2:
            return (words[0], words[1])
        return (d.metadata["Name"] or "", d.version or "")
    answer["packages"] = sorted({named(d) for d in metadata.distributions()})
except Exception as error:
    answer["problem"] = "packages: " + str(error)
print(json.dumps(answer))
`;

const rQuestion = `
cat(R.version.string, "\\n", sep = "")
found <- installed.packages()[, c("Package", "Version"), drop = FALSE]
cat(paste(found[, 1], found[, 2]), sep = "\\n")
`;

function byName(packages: Iterable<readonly [string, string]>): readonly Package[] {
  const known = new Map<string, Package>();
  for (const [name, version] of packages) {
    if (name !== '' && known.size < packageLimit) known.set(`${name} ${version}`, { name, version });
  }
  return [...known.keys()].sort().map((key) => known.get(key) as Package);
}

async function askPython(executable: string, env: Env): Promise<Found> {
  const { text = '', problem } = await ask(executable, ['-c', pythonQuestion], env);
  if (problem !== undefined) return { problem };
  try {
    const answer = JSON.parse(text) as { version: string; packages: [string, string][]; problem?: string };
    const { version, packages } = answer;
    return {
      version,
      packages: byName(packages),
      ...(answer.problem === undefined ? {} : { problem: answer.problem }),
    };
  } catch {
    return { problem: `${executable} gave an answer that is not understood` };
  }
}

async function askR(executable: string, env: Env): Promise<Found> {
  const script = findProgram('Rscript', env['PATH'] ?? '', '/');
  const program = script.kind === 'found' ? script.path : executable;
  const { text = '', problem } = await ask(program, ['--no-init-file', '-e', rQuestion], env);
  if (problem !== undefined) return { problem };
  const [version = '', ...lines] = text.split('\n');
  const packages = lines.map((line) => line.trim().split(' ')).map(([name = '', at = '']) => [name, at] as const);
  return { version: version.trim(), packages: byName(packages) };
}

/** Packages as npm has installed them, from the nearest node_modules; no program is asked. */
function nodePackages(cwd: string): readonly Package[] | undefined {
  for (let at = cwd; ; at = dirname(at)) {
    try {
      const text = readFileSync(join(at, 'node_modules', '.package-lock.json'), 'utf8');
      const { packages = {} } = JSON.parse(text) as { packages?: { [place: string]: { version?: string } } };
      const prefix = 'node_modules/';
      return byName(
        Object.entries(packages).map(
          ([place, { version = '' }]) => [place.slice(place.lastIndexOf(prefix) + prefix.length), version] as const,
        ),
      );
    } catch {
      // none here, or none that is understood: then the next one above
    }
    if (dirname(at) === at) return undefined;
  }
}

async function askVersion(executable: string, env: Env): Promise<Found> {
  const { text, problem } = await ask(executable, ['--version'], env);
  return problem === undefined ? { version: (text ?? '').split('\n')[0]?.trim() ?? '' } : { problem };
}

async function askNode(executable: string, env: Env, cwd: string): Promise<Found> {
  const { NODE_OPTIONS: _, ...plain } = env; // it may load a file of the user's
  const own = executable === process.execPath;
  const found = own ? { version: process.version } : await askVersion(executable, plain);
  const packages = nodePackages(cwd);
  return { ...found, ...(packages === undefined ? {} : { packages }) };
}

function asking(runtime: Runtime, env: Env, cwd: string): Promise<Found> {
  if (runtime.language === 'python') return askPython(runtime.executable, env);
  if (runtime.language === 'R') return askR(runtime.executable, env);
  if (runtime.language === 'node') return askNode(runtime.executable, env, cwd);
  return askVersion(runtime.executable, env);
}

export async function factsOf(runtime: Runtime, env: Env, cwd: string, root: string): Promise<RuntimeFacts> {
  const { version, packages, problem } = await asking(runtime, env, cwd);
  const locks = findLocks(runtime.language, cwd, root);
  return {
    language: runtime.language,
    executable: runtime.executable.toWellFormed(),
    evidence: runtime.evidence,
    ...(version === undefined || version === '' ? {} : { version: version.toWellFormed().slice(0, 200) }),
    ...(packages === undefined ? {} : { packages }),
    ...(locks.length === 0 ? {} : { locks }),
    ...(problem === undefined ? {} : { problem: problem.toWellFormed() }),
  };
}
