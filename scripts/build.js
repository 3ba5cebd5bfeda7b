// @ts-check
/**
 * Builds dist/: the library as ES modules with types (the compiler, one project a layer), and the command line as
 * minified CommonJS that starts quickly (scripts/bundle.js). `--bundle-only` skips the compiler;
 * `--readable` leaves names as they are, for a profile.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import inputs from './build-inputs.cjs';
import { bundleCommandLine } from './bundle.js';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** The compiler never deletes: a module whose source is gone would stay importable. */
function removeOrphans(/** @type {string} */ relative) {
  for (const entry of readdirSync(join(dist, relative), { withFileTypes: true })) {
    const path = join(relative, entry.name);
    const source = join(root, 'src', path.replace(/(\.d\.ts|\.js)$/, '.ts'));
    if (entry.isDirectory()) removeOrphans(path);
    else if (/(\.d\.ts|\.js)$/.test(entry.name) && !existsSync(source)) rmSync(join(dist, path));
  }
}

function compileLibrary() {
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const result = spawnSync(compiler, ['-b', 'src', 'src/cli'], { cwd: root, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
  for (const layer of readdirSync(join(root, 'src'), { withFileTypes: true })) {
    if (layer.isDirectory() && existsSync(join(dist, layer.name))) removeOrphans(layer.name);
  }
}

if (!('zstdCompressSync' in zlib)) {
  process.stderr.write(`build: this is node ${process.versions.node}; \`npm run build\` uses the project's own\n`);
  process.exit(1);
}
const fingerprint = inputs.fingerprint();
mkdirSync(dist, { recursive: true });
if (!process.argv.includes('--bundle-only')) compileLibrary();
try {
  const { missing } = await bundleCommandLine(root, { minify: !process.argv.includes('--readable') });
  if (missing.length > 0) process.stderr.write(`build: not there yet: ${missing.join(', ')}\n`);
  inputs.recordBuild(fingerprint);
} catch (error) {
  // esbuild has printed its own errors, with the lines that they are about.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
}
