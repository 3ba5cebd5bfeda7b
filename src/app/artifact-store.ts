/**
 * The artifact store as pipelines program against it: publishing, and questions about artifacts.
 *
 * Publications that wait are made together: one write session, one durability barrier and one transaction for up to
 * `batchLimit` of them. An answer is given when what it says is durable.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { durableWrite } from '../adapters/fs/durable-write.ts';
import { openWorkspaceFiles } from '../adapters/fs/workspace-files.ts';
import { gitState } from '../adapters/git/code-state.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { systemError, systemErrorCode } from '../core/system-error.ts';
import type { CodeState } from '../store/context.ts';
import {
  type Artifact,
  type ArtifactFilter,
  type ArtifactLineage,
  type ArtifactPage,
  findByLogicalKey,
  getArtifact,
  getDownstream,
  getLineage,
  listByFilter,
  pathsOf,
} from '../store/publish/artifact.ts';
import { publishBatch } from '../store/publish/publish.ts';
import type { PublishContext, Published, PublishOutcome, PublishRequest } from '../store/publish/request.ts';
import type { OpenStore } from './open-store.ts';
import { type PublishArtifactRequest, parsePublishRequest, toPublishRequest } from './publish-request.ts';
import { failedResult, type PublishArtifactResult, resultOf } from './publish-result.ts';
import { PublishSettingsReader } from './publish-settings.ts';

/** Publications that share a barrier and a transaction. */
const batchLimit = 512;
/** How long what git said of the code is believed, in milliseconds. */
const codeStateMs = 2000;

interface Waiting {
  readonly request: PublishArtifactRequest;
  readonly parsed: PublishRequest;
  readonly resolve: (result: PublishArtifactResult) => void;
  readonly reject: (error: unknown) => void;
}

export class ArtifactStore {
  readonly #context: PublishContext;
  readonly #open: OpenStore & { readonly root?: string };
  readonly #settings: PublishSettingsReader;
  readonly #queue: Waiting[] = [];
  readonly #places = new Map<string, string | undefined>();
  #working: Promise<void> | undefined;
  #code: { readonly state: Promise<CodeState>; readonly at: number } | undefined;

  constructor(open: OpenStore & { readonly root?: string }) {
    this.#open = open;
    const temporary = join(open.storeDirectory, 'tmp');
    let author: OpenStore['author'] | undefined;
    this.#context = Object.defineProperty(
      Object.assign(Object.create(open) as OpenStore, {
        everywhere: openWorkspaceFiles({ root: '/', probeDirectory: temporary }),
      }),
      // Settled when it is first asked for, as everywhere, and then kept.
      'author',
      { get: () => (author ??= open.author) },
    );
    this.#settings = new PublishSettingsReader(open);
  }

  /** Any revision of an artifact. Throws REV_NOT_FOUND, REV_AMBIGUOUS. */
  getArtifact(artifact: string): Promise<Artifact> {
    return getArtifact(this.#open, artifact);
  }

  async listArtifacts(filter: ArtifactFilter = {}): Promise<ArtifactPage> {
    const { filterSchema, parseFields } = await import('./request-schemas.ts');
    return listByFilter(this.#open, parseFields<ArtifactFilter>(filterSchema, filter, 'the filter'));
  }

  findByLogicalKey(artifactType: string, logicalKey: string): Promise<Artifact | null> {
    return findByLogicalKey(this.#open, artifactType, logicalKey);
  }

  getLineage(artifact: string, depth?: number): Promise<ArtifactLineage> {
    return getLineage(this.#open, artifact, depth);
  }

  async getDownstream(artifact: string): Promise<readonly Artifact[]> {
    return (await getDownstream(this.#open, artifact)).artifacts;
  }

  /** Whether the store answers. Never throws. */
  async isAvailable(): Promise<boolean> {
    try {
      await this.#open.manifest.logHead();
      return true;
    } catch {
      return false; // the answer, whatever the reason
    }
  }

  /** Throws BAD_ARGUMENT, PATH_NOT_FOUND, REV_NOT_FOUND (an input), TABLE_INVALID, STATUS_CONFLICT, SECRET_LIKE. */
  publishArtifact(request: PublishArtifactRequest): Promise<PublishArtifactResult> {
    return new Promise((done, reject) => {
      const checked = parsePublishRequest(request);
      this.#queue.push({ request: checked, parsed: this.#toRequest(checked), resolve: done, reject });
      this.#working ??= this.#work();
    });
  }

  /** A result for every request, in order: one that failed says so. */
  publishMany(requests: readonly PublishArtifactRequest[]): Promise<PublishArtifactResult[]> {
    return Promise.all(requests.map((request) => this.publishArtifact(request).catch((error) => failedResult(error))));
  }

  async #work(): Promise<void> {
    // What is asked for in one go is in the queue when this goes on.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, batchLimit);
      try {
        await this.#publish(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#working = undefined;
  }

  async #publish(batch: readonly Waiting[]): Promise<void> {
    const needsCode = batch.some(({ parsed }) => parsed.code === undefined);
    const settings = await this.#settings.read(needsCode ? await this.#codeState() : {});
    const outcomes = await publishBatch(
      this.#context,
      settings,
      batch.map(({ parsed }) => parsed),
    );
    const artifacts = outcomes.map((outcome) => ('published' in outcome ? outcome.published.artifact : undefined));
    const paths = await pathsOf(this.#open, [...new Set(artifacts.filter((id) => id !== undefined))]);
    const pathOf = new Map([...new Set(artifacts.filter((id) => id !== undefined))].map((id, at) => [id, paths[at]]));
    for (const [index, { request, parsed, resolve: done, reject }] of batch.entries()) {
      const outcome = outcomes[index] as PublishOutcome;
      if ('error' in outcome) {
        reject(outcome.error);
        continue;
      }
      try {
        const sidecar = request.sidecar === true ? await this.#sidecar(parsed.path, outcome.published) : null;
        done(resultOf(outcome.published, pathOf.get(outcome.published.artifact) ?? null, sidecar));
      } catch (error) {
        reject(error);
      }
    }
  }

  /** Git is asked once for many batches: it takes longer than a batch. */
  #codeState(): Promise<CodeState> {
    const now = Date.now();
    if (this.#code === undefined || now - this.#code.at > codeStateMs) {
      this.#code = { state: gitState(this.#open.root ?? this.#open.cwd), at: now };
    }
    return this.#code.state;
  }

  async #sidecar(file: string, { artifact, run }: Published): Promise<string> {
    const { sidecarOf, sidecarPath, sidecarText } = await import('../store/publish/sidecar.ts');
    const path = sidecarPath(file);
    const text = sidecarText(await sidecarOf(this.#open, artifact, run));
    try {
      await durableWrite(path, text, { random: systemRandom() });
    } catch (error) {
      throw systemErrorCode(error) === undefined ? error : systemError('cannot write the sidecar', error, path);
    }
    return path;
  }

  #toRequest(request: PublishArtifactRequest): PublishRequest {
    const path = resolve(this.#open.cwd, request.dataPath);
    return toPublishRequest(request, path, this.#workspacePath(path));
  }

  /** Where the file lies in the workspace; undefined outside of it. Directories are looked at once. */
  #workspacePath(path: string): string | undefined {
    const { root } = this.#open;
    if (root === undefined) return undefined;
    const directory = dirname(path);
    let place = this.#places.get(directory);
    if (!this.#places.has(directory)) {
      place = insideOf(root, directory) ?? insideOf(root, realDirectory(directory));
      this.#places.set(directory, place);
    }
    if (place === undefined) return undefined;
    return place === '' ? basename(path) : `${place}/${basename(path)}`;
  }
}

function insideOf(root: string, directory: string): string | undefined {
  const inside = relative(root, directory);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return inside.split(sep).join('/');
}

function realDirectory(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory; // it does not exist, which reading the file will say
  }
}
