// @ts-check
/** What the bundle does to modules on their way in, so that a command starts with as little as it needs. */
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** @typedef {import('esbuild').Plugin} Plugin */

/** Node's own modules that take 0.5 to 5 ms to load; most commands use few of them. The others are loaded in any case. */
const slowBuiltins = [
  'child_process',
  'crypto',
  'fs/promises',
  'readline/promises',
  'stream',
  'stream/promises',
  'timers/promises',
  'worker_threads',
  'zlib',
];

/**
 * Source of a module with the exports of a builtin, which loads it when one of them is used. Exports that are neither
 * functions nor objects (`isMainThread`) cannot be put off and are left out: importing one fails the build.
 * @param {string} name
 */
function deferred(name) {
  const lines = [`let $loaded; const $real = () => ($loaded ??= process.getBuiltinModule('node:${name}'));`];
  lines.push(`const $custom = Symbol.for('${String(promisify.custom.description)}');`);
  const builtin = process.getBuiltinModule(`node:${name}`);
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(builtin))) {
    if (key === 'default') continue;
    if (typeof value === 'function' && promisify.custom in value) {
      lines.push(
        `export const ${key} = /* @__PURE__ */ Object.defineProperty((...args) => $real().${key}(...args),
          $custom, { get: () => $real().${key}[$custom] });`,
      );
    } else if (typeof value === 'function') {
      lines.push(
        `export function ${key}(...args) {
          return new.target ? Reflect.construct($real().${key}, args) : $real().${key}(...args);
        }`,
      );
    } else if (typeof value === 'object' && value !== null) {
      lines.push(`export const ${key} = /* @__PURE__ */ new Proxy({}, { get: (_, name) => $real().${key}[name] });`);
    }
  }
  lines.push('export default /* @__PURE__ */ new Proxy({}, { get: (_, name) => $real()[name] });');
  return lines.join('\n');
}

/** @type {Plugin} */
export const deferredBuiltins = {
  name: 'deferred-builtins',
  setup(build) {
    const names = slowBuiltins.map((name) => name.replace('/', '\\/')).join('|');
    build.onResolve({ filter: new RegExp(`^node:(${names})$`) }, ({ path, kind }) =>
      kind === 'import-statement'
        ? { path: path.slice('node:'.length), namespace: 'deferred', sideEffects: false }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'deferred' }, ({ path }) => ({ contents: deferred(path) }));
  },
};

/**
 * `createRequire(import.meta.url)('x')` is how a source loads a package when it is first needed. In the bundle every
 * module is evaluated when it is first needed, so the package can be a part of it.
 * @type {Plugin}
 */
export const bundledRequire = {
  name: 'bundled-require',
  setup(build) {
    build.onLoad({ filter: /\/src\/adapters\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replaceAll("createRequire(import.meta.url)('", "require('");
      return contents === source ? undefined : { contents, loader: 'ts' };
    });
  },
};

/**
 * The JavaScript half of better-sqlite3 goes into the bundle (ten files fewer to find and read: 3 ms), its native half
 * stays where npm put it.
 * @type {Plugin}
 */
export const nativeSqlite = {
  name: 'native-sqlite',
  setup(build) {
    build.onLoad({ filter: /better-sqlite3\/lib\/binding\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll("path.join(__dirname, '..'", "path.join(packageDirectory(), '..'")
        .replace(
          'let DEFAULT_ADDON;',
          `let DEFAULT_ADDON;
          function packageDirectory() {
            // Beside this package in a clone; anywhere above it when installed as a dependency.
            const near = path.join(path.dirname(bundleFile), '../node_modules/better-sqlite3/lib');
            return fs.existsSync(near) ? near : path.join(path.dirname(require.resolve('better-sqlite3/package.json')), 'lib');
          }`,
        )
        .replace(/if \(require\.main === module\) \{[\s\S]*$/, ''),
    }));
  },
};
