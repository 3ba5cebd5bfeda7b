/**
 * Backwards from artifacts to everything they were made from, run by run and out of the manifest alone: an input leads to the run
 * that the record names as its producer, else to the runs that made it before.
 *
 * What is answered is bounded by rows and by steps; where a bound or a gap ends the walk, `missing` says so.
 */
import { type ArtifactId, type RunId, shortId } from '../../core/ids.ts';
import type { LineageEdge, Manifest, Production, RunEntry, TracedInput, TracedRun } from '../../ports/manifest.ts';

export interface WalkOptions {
  /** Runs behind the first ones to go back at most; unlimited when left out. */
  readonly depth?: number | undefined;
  /** Artifacts, and edges, at most; 0 for all. */
  readonly limit: number;
}

/** What should be there and is not. */
export interface Missing {
  readonly kind: 'run' | 'artifact' | 'producer' | 'evidence' | 'report' | 'policy' | 'event' | 'depth' | 'limit';
  /** An id, where there is one. */
  readonly subject: string;
  readonly detail: string;
}

export interface WalkedRun {
  readonly entry: RunEntry;
  /** The smallest number of runs between it and what was asked. */
  readonly depth: number;
  readonly schemaVersions: TracedRun['schemaVersions'];
  readonly plugins: TracedRun['plugins'];
  readonly inputs: readonly TracedInput[];
}

type Steps = Map<RunId, Set<ArtifactId>>;

function addStep(steps: Steps, run: RunId, artifact: ArtifactId): void {
  const artifacts = steps.get(run);
  if (artifacts === undefined) steps.set(run, new Set([artifact]));
  else artifacts.add(artifact);
}

/** Producers that are looked at where an input does not name one. */
const producersAtMost = 8;
/** Productions among which they are looked for, the newest ones. */
const productionsAtMost = 1000;

export class TraceWalk {
  /** In the order in which they were reached: the nearest first. */
  readonly runs = new Map<RunId, WalkedRun>();
  readonly productions: Production[] = [];
  readonly edges: LineageEdge[] = [];
  readonly missing: Missing[] = [];
  readonly #manifest: Manifest;
  readonly #options: WalkOptions;
  readonly #pairs = new Set<string>();
  readonly #edgeKeys = new Set<string>();
  readonly #unproduced = new Set<ArtifactId>();
  #isFull = false;

  constructor(manifest: Manifest, options: WalkOptions) {
    this.#manifest = manifest;
    this.#options = options;
  }

  /** Walks from artifacts as a run made them. What was walked before is not walked again. */
  async from(run: RunId, artifacts: readonly ArtifactId[]): Promise<void> {
    const first: Steps = new Map([[run, new Set(artifacts)]]);
    let steps: Steps = first;
    for (let depth = 0; steps.size > 0 && !this.#isFull; depth++) {
      if (this.#options.depth !== undefined && depth > this.#options.depth) {
        const behind = `${steps.size} run${steps.size === 1 ? '' : 's'} further back, behind --depth ${this.#options.depth}`;
        this.missing.push({ kind: 'depth', subject: run, detail: behind });
        return;
      }
      steps = await this.#level(steps, depth, depth > 0);
    }
  }

  /** True when the walk has seen this run produce the artifact. */
  produced(artifact: ArtifactId): Production | undefined {
    return this.productions.find((one) => one.artifact === artifact);
  }

  async #level(steps: Steps, depth: number, mustProduce: boolean): Promise<Steps> {
    const asked = [...steps].map(([run, artifacts]) => ({
      run,
      artifacts: [...artifacts].filter((artifact) => !this.#pairs.has(`${run} ${artifact}`)),
    }));
    const fresh = asked.filter(({ run, artifacts }) => artifacts.length > 0 || !this.runs.has(run));
    const ids = fresh.map(({ run }) => run);
    const entries = await this.#manifest.runs(ids);
    const traced = await this.#manifest.tracedRuns(fresh, this.#options.limit);
    const next: Steps = new Map();
    const unnamed: { readonly artifact: ArtifactId; readonly user: RunEntry }[] = [];
    for (const [index, { run, artifacts }] of fresh.entries()) {
      const [entry, known] = [entries[index], traced[index]];
      if (entry === undefined || known === undefined) {
        this.missing.push({
          kind: 'run',
          subject: run,
          detail: `run ${shortId(run)} is named, and the manifest has none`,
        });
        continue;
      }
      const { schemaVersions, plugins, inputs } = known;
      if (!this.runs.has(run)) this.runs.set(run, { entry, depth, schemaVersions, plugins, inputs });
      this.#addProductions(known, artifacts, mustProduce);
      for (const { artifact, producer } of this.#addEdges(known)) {
        if (producer === undefined) unnamed.push({ artifact, user: entry });
        else addStep(next, producer, artifact);
      }
      if (known.more) this.#full(`run ${shortId(run)} has more inputs`);
    }
    await this.#findProducers(unnamed, next);
    return next;
  }

  #addProductions({ run, productions }: TracedRun, asked: readonly ArtifactId[], mustProduce: boolean): void {
    const made = new Set<ArtifactId>();
    for (const production of productions) {
      made.add(production.artifact);
      if (this.#isRoom(this.productions)) this.productions.push(production);
    }
    for (const artifact of asked) {
      this.#pairs.add(`${run} ${artifact}`);
      if (made.has(artifact) || !mustProduce) continue;
      const detail = `run ${shortId(run)} is named as the producer of ${shortId(artifact)}, and did not produce it`;
      this.missing.push({ kind: 'producer', subject: artifact, detail });
    }
  }

  /** The inputs that are behind what was asked about. */
  #addEdges({ run, productions, inputs, edges }: TracedRun): readonly TracedInput[] {
    const children = [...new Set(productions.map(({ artifact }) => artifact))];
    if (edges !== undefined) {
      for (const edge of edges) this.#addEdge(edge);
      const used = new Set(edges.map(({ parent }) => parent));
      const named = inputs.filter(({ artifact }) => used.has(artifact));
      for (const { artifact } of named) used.delete(artifact);
      // A parent may be an output of the run itself, which then is not among the inputs.
      return [...named, ...[...used].map((artifact) => ({ artifact, relation: '', path: undefined, producer: run }))];
    }
    for (const child of children) {
      for (const { artifact, relation } of inputs) this.#addEdge({ child, parent: artifact, relation, run });
    }
    return inputs;
  }

  #addEdge(edge: LineageEdge): void {
    const key = `${edge.child} ${edge.parent} ${edge.relation} ${edge.run}`;
    if (this.#edgeKeys.has(key) || !this.#isRoom(this.edges)) return;
    this.#edgeKeys.add(key);
    this.edges.push(edge);
  }

  /** Where an input does not say who produced it: who did before the run that used it. */
  async #findProducers(
    unnamed: readonly { readonly artifact: ArtifactId; readonly user: RunEntry }[],
    next: Steps,
  ): Promise<void> {
    for (const { artifact, user } of unnamed) {
      const productions = await this.#manifest.productions(artifact, productionsAtMost);
      const runs = await this.#manifest.runs(productions.map(({ run }) => run));
      const earlier = runs.filter((run) => run !== undefined && run.seq < user.seq).slice(0, producersAtMost);
      for (const run of earlier) addStep(next, (run as RunEntry).id, artifact);
      if (earlier.length > 0 || this.#unproduced.has(artifact)) continue;
      this.#unproduced.add(artifact);
      const detail = `input ${shortId(artifact)} of run ${shortId(user.id)}: no run is known to have produced it`;
      this.missing.push({ kind: 'producer', subject: artifact, detail });
    }
  }

  #isRoom(list: readonly unknown[]): boolean {
    if (this.#options.limit === 0 || list.length < this.#options.limit) return true;
    this.#full(`more than ${this.#options.limit} artifacts or edges`);
    return false;
  }

  #full(detail: string): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.missing.push({ kind: 'limit', subject: '', detail: `${detail}: --limit 0 shows all` });
  }
}
