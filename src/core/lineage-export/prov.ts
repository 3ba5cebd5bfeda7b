/**
 * W3C PROV as PROV-JSON (member submission of 24 April 2013): artifacts are entities, runs are activities, people are agents.
 *
 *   used, wasGeneratedBy, wasAssociatedWith   from inputs, outputs and authors
 *   wasDerivedFrom                            only where a run says which output came from which input
 *   wasInformedBy                             a run that used what another run of the document made
 *   wasInfluencedBy                           relations between runs: reproduces, reuses, retries
 *
 * PROV lets an entity come into being once. An artifact that several runs of the document made is therefore one entity a
 * run, each a specialisation of the artifact's.
 */
import { canonicalize } from '../canonical-json.ts';
import type { ArtifactId, RunId } from '../ids.ts';
import type { JsonValue } from '../json-value.ts';
import { commandLine, type LineageDocument, type LineageRun, runTimes } from './lineage-document.ts';

type Json = { [key: string]: JsonValue };

/** Prefixes of qualified names. */
const prefixes = {
  cairn: 'urn:cairn:vocabulary:',
  artifact: 'urn:cairn:artifact:',
  made: 'urn:cairn:made:',
  run: 'urn:cairn:run:',
  actor: 'urn:cairn:actor:',
} as const;

const typed = (value: string | number, type: string): Json => ({ $: String(value), type });
const named = (name: string): Json => typed(name, 'prov:QUALIFIED_NAME');

/** Letters, digits, `_`, `-` and `.` as they are, everything else by its code: a local name that every reader takes. */
function localName(text: string): string {
  return Array.from(text, (character) =>
    /[A-Za-z0-9_.-]/.test(character) ? character : `-x${character.codePointAt(0)?.toString(16)}-`,
  ).join('');
}

class Exporter {
  readonly #document: LineageDocument;
  readonly #runs: ReadonlySet<RunId>;
  /** Artifacts that more than one run of the document made. */
  readonly #repeated: ReadonlySet<ArtifactId>;
  readonly #groups = new Map<string, Json>();
  #count = 0;

  constructor(document: LineageDocument) {
    this.#document = document;
    this.#runs = new Set(document.runs.map((run) => run.id));
    const makers = new Map<ArtifactId, RunId>();
    const repeated = new Set<ArtifactId>();
    for (const { id, outputs } of document.runs) {
      for (const { artifact } of outputs) {
        const maker = makers.get(artifact);
        if (maker !== undefined && maker !== id) repeated.add(artifact);
        makers.set(artifact, id);
      }
    }
    this.#repeated = repeated;
  }

  #put(group: string, id: string, fields: Json): void {
    const records = this.#groups.get(group) ?? {};
    this.#groups.set(group, records);
    records[id] = fields;
  }

  #relate(group: string, fields: Json): void {
    this.#put(group, `_:r${++this.#count}`, fields);
  }

  /** The entity of an artifact as one run made it, or of the artifact itself. */
  #entity(artifact: ArtifactId, run: RunId | undefined): string {
    const isOne = run === undefined || !this.#runs.has(run) || !this.#repeated.has(artifact);
    return isOne ? `artifact:${artifact}` : `made:${run}-${artifact}`;
  }

  document(): Json {
    for (const artifact of this.#document.artifacts) {
      this.#put('entity', `artifact:${artifact.id}`, {
        'prov:label': artifact.logicalKey,
        'prov:type': artifact.type,
        'cairn:schemaVersion': artifact.schemaVersion,
        'cairn:sha256': artifact.sha256,
        'cairn:size': typed(artifact.size, 'xsd:long'),
      });
    }
    for (const run of this.#document.runs) this.#run(run);
    return { prefix: { ...prefixes }, ...Object.fromEntries(this.#groups) };
  }

  #run(run: LineageRun): void {
    const { start, end } = runTimes(run);
    const activity = `run:${run.id}`;
    const command = commandLine(run);
    this.#put('activity', activity, {
      'prov:startTime': start,
      'prov:endTime': end,
      'prov:label': run.message ?? run.job,
      'cairn:runKey': run.runKey,
      'cairn:status': run.status,
      'cairn:params': canonicalize({ ...run.params }),
      ...(command === undefined ? {} : { 'cairn:command': command }),
      ...(run.exitCode === undefined ? {} : { 'cairn:exitCode': run.exitCode }),
      ...(run.code.gitCommit === undefined ? {} : { 'cairn:gitCommit': run.code.gitCommit }),
    });
    const agent = `actor:${localName(run.author.mail ?? run.author.name)}`;
    this.#put('agent', agent, { 'prov:type': named('prov:Person'), 'prov:label': run.author.name });
    this.#relate('wasAssociatedWith', { 'prov:activity': activity, 'prov:agent': agent });
    this.#used(run, activity);
    this.#generated(run, activity, end);
    for (const { run: other, relation } of run.relations) {
      this.#relate('wasInfluencedBy', {
        'prov:influencee': activity,
        'prov:influencer': `run:${other}`,
        'prov:type': named(`cairn:${localName(relation)}`),
      });
    }
  }

  #used(run: LineageRun, activity: string): void {
    const informants = new Set<RunId>();
    for (const { artifact, relation, run: maker } of run.inputs) {
      this.#relate('used', {
        'prov:activity': activity,
        'prov:entity': this.#entity(artifact, maker),
        'prov:role': named(`cairn:${localName(relation)}`),
      });
      if (maker !== undefined && this.#runs.has(maker)) informants.add(maker);
    }
    for (const informant of informants) {
      this.#relate('wasInformedBy', { 'prov:informed': activity, 'prov:informant': `run:${informant}` });
    }
  }

  #generated(run: LineageRun, activity: string, end: string): void {
    const made = new Map<ArtifactId, string[]>();
    for (const { artifact, path } of run.outputs) made.set(artifact, [...(made.get(artifact) ?? []), path]);
    for (const [artifact, paths] of made) {
      const entity = this.#entity(artifact, run.id);
      if (!entity.startsWith('artifact:')) {
        this.#put('entity', entity, { 'prov:label': paths[0] ?? artifact });
        this.#relate('specializationOf', {
          'prov:specificEntity': entity,
          'prov:generalEntity': `artifact:${artifact}`,
        });
      }
      this.#relate('wasGeneratedBy', {
        'prov:entity': entity,
        'prov:activity': activity,
        'prov:time': end,
        'cairn:path': paths.length === 1 ? (paths[0] as string) : paths,
      });
    }
    const makers = new Map(run.inputs.map((input) => [input.artifact, input.run]));
    for (const { child, parent, relation } of run.edges ?? []) {
      this.#relate('wasDerivedFrom', {
        'prov:generatedEntity': this.#entity(child, run.id),
        'prov:usedEntity': this.#entity(parent, makers.get(parent)),
        'prov:activity': activity,
        'prov:type': named(`cairn:${localName(relation)}`),
      });
    }
  }
}

export function toProvJson(document: LineageDocument): Json {
  return new Exporter(document).document();
}
