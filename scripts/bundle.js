// @ts-check
/**
 * Bundles the command line for a quick start: `dist/cairn.cjs` holds what every command needs, `dist/chunks/` what only
 * some need. A module that the sources load with `await import('./x.ts')` becomes such a chunk, read when it is asked for.
 *
 * Two passes, because esbuild splits ES modules only and CommonJS starts about 10 ms sooner: the first splits, the
 * second turns each piece into CommonJS and each `import()` into a deferred `require()`. Modules that two pieces share
 * lie in a third, so there is one copy of everything (`instanceof CodedError` holds everywhere).
 *
 * What sources may rely on:
 * - `import.meta.url` is the URL of dist/cairn.cjs in all of them (dist/packing-worker.cjs in the worker's bundle), so a
 *   sibling is found by `new URL('./packing-worker' + extname(import.meta.url), import.meta.url)` in src (.ts), in the
 *   compiled library (.js) and here (.cjs) alike;
 * - `__CAIRN_VERSION__` and `CAIRN_VERSION` are the version of package.json.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join, relative } from 'node:path';
import * as esbuild from 'esbuild';

/** A piece of an earlier build may still be wanted by a command that runs; it is removed by a build an hour later. */
const keepPiecesMs = 3_600_000;

/** @type {{ name: string, entry: string }[]} */
const programs = [
  { name: 'cairn', entry: 'src/cli/main.ts' },
  { name: 'packing-worker', entry: 'src/adapters/fs/packing-worker.ts' },
];

/** commander loads child_process for stand-alone executable subcommands, which cairn has none of: 5 ms saved. */
/** @type {esbuild.Plugin} */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /node_modules\/commander\//.test(importer) ? { path: 'child_process', namespace: 'lazy' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: `export default { spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) };`,
    }));
  },
};

/**
 * The JavaScript half of better-sqlite3 goes into the bundle (ten files fewer to find and read: 3 ms), its native half
 * stays where npm put it.
 */
/** @type {esbuild.Plugin} */
const nativeSqlite = {
  name: 'native-sqlite',
  setup(build) {
    build.onLoad({ filter: /better-sqlite3\/lib\/binding\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll("path.join(__dirname, '..'", "path.join(packageDirectory(), '..'")
        .replace(
          'let DEFAULT_ADDON;',
          `let DEFAULT_ADDON;
          const packageDirectory = () => path.join(path.dirname(require.resolve('better-sqlite3/package.json')), 'lib');`,
        )
        .replace(/if \(require\.main === module\) \{[\s\S]*$/, ''),
    }));
  },
};

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node22.15',
  minify: true,
  external: [...builtinModules, 'node:*', 'better-sqlite3/package.json', '@duckdb/*'],
  plugins: [lazyChildProcess, nativeSqlite],
  legalComments: 'none',
  logLevel: 'warning',
};

/** Replaces a file in one step: a command that starts meanwhile sees the old one or the new one. */
function replace(/** @type {string} */ file, /** @type {string} */ text) {
  const temporary = `${file}.${randomUUID()}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/** @returns {Promise<string[]>} the names of the pieces */
async function bundleProgram(
  /** @type {string} */ root,
  /** @type {typeof programs[number]} */ program,
  /** @type {string} */ version,
) {
  const dist = join(root, 'dist');
  const split = await esbuild.build({
    ...common,
    absWorkingDir: root,
    entryPoints: { [program.name]: program.entry },
    format: 'esm',
    splitting: true,
    outdir: dist,
    chunkNames: `chunks/${program.name}-[hash]`,
    outExtension: { '.js': '.cjs' },
    define: {
      'import.meta.url': '__bundleUrl',
      __CAIRN_VERSION__: JSON.stringify(version),
      CAIRN_VERSION: JSON.stringify(version),
    },
    write: false,
  });
  const written = [];
  // The entry comes last, when everything that it names is there.
  for (const { path, text } of split.outputFiles.toReversed()) {
    const isEntry = basename(path) === `${program.name}.cjs`;
    const self = isEntry ? '__filename' : `require("node:path").join(__dirname,"../${program.name}.cjs")`;
    const { code } = await esbuild.transform(text, {
      format: 'cjs',
      platform: 'node',
      target: 'node22.15',
      minify: true,
      supported: { 'dynamic-import': false },
      banner: text.includes('__bundleUrl') ? `const __bundleUrl=require("node:url").pathToFileURL(${self}).href;` : '',
    });
    replace(path, code);
    written.push(relative(dist, path));
  }
  return written;
}

/** @returns {Promise<{ missing: string[] }>} entry points that do not exist */
export async function bundleCommandLine(/** @type {string} */ root) {
  const chunks = join(root, 'dist', 'chunks');
  mkdirSync(chunks, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const missing = [];
  const written = new Set();
  for (const program of programs) {
    if (!existsSync(join(root, program.entry))) missing.push(program.entry);
    else for (const name of await bundleProgram(root, program, version)) written.add(name);
  }
  for (const name of readdirSync(chunks)) {
    const isOld = Date.now() - statSync(join(chunks, name)).mtimeMs > keepPiecesMs;
    if (isOld && !written.has(`chunks/${name}`)) rmSync(join(chunks, name));
  }
  return { missing };
}
