/**
 * `ro-crate-metadata.json` of a Process Run Crate 0.5 (on RO-Crate 1.1): every run is a CreateAction with its tool
 * (`instrument`), who started it (`agent`), what it read (`object`) and what it made (`result`).
 *
 * A crate describes files that lie beside it. Those are named in `files` and get their path as `@id`; every other artifact
 * keeps its URN, which says what it is without pretending that it is there. Parameters are `PropertyValue`s of the object.
 * RO-Crate 1.1 has no term for a SHA-256, so the context brings it.
 */
import { canonicalize } from '../canonical-json.ts';
import type { ArtifactId } from '../ids.ts';
import type { JsonValue } from '../json-value.ts';
import {
  baseName,
  commandLine,
  failureText,
  type LineageDocument,
  type LineageRun,
  remoteUrl,
  runTimes,
} from './lineage-document.ts';
import { runUuid } from './uuid.ts';

type Json = { [key: string]: JsonValue };

const crate = 'https://w3id.org/ro/crate/1.1';
const profile = 'https://w3id.org/ro/wfrun/process/0.5';

export interface RoCrateOptions {
  /** Artifacts whose bytes lie in the crate, with their path in it. */
  readonly files?: ReadonlyMap<ArtifactId, string>;
  /** URL of the licence under which the crate is given. */
  readonly license?: string;
}

const reference = (id: string): Json => ({ '@id': id });
const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

class Exporter {
  readonly #document: LineageDocument;
  readonly #options: RoCrateOptions;
  /** By `@id`: an entity that is named twice stands once. */
  readonly #entities = new Map<string, Json>();
  readonly #parts: string[] = [];

  constructor(document: LineageDocument, options: RoCrateOptions) {
    this.#document = document;
    this.#options = options;
  }

  #entity(id: string, fields: Json): string {
    if (!this.#entities.has(id)) this.#entities.set(id, { '@id': id, ...fields });
    return id;
  }

  crate(): Json {
    const artifacts = new Map(this.#document.artifacts.map((artifact) => [artifact.id, artifact]));
    for (const artifact of artifacts.values()) {
      this.#parts.push(
        this.#entity(this.#fileId(artifact.id), {
          '@type': 'File',
          name: baseName(artifact.logicalKey),
          alternateName: artifact.logicalKey,
          identifier: `urn:cairn:artifact:${artifact.id}`,
          contentSize: String(artifact.size),
          sha256: artifact.sha256,
        }),
      );
    }
    const actions = this.#document.runs.map((run) => this.#action(run));
    const authors = [...new Set(this.#document.runs.map((run) => this.#person(run)))];
    const { title, createdAt, writer } = this.#document;
    const { license } = this.#options;
    const root: Json = {
      '@id': './',
      '@type': 'Dataset',
      name: title,
      description: `${title}: runs recorded by ${writer.name} ${writer.version}, with what they used and made.`,
      datePublished: createdAt,
      conformsTo: reference(profile),
      author: authors.map(reference),
      hasPart: this.#parts.map(reference),
      mentions: actions.map(reference),
      ...(license === undefined ? {} : { license: reference(license) }),
    };
    if (license !== undefined) this.#entity(license, { '@type': 'CreativeWork', name: license });
    return {
      '@context': [`${crate}/context`, { sha256: 'http://schema.org/sha256' }],
      '@graph': [
        {
          '@id': 'ro-crate-metadata.json',
          '@type': 'CreativeWork',
          conformsTo: reference(crate),
          about: reference('./'),
        },
        root,
        { '@id': profile, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
        ...this.#entities.values(),
      ],
    };
  }

  #fileId(artifact: ArtifactId): string {
    const path = this.#options.files?.get(artifact);
    return path === undefined ? `urn:cairn:artifact:${artifact}` : encodedPath(path);
  }

  /** A file that the document does not list is part of the crate all the same, by its URN. */
  #file(artifact: ArtifactId): string {
    const id = this.#fileId(artifact);
    if (!this.#entities.has(id)) this.#parts.push(this.#entity(id, { '@type': 'File', name: artifact }));
    return id;
  }

  #person({ author }: LineageRun): string {
    const { name, mail } = author;
    return this.#entity(`#person-${encodeURIComponent(mail ?? name)}`, {
      '@type': 'Person',
      name,
      ...(mail === undefined || mail === '' ? {} : { email: mail }),
    });
  }

  /** The tool: the program, at the version of the code where that is known; cairn itself where nothing was run. */
  #tool(run: LineageRun): string {
    const [program] = run.argv ?? [];
    if (program === undefined) {
      const { name, version } = this.#document.writer;
      return this.#entity(`#tool-${encodeURIComponent(name)}`, {
        '@type': 'SoftwareApplication',
        name,
        softwareVersion: version,
      });
    }
    const { gitCommit, gitRemote } = run.code;
    const url = gitRemote === undefined ? undefined : remoteUrl(gitRemote);
    const id = `#tool-${encodeURIComponent(run.job)}${gitCommit === undefined ? '' : `-${gitCommit}`}`;
    return this.#entity(id, {
      '@type': gitCommit === undefined ? 'SoftwareApplication' : 'SoftwareSourceCode',
      name: run.job,
      ...(gitCommit === undefined ? {} : { version: gitCommit }),
      ...(url === undefined ? {} : { url, codeRepository: url }),
    });
  }

  #params(run: LineageRun): string[] {
    return Object.entries(run.params).map(([name, value]) =>
      this.#entity(`#param-${run.id.slice(0, 12)}-${encodeURIComponent(name)}`, {
        '@type': 'PropertyValue',
        name,
        value: typeof value === 'object' ? canonicalize(value) : value,
      }),
    );
  }

  #action(run: LineageRun): string {
    const { start, end } = runTimes(run);
    const command = commandLine(run);
    const results = [...new Set(run.outputs.map(({ artifact }) => this.#file(artifact)))];
    const objects = [...new Set(run.inputs.map(({ artifact }) => this.#file(artifact))), ...this.#params(run)];
    const failed = run.status === 'failed';
    return this.#entity(`urn:uuid:${runUuid(run.id)}`, {
      '@type': results.length === 0 ? 'ActivateAction' : 'CreateAction',
      name: run.message?.split('\n')[0] ?? run.job,
      ...(command === undefined ? {} : { description: command }),
      identifier: `urn:cairn:run:${run.id}`,
      startTime: start,
      endTime: end,
      instrument: reference(this.#tool(run)),
      agent: reference(this.#person(run)),
      ...(objects.length === 0 ? {} : { object: objects.map(reference) }),
      ...(results.length === 0 ? {} : { result: results.map(reference) }),
      actionStatus: `http://schema.org/${failed ? 'Failed' : 'Completed'}ActionStatus`,
      ...(failed ? { error: failureText(run) } : {}),
    });
  }
}

export function toRoCrate(document: LineageDocument, options: RoCrateOptions = {}): Json {
  return new Exporter(document, options).crate();
}
