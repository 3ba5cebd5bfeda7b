/**
 * The arrows of docs/architecture.md: which layer may import which, types included. `npm test` runs them, and
 * tests/architecture.test.ts proves that they catch a violation.
 *
 * A rule here forbids everything that its layer's list does not name, so a new folder is refused until it is listed.
 */

/** Own source layers that a layer may import, and the packages that it may use. Node's own modules: `node`. */
const layers = [
  {
    layer: 'core',
    mayImport: ['core'],
    packages: ['@noble/[^/]+', 'zod'],
    node: false,
    reason: 'core is pure: it also runs in a browser, and ids can be computed anywhere',
  },
  {
    layer: 'verify',
    mayImport: ['verify', 'core'],
    packages: ['@bufbuild/cel'],
    node: false,
    reason: 'an auditor reads verify alone: it decides from facts and never touches signing or storage',
  },
  {
    layer: 'ports',
    mayImport: ['ports', 'core'],
    packages: [],
    node: false,
    reason: 'ports are interfaces: whatever they import, every adapter would have to carry',
  },
  {
    layer: 'store',
    mayImport: ['store', 'core', 'verify', 'ports'],
    packages: [],
    node: false,
    reason: 'use cases see the world through ports only, so that another adapter can stand behind them',
  },
  {
    layer: 'adapters',
    mayImport: ['adapters', 'core', 'ports'],
    packages: [
      '@duckdb/node-api',
      '@duckdb/node-bindings',
      'apache-arrow',
      'better-sqlite3',
      '@types/better-sqlite3',
      'fs-extra',
      '@types/fs-extra',
      'tar',
      'yaml',
      '@types/node',
    ],
    node: true,
    reason: 'an adapter speaks to one technology: it knows its port, never the use cases above',
  },
  {
    layer: 'app',
    mayImport: ['app', 'core', 'verify', 'ports', 'store', 'adapters'],
    packages: ['zod', '@types/node'],
    node: true,
    reason: 'app wires everything below it and nothing above it',
  },
  {
    layer: 'cli',
    mayImport: ['cli', 'app', 'store', 'verify', 'core'],
    packages: ['commander', 'zod', '@types/node'],
    node: true,
    reason: 'a command is arguments, one call, print: what it needs from an adapter, app gives it',
  },
];

/** Packages that belong to one folder of adapters: "the only place that imports its driver". */
const drivers = [
  { packages: 'better-sqlite3', folder: 'sqlite' },
  { packages: 'fs-extra', folder: 'fs' },
  { packages: 'yaml', folder: 'yaml' },
  { packages: '@duckdb', folder: 'duckdb' },
  { packages: 'apache-arrow', folder: 'duckdb' },
];

const anyPackage = '(^|/)node_modules/';
/** @param {string[]} names */
const packagePattern = (names) => `(^|/)node_modules/(${names.join('|')})/`;

const layerRules = layers.flatMap(({ layer, mayImport, packages, node, reason }) => [
  {
    name: `${layer}-imports-only-its-layers`,
    severity: 'error',
    comment: `${layer} may import ${mayImport.join(', ')}: ${reason}.`,
    from: { path: `^src/${layer}/` },
    to: {
      path: '^(src|tests|bench|demo|scripts)/',
      pathNot: [`^src/(${mayImport.join('|')})/`, ...(node ? [] : ['^src/pure\\.d\\.ts$'])],
    },
  },
  {
    name: `${layer}-uses-only-its-packages`,
    severity: 'error',
    comment: `${layer} may use ${packages.filter((name) => !name.startsWith('@types/')).join(', ') || 'no packages'}: ${reason}.`,
    from: { path: `^src/${layer}/` },
    to: { path: anyPackage, ...(packages.length > 0 ? { pathNot: packagePattern(packages) } : {}) },
  },
  ...(node
    ? []
    : [
        {
          name: `${layer}-is-free-of-node`,
          severity: 'error',
          comment: `${layer} runs without Node: ${reason}.`,
          from: { path: `^src/${layer}/` },
          to: { dependencyTypes: ['core'] },
        },
      ]),
]);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-adapter-imports-another',
      severity: 'error',
      comment: 'An adapter folder is one technology; two that know each other cannot be exchanged alone.',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    ...drivers.map(({ packages, folder }) => ({
      name: `only-adapters-${folder}-imports-${packages}`,
      severity: 'error',
      comment: `The driver ${packages} stays in adapters/${folder}, its types included, so that it can be replaced there.`,
      from: { path: '^src/', pathNot: `^src/adapters/${folder}/` },
      to: { path: packagePattern([packages, `@types/${packages}`]) },
    })),
    {
      name: 'library-exports-from-listed-layers',
      severity: 'error',
      comment:
        'src/index.ts is the public library: it re-exports core, ports, store and app, never a driver or the CLI.',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(core|ports|store|app)/' },
    },
    {
      name: 'verify-does-not-sign',
      severity: 'error',
      comment:
        'What verifies never reaches what signs, not even through core: an auditor can read it without keys in mind.',
      from: { path: '^src/verify/' },
      to: { path: '^src/core/signing\\.ts$', reachable: true },
    },
    {
      name: 'commands-do-not-import-commands',
      severity: 'error',
      comment: 'What two commands share is not a command: it belongs beside cli/commands/ or below the CLI.',
      from: { path: '^src/cli/commands/' },
      to: { path: '^src/cli/commands/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two modules that need each other are one module, types included.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable-imports',
      severity: 'error',
      comment: 'An import that is not found would hide from every other rule.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'source-needs-no-development-packages',
      severity: 'error',
      comment: 'What src imports at run time has to be a dependency of the published package.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
