/**
 * From a policy file to the record: what it extends is put under it, what it leaves out is written out, and everything that is
 * wrong is named with its line and column.
 *
 * Thresholds are set here and nowhere else: an evaluation takes them from the record. A threshold that no check names, and one that
 * a check names and nobody sets, are both mistakes.
 */
import { CodedError } from '../errors.ts';
import type { LevelPolicy, PolicyCheck, PolicyProgram, PolicyRecord, Thresholds } from '../records/policy.ts';
import { independentRoles } from '../records/policy.ts';
import { type Level, levels } from '../records/report.ts';
import { documentError, type SourceNode, type SourceProblem, sourceAt, sourceValue } from '../source-node.ts';
import { sourceProblems } from '../source-problems.ts';
import { type PolicyFile, policyFileSchema } from './policy-file-schema.ts';

/** The document of the policy that another one extends, by its name; undefined when there is none. */
export type ResolveExtends = (name: string) => SourceNode | undefined;

const hint = '`cairn schema policy-file` prints what it may hold; docs/guides/policies.md explains it.';
const extendsLimit = 8;

type LevelFile = NonNullable<NonNullable<PolicyFile['levels']>[Level]>;

interface Layer {
  readonly file: PolicyFile;
  readonly root: SourceNode;
  readonly what: string;
}

function readFile(root: SourceNode | undefined, what: string): Layer {
  if (root === undefined) throw documentError(what, [{ at: { line: 1, column: 1 }, why: 'the file is empty' }], hint);
  const result = policyFileSchema.safeParse(sourceValue(root));
  if (result.success) return { file: result.data, root, what };
  const problems = result.error.issues.flatMap((issue) => sourceProblems(policyFileSchema, root, issue));
  throw documentError(what, problems, hint);
}

function fail({ root, what }: Layer, path: readonly PropertyKey[], why: string): never {
  throw documentError(what, [{ at: sourceAt(root, path).at, why }], hint);
}

/** The file and what it builds on, the deepest first. */
function layersOf(root: SourceNode | undefined, what: string, resolveExtends: ResolveExtends): Layer[] {
  const layers = [readFile(root, what)];
  for (;;) {
    const layer = layers[0] as Layer;
    const name = layer.file.extends;
    if (name === undefined) return layers;
    if (layers.some(({ file }) => file.name === name)) {
      fail(
        layer,
        ['extends'],
        `extends: ${name} builds on itself: ${[name, ...layers.map(({ file }) => file.name)].join(' under ')}`,
      );
    }
    if (layers.length >= extendsLimit)
      fail(layer, ['extends'], `extends: more than ${extendsLimit} policies build on each other`);
    const below = resolveExtends(name);
    if (below === undefined) fail(layer, ['extends'], `extends: there is no policy ${JSON.stringify(name)}`);
    const read = readFile(below, name);
    if (read.file.name !== name) fail(layer, ['extends'], `extends: the policy ${name} calls itself ${read.file.name}`);
    layers.unshift(read);
  }
}

function refuseTwice({ file, root, what }: Layer): void {
  const seen = new Set<string>();
  const problems: SourceProblem[] = [];
  for (const part of ['checks', 'programs'] as const) {
    file[part]?.forEach(({ id }, index) => {
      if (seen.has(id))
        problems.push({ at: sourceAt(root, [part, index, 'id']).at, why: `the id ${id} stands here twice` });
      seen.add(id);
    });
  }
  if (problems.length > 0) throw documentError(what, problems, hint);
}

/** Lists by id: one of the same id takes the place of the one below. */
function merge<T extends { readonly id: string }>(lists: readonly (readonly T[] | undefined)[]): T[] {
  const merged = new Map<string, T>();
  for (const list of lists) for (const one of list ?? []) merged.set(one.id, one);
  return [...merged.values()];
}

function atLevels(chosen: readonly Level[] | undefined): Level[] {
  return levels.filter((level) => chosen === undefined || chosen.includes(level));
}

function checkOf(check: NonNullable<PolicyFile['checks']>[number]): PolicyCheck {
  const { id, assert, message, when, role } = check;
  return {
    id,
    levels: atLevels(check.levels),
    ...(when === undefined ? {} : { when }),
    assert,
    message,
    severity: check.severity ?? 'block',
    ...(role === undefined ? {} : { role }),
  };
}

function programOf({ id, argv, sha256, levels: chosen }: NonNullable<PolicyFile['programs']>[number]): PolicyProgram {
  return { id, argv, sha256, levels: atLevels(chosen) };
}

/** What the layers say of a level: a layer says more than those below it, and the level itself more than the one it is like. */
function levelOf(level: Level, layers: readonly Layer[], trail: readonly Level[] = []): LevelPolicy {
  let settings: LevelFile = {};
  let at: Layer | undefined;
  let thresholds: Thresholds = {};
  for (const layer of layers) {
    const own = layer.file.levels?.[level] ?? {};
    if (own.like !== undefined) at = layer;
    settings = { ...settings, ...own };
    thresholds = { ...thresholds, ...layer.file.thresholds, ...own.thresholds };
  }
  const { like } = settings;
  if (like !== undefined && at !== undefined && (like === level || trail.includes(like))) {
    fail(at, ['levels', level, 'like'], `levels.${level}.like: ${like} is like itself`);
  }
  const other = like === undefined ? undefined : levelOf(like, layers, [...trail, level]);
  const sorted = <T extends string>(names: readonly T[] | undefined, otherwise: readonly T[]): T[] =>
    [...new Set(names ?? otherwise)].sort();
  return {
    enforce: settings.enforce ?? other?.enforce ?? 'block',
    evidence: sorted(settings.evidence, other?.evidence ?? []),
    pins: sorted(settings.pins, other?.pins ?? []),
    thresholds: mergeThresholds(other?.thresholds ?? {}, layers, level, thresholds),
    approvals: settings.approvals ?? other?.approvals ?? [],
    independent: sorted(settings.independent, other?.independent ?? independentRoles),
    waivable:
      settings.waivable?.map(({ subject, roles, reasonRequired }) => ({
        subject,
        roles: sorted(roles, []),
        reasonRequired: reasonRequired ?? true,
      })) ??
      other?.waivable ??
      [],
  };
}

/** Over those of the level that this one is like stand only the ones that this level sets itself. */
function mergeThresholds(other: Thresholds, layers: readonly Layer[], level: Level, all: Thresholds): Thresholds {
  const own = layers.map(({ file }) => file.levels?.[level]?.thresholds ?? {});
  return { ...all, ...other, ...Object.assign({}, ...own) };
}

const thresholdName = /\bthresholds\.([A-Za-z_][A-Za-z0-9_]*)/g;

function thresholdProblems(layers: readonly Layer[], record: PolicyRecord): void {
  const named = new Set<string>();
  for (const check of record.checks) {
    for (const text of [check.when ?? '', check.assert, check.message]) {
      for (const [, name] of text.matchAll(thresholdName)) {
        named.add(name as string);
        const missing = check.levels.find((level) => !Object.hasOwn(record.levels[level].thresholds, name as string));
        if (missing === undefined) continue;
        const layer =
          layers.findLast(({ file }) => file.checks?.some(({ id }) => id === check.id)) ?? (layers.at(-1) as Layer);
        const index = layer.file.checks?.findIndex(({ id }) => id === check.id) ?? 0;
        fail(
          layer,
          ['checks', index],
          `checks[${index}]: ${check.id} names the threshold ${name}, which is not set at the level ${missing}`,
        );
      }
    }
  }
  for (const layer of layers) {
    const { file } = layer;
    const places = [
      { path: ['thresholds'], values: file.thresholds },
      ...levels.map((level) => ({ path: ['levels', level, 'thresholds'], values: file.levels?.[level]?.thresholds })),
    ];
    for (const { path, values = {} } of places) {
      const unused = Object.keys(values).find((name) => !named.has(name));
      if (unused !== undefined) {
        fail(layer, [...path, unused], `${[...path, unused].join('.')}: no check names this threshold`);
      }
    }
  }
}

/**
 * The policy of a document; `what` names it in messages. Throws BAD_JSON with `data.line`, `data.column` and `data.problems`.
 * Expressions are not read here: `policyFaults` (verify/policy/policy-faults.ts) does that.
 */
export function parsePolicy(root: SourceNode | undefined, what: string, resolveExtends: ResolveExtends): PolicyRecord {
  const layers = layersOf(root, what, resolveExtends);
  for (const layer of layers) refuseTwice(layer);
  const { file } = layers.at(-1) as Layer;
  const record: PolicyRecord = {
    schema: 'cairn.policy/1',
    name: file.name,
    version: file.version,
    levels: {
      exploratory: levelOf('exploratory', layers),
      candidate: levelOf('candidate', layers),
      accepted: levelOf('accepted', layers),
    },
    checks: merge(layers.map((layer) => layer.file.checks)).map(checkOf),
    programs: merge(layers.map((layer) => layer.file.programs)).map(programOf),
  };
  const shared = record.checks.find(({ id }) => record.programs.some((program) => program.id === id));
  if (shared !== undefined) {
    throw new CodedError('BAD_JSON', `${what}: a check and a program are both called ${shared.id}`, { hint });
  }
  thresholdProblems(layers, record);
  return record;
}
