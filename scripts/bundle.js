// @ts-check
/**
 * Bundles the command line into one file that starts quickly, dist/cairn.cjs, and its workers beside it (dist/packing-worker.cjs, …).
 *
 * A module that the sources load with `await import('./x.ts')` is evaluated when it is asked for, and not before. esbuild
 * does that for ES modules split into many files; but CommonJS starts 10 ms sooner, and forty small files take 8 ms to
 * find. So: esbuild splits (what two pieces share lies in a third: there is one copy of everything, and `instanceof` holds
 * everywhere), each piece becomes a CommonJS function, and they stand in two files, to be called by name: what the commands
 * of every minute need, and, read only when one of them is asked for, all the rest (dist/cairn-rest.cjs).
 *
 * What sources may rely on:
 * - `import.meta.url` is the URL of the bundle in all of them, so a sibling is found by
 *   `new URL('./packing-worker' + extension, import.meta.url)` in src (.ts), in the compiled library (.js) and here (.cjs);
 * - `CAIRN_VERSION` is the version of package.json;
 * - there is no top-level await: CommonJS has none.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join, relative } from 'node:path';
import * as esbuild from 'esbuild';
import { bundledRequire, deferredBuiltins, nativeSqlite } from './bundle-plugins.js';

/** A worker is started to work: it needs Node's modules at once. */
const programs = [
  {
    name: 'cairn',
    entry: 'src/cli/main.ts',
    first: [
      'cli/parse-arguments',
      'app/open-store',
      'adapters/process/process-runner',
      'adapters/process/environment',
      'adapters/fs/scratch-space',
      'app/artifact-store',
      ...['status', 'log', 'show', 'ls', 'add', 'commit', 'checkout', 'run', 'publish', 'trace'].map(
        (name) => `cli/commands/${name}`,
      ),
    ],
    plugins: [bundledRequire, deferredBuiltins, nativeSqlite],
  },
  { name: 'packing-worker', entry: 'src/adapters/fs/packing-worker.ts', first: [], plugins: [] },
  { name: 'writing-worker', entry: 'src/adapters/fs/writing-worker.ts', first: [], plugins: [] },
  { name: 'survey-worker', entry: 'src/app/survey-worker.ts', first: [], plugins: [] },
];

const target = 'node22.15';

/** The loader that the pieces share: Node's `require` for modules outside, evaluation on first use for pieces. */
const loader = `"use strict";
const bundleFile=__filename,bundleUrl=require("node:url").pathToFileURL(bundleFile).href,evaluated=new Map;
function load(name){
const piece=pieces[name]??restOf(name);
if(piece===undefined)return process.getBuiltinModule(name)??require(name);
let module=evaluated.get(name);
if(module===undefined){evaluated.set(name,module={exports:{}});piece(module,module.exports,load)}
return module.exports}
load.resolve=require.resolve;
let rest;
function restOf(name){return name.startsWith("./")&&hasRest?(rest??=require(bundleFile.replace(/\\.cjs$/,"-rest.cjs"))(bundleUrl))[name]:undefined}
const pieces={__proto__:null`;

const restHead = '"use strict";\nmodule.exports=bundleUrl=>({__proto__:null';

/**
 * The outputs that these modules are in, with all that they import, but for what they `await import()`.
 * @param {esbuild.Metafile} metafile
 * @param {readonly string[]} modules
 */
function firstOutputs(metafile, modules) {
  const first = new Set();
  const take = (/** @type {string} */ output) => {
    if (first.has(output)) return;
    first.add(output);
    for (const { path, kind, external } of metafile.outputs[output]?.imports ?? []) {
      if (!external && kind !== 'dynamic-import') take(path);
    }
  };
  for (const module of modules) {
    const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === module);
    if (found === undefined) throw new Error(`bundle: ${module} is no module that is loaded on its own`);
    take(found[0]);
  }
  return first;
}

/** Replaces a file in one step: a command that starts meanwhile sees the old one or the new one. */
function replace(/** @type {string} */ file, /** @type {string} */ text) {
  const temporary = `${file}.${randomUUID()}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/** One ES module of the split as the body of a CommonJS function. */
async function toPiece(/** @type {esbuild.OutputFile} */ { path, text }, /** @type {boolean} */ minify) {
  const { code } = await esbuild.transform(text, {
    format: 'cjs',
    platform: 'node',
    target,
    minify,
    supported: { 'dynamic-import': false },
  });
  return `,${JSON.stringify(`./${basename(path)}`)}(module,exports,require){${code.trimEnd()}\n}`;
}

/** @param {string} root @param {typeof programs[number]} program @param {string} version @param {boolean} minify */
async function bundleProgram(root, program, version, minify) {
  const split = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { [program.name]: program.entry },
    outdir: join(root, 'dist'),
    chunkNames: '[hash]',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target,
    minify,
    external: [...builtinModules, 'node:*', 'better-sqlite3/package.json', '@duckdb/*', 'apache-arrow'],
    plugins: program.plugins,
    define: { 'import.meta.url': 'bundleUrl', CAIRN_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    metafile: true,
  });
  const first = firstOutputs(split.metafile, [program.entry, ...program.first.map((name) => `src/${name}.ts`)]);
  const isFirst = (/** @type {esbuild.OutputFile} */ { path }) =>
    program.first.length === 0 || first.has(relative(root, path));
  const write = async (
    /** @type {string} */ name,
    /** @type {string} */ head,
    /** @type {typeof split.outputFiles} */ files,
    /** @type {string} */ tail,
  ) => {
    const pieces = await Promise.all(files.map((file) => toPiece(file, minify)));
    replace(join(root, 'dist', `${name}.cjs`), `${head}${pieces.join('')}${tail}`);
  };
  const rest = split.outputFiles.filter((file) => !isFirst(file));
  // The rest comes first: who reads a new first file finds a rest that fits it.
  if (rest.length > 0) await write(`${program.name}-rest`, restHead, rest, '});\n');
  const head = `${loader.replace('hasRest', String(rest.length > 0))}`;
  await write(program.name, head, split.outputFiles.filter(isFirst), `};\nload("./${program.name}.cjs");\n`);
}

/**
 * @param {string} root
 * @param {{ minify: boolean }} options
 * @returns {Promise<{ missing: string[] }>} entry points that do not exist
 */
export async function bundleCommandLine(root, { minify }) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const missing = [];
  for (const program of programs) {
    if (existsSync(join(root, program.entry))) await bundleProgram(root, program, version, minify);
    else missing.push(program.entry);
  }
  return { missing };
}
