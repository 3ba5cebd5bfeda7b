/**
 * The manifest against another one that is built again from the records and the log: every row of every view, side by side.
 *
 * The old manifest is read as it stood when its first row was asked for, and the new one is built up to where the log ended
 * then, so that who writes meanwhile makes no difference. Rows come in the same order on both sides; a row that one side lacks
 * shifts the rest, so those that found no partner wait until they do, or until the view ends.
 */
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import { shortId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { LogPosition } from '../../ports/event-log.ts';
import type { Manifest } from '../../ports/manifest.ts';
import { findReachable, type Reachable } from '../upkeep/reachable.ts';
import { rebuild } from '../upkeep/reindex.ts';
import type { AuditContext } from './audit-context.ts';
import { type AuditCheck, Findings, verdict } from './audit-finding.ts';

type Row = { readonly [column: string]: JsonValue };
type Rows = ReturnType<Manifest['dump']>;
interface Named {
  readonly name: string;
  readonly row: Row;
}

/** Rows without a partner that are held at most. */
const waitingAtMost = 20_000;

/** What tells rows of a view apart, where it is not the first column alone. */
const keys: { readonly [view: string]: readonly string[] } = {
  artifact_lineage: ['run_instance_id', 'relative_path'],
  artifact_edges: ['child_artifact_id', 'parent_artifact_id', 'relation', 'run_instance_id'],
  artifact_tags: ['artifact_id', 'name'],
  governance_refs: ['artifact_id', 'candidate_id', 'eligibility_report_id', 'role'],
  holds: ['subject_kind', 'subject_id'],
  objects: ['namespace', 'sha256'],
  run_inputs: ['run_instance_id', 'ordinal'],
  run_metrics: ['run_instance_id', 'name'],
  run_params: ['run_instance_id', 'name'],
  run_parents: ['run_instance_id', 'ordinal'],
  run_relations: ['run_instance_id', 'ordinal'],
  run_removed: ['run_instance_id', 'path'],
  run_tags: ['run_instance_id', 'name'],
};
/** When a row came to be as it is. */
const times = [
  'status_at_utc',
  'changed_utc',
  'timestamp',
  'since',
  'revoked_at_utc',
  'added_at_utc',
  'approved_at_utc',
  'activated_at_utc',
  'computed_at_utc',
  'ts_utc',
  'created_utc',
  'created_at_utc',
  'created_at',
];

function keyOf({ name, row }: Named): string {
  const columns = keys[name] ?? [Object.keys(row)[0] as string];
  return columns.map((column) => String(row[column])).join(' ');
}

const shortened = (text: string): string => text.replaceAll(/[0-9a-f]{64}/g, (id) => shortId(id));

function sinceOf(row: Row | undefined): Timestamp | undefined {
  const column = times.find((one) => typeof row?.[one] === 'string');
  return column === undefined ? undefined : (row?.[column] as Timestamp);
}

function shown(value: JsonValue | undefined): string {
  const text = typeof value === 'string' ? value : canonicalize(value ?? null);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

class Comparison {
  readonly findings: Findings;
  rows = 0;
  #name = '';
  /** By their text: what only the manifest has, and what only the log gives. */
  readonly #found = new Map<string, Named>();
  readonly #given = new Map<string, Named>();

  constructor(findings: Findings) {
    this.findings = findings;
  }

  take(side: 'found' | 'given', named: Named): void {
    const [own, other] = side === 'found' ? [this.#found, this.#given] : [this.#given, this.#found];
    const text = canonicalize(named.row);
    if (other.delete(text)) return;
    own.set(text, named);
    if (own.size > waitingAtMost) {
      throw new CodedError(
        'MANIFEST_CORRUPT',
        `more than ${waitingAtMost} rows of ${named.name} are not those of the log`,
        {
          hint: '`cairn reindex` builds the manifest again from the records and the log.',
        },
      );
    }
  }

  enter(name: string): void {
    if (name !== this.#name) this.end();
    this.#name = name;
  }

  end(): void {
    const given = new Map(Array.from(this.#given.values(), (named) => [keyOf(named), named.row]));
    for (const named of this.#found.values()) {
      const key = keyOf(named);
      const right = given.get(key);
      given.delete(key);
      this.findings.add(`${named.name} ${shortened(key)}`, differenceOf(named.row, right), sinceOf(right ?? named.row));
    }
    for (const [key, row] of given) {
      this.findings.add(
        `${this.#name} ${shortened(key)}`,
        'the log gives this row, and the manifest has none',
        sinceOf(row),
      );
    }
    this.#found.clear();
    this.#given.clear();
  }
}

function differenceOf(found: Row, given: Row | undefined): string {
  if (given === undefined) return 'the log does not give this row';
  const columns = Object.keys(found).filter(
    (column) => canonicalize(found[column] ?? null) !== canonicalize(given[column] ?? null),
  );
  return columns
    .slice(0, 3)
    .map((column) => `${column} is ${shown(found[column])}, and the log gives ${shown(given[column])}`)
    .join('; ');
}

/** Views come in the order of their names. One of the two is there. */
function earlier(one: string | undefined, other: string | undefined): string {
  if (one === undefined || other === undefined) return (one ?? other) as string;
  return one < other ? one : other;
}

/** True for rows that are equal value by value: nearly all, and nothing else has to be quick. */
function sameRow(left: Row, right: Row): boolean {
  for (const column in left) if (left[column] !== right[column]) return false;
  return Object.keys(left).length === Object.keys(right).length;
}

async function compareDumps(
  found: AsyncIterator<Named>,
  first: IteratorResult<Named>,
  given: Rows,
): Promise<Comparison> {
  const comparison = new Comparison(new Findings());
  const right = given[Symbol.asyncIterator]();
  let [one, other] = [first, await right.next()];
  while (one.done !== true || other.done !== true) {
    // A view that is through on one side is read to its end on the other.
    const name = earlier(
      one.done === true ? undefined : one.value.name,
      other.done === true ? undefined : other.value.name,
    );
    comparison.enter(name);
    comparison.rows++;
    const takesOne = one.done !== true && one.value.name === name;
    const takesOther = other.done !== true && other.value.name === name;
    const isSame = takesOne && takesOther && sameRow(one.value.row, other.value.row);
    if (takesOne && !isSame) comparison.take('found', one.value as Named);
    if (takesOther && !isSame) comparison.take('given', other.value as Named);
    if (takesOne) one = await found.next();
    if (takesOther) other = await right.next();
  }
  comparison.end();
  return comparison;
}

/** The rows of one moment, and where the log ended at that moment: nobody may have committed around the first row. */
async function pinned(
  manifest: Manifest,
  named: Parameters<Manifest['dump']>[0],
): Promise<{ found: AsyncIterator<Named>; first: IteratorResult<Named>; position: LogPosition }> {
  for (;;) {
    const position = await manifest.logPosition();
    const found = manifest.dump(named)[Symbol.asyncIterator]();
    const first = await found.next();
    const after = await manifest.logPosition();
    if (after.segment === position.segment && after.length === position.length) return { found, first, position };
    await found.return?.(undefined);
  }
}

/** What a rebuilt manifest says is named: the records whose bytes have to be there. */
export interface Rebuilt {
  readonly manifest: Manifest;
  readonly named: Reachable;
}

/** `use` is given the rebuilt manifest before it is discarded. */
export async function auditTables(
  context: AuditContext,
  use: (rebuilt: Rebuilt) => Promise<void>,
): Promise<AuditCheck> {
  const { manifest, backend, codec, log, clock, progress } = context;
  let named: Reachable | undefined;
  const { found, first, position } = await pinned(manifest, {
    has: (namespace, id) => named?.has(namespace, id) ?? true,
  });
  try {
    const scratch = await context.scratchManifest();
    try {
      await rebuild({ backend, codec, log, clock, progress }, scratch.manifest, [], position);
      named = await findReachable(
        { backend, codec, manifest: scratch.manifest },
        { withRetiredBlobs: true, withStaged: false },
      );
      await use({ manifest: scratch.manifest, named });
      const comparison = await compareDumps(found, first, scratch.manifest.dump(named));
      return verdict('tables', comparison.findings, `${comparison.rows} rows are what the log and the records give`);
    } finally {
      await scratch.discard();
    }
  } finally {
    await found.return?.(undefined);
  }
}
