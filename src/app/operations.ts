/**
 * The operations of `cairn ops`: requests and replies are values of JSON (docs/guides/pipelines.md lists them). A request
 * that is wrong is refused by naming the field; a reply is what the library answers, in camelCase.
 */
import * as z from 'zod/mini';
import { CodedError } from '../core/errors.ts';
import { jsonObject, shortText, wellFormedText } from '../core/records/schemas.ts';
import { seedRoot } from '../core/seeds.ts';
import { supersede } from '../store/lineage/status-change.ts';
import { artifactsOf, getDownstream } from '../store/publish/artifact.ts';
import { commitRun, plannedRunKey } from '../store/runs/commit.ts';
import { resolveArtifact } from '../store/runs/revision.ts';
import { ArtifactStore } from './artifact-store.ts';
import { type OpenStore, type OpenWorkspace, workspacePath } from './open-store.ts';
import { camelFields, type Fields } from './operation-fields.ts';
import type { PublishArtifactRequest } from './publish-request.ts';
import { failedResult } from './publish-result.ts';
import { filterSchema, parseFields, tagTexts } from './request-schemas.ts';
import { programVersion } from './version.ts';

export type Reply = Fields;

const id = shortText;
const depth = z.optional(z.int().check(z.gte(1)));

/** What a run key is made of. */
const runFields = {
  inputs: z.optional(z.array(shortText)),
  params: z.optional(jsonObject),
  engineVersion: z.optional(wellFormedText),
  configVersion: z.optional(wellFormedText),
  researchSpecVersion: z.optional(wellFormedText),
  pipelineContractVersion: z.optional(wellFormedText),
  externalRunKey: z.optional(shortText),
  externalDatasetId: z.optional(shortText),
};

const schemas = {
  get_artifact: z.strictObject({ artifactId: id }),
  find_by_logical_key: z.strictObject({ artifactType: shortText, logicalKey: shortText }),
  list_artifacts: z.strictObject({ filter: z.optional(z.unknown()) }),
  publish_many: z.strictObject({ requests: z.array(z.unknown()) }),
  get_lineage: z.strictObject({ artifactId: id, depth }),
  get_downstream: z.strictObject({ artifactId: id }),
  supersede: z.strictObject({ newArtifactId: id, oldArtifactId: id, reason: z.optional(wellFormedText) }),
  health_check: z.strictObject({}),
  plan_run: z.strictObject(runFields),
  commit_run: z.strictObject({
    ...runFields,
    message: wellFormedText,
    outputs: z.optional(z.array(shortText)),
    metrics: z.optional(z.record(z.string(), z.number())),
    tags: z.optional(tagTexts),
    status: z.optional(z.enum(['succeeded', 'failed'])),
    plugins: z.optional(z.array(z.strictObject({ name: shortText, version: shortText }))),
    allowEmpty: z.optional(z.boolean()),
  }),
} as const;

type CheckedOperation = keyof typeof schemas;
type Checked<Name extends CheckedOperation> = z.infer<(typeof schemas)[Name]>;

export const operationNames: readonly string[] = ['publish_artifact', ...Object.keys(schemas)];

function checked<Name extends CheckedOperation>(name: Name, fields: Fields): Checked<Name> {
  return parseFields<Checked<Name>>(schemas[name], fields, name);
}

function unknownOperation(name: unknown): CodedError {
  return new CodedError(
    'BAD_ARGUMENT',
    name === undefined
      ? 'the request names no operation'
      : `there is no operation ${JSON.stringify(name)?.slice(0, 80)}`,
    { hint: `Operations are ${operationNames.join(', ')}.`, data: { argument: 'operation', known: operationNames } },
  );
}

export class Operations {
  readonly #open: OpenStore & Partial<OpenWorkspace>;
  readonly #store: ArtifactStore;

  constructor(open: OpenStore & Partial<OpenWorkspace>) {
    this.#open = open;
    this.#store = new ArtifactStore(open);
  }

  /** The answer to a request. Rejects with a CodedError. */
  async answer(request: Fields): Promise<Reply> {
    const { operation, id: _, ...fields } = request;
    switch (operation) {
      case 'get_artifact':
        return { artifact: await this.#store.getArtifact(checked(operation, fields).artifactId) };
      case 'find_by_logical_key': {
        const { artifactType, logicalKey } = checked(operation, fields);
        return { artifact: await this.#store.findByLogicalKey(artifactType, logicalKey) };
      }
      case 'list_artifacts': {
        const { filter } = checked(operation, fields);
        const named = filter === undefined ? {} : camelFields(filter, 'filter');
        return { ...(await this.#store.listArtifacts(parseFields(filterSchema, named, 'filter'))) };
      }
      case 'publish_artifact':
        return { ...(await this.#store.publishArtifact(fields as unknown as PublishArtifactRequest)) };
      case 'publish_many':
        return { results: await this.#publishMany(checked(operation, fields).requests) };
      case 'get_lineage': {
        const { artifactId, depth: edges } = checked(operation, fields);
        return { ...(await this.#store.getLineage(artifactId, edges)) };
      }
      case 'get_downstream':
        return { ...(await getDownstream(this.#open, checked(operation, fields).artifactId)) };
      case 'supersede':
        return this.#supersede(checked(operation, fields));
      case 'health_check':
        checked(operation, fields);
        return this.#health();
      case 'plan_run':
        return this.#plan(checked(operation, fields));
      case 'commit_run':
        return this.#commit(checked(operation, fields));
      default:
        throw unknownOperation(operation);
    }
  }

  async #publishMany(requests: readonly unknown[]): Promise<Reply[]> {
    const results = requests.map(async (request, index) => {
      try {
        const fields = camelFields(request, `requests.${index}`);
        return { ...(await this.#store.publishArtifact(fields as unknown as PublishArtifactRequest)) };
      } catch (error) {
        return { ...failedResult(error) };
      }
    });
    return Promise.all(results);
  }

  async #supersede({ newArtifactId, oldArtifactId, reason }: Checked<'supersede'>): Promise<Reply> {
    const by = await resolveArtifact(this.#open, newArtifactId);
    const done = await supersede(this.#open, by, await resolveArtifact(this.#open, oldArtifactId), reason);
    const [artifact, replacement] = await artifactsOf(this.#open, [
      done.artifact,
      ...(done.by === undefined ? [] : [done.by]),
    ]);
    const { runs, refs, candidates } = done.dependents;
    return {
      artifact,
      by: replacement ?? null,
      reason: done.reason ?? null,
      dependents: { runs: runs.map((run) => run.id), refs, candidates: candidates.map(({ id }) => id) },
    };
  }

  async #health(): Promise<Reply> {
    const { storeId, storeDirectory, root, manifest } = this.#open;
    const { size } = await manifest.logHead();
    return {
      available: true,
      version: programVersion(),
      storeId,
      store: storeDirectory,
      workspace: root ?? null,
      events: size,
    };
  }

  #workspace(operation: string): OpenWorkspace {
    const open = this.#open;
    if (open.root !== undefined) return open as OpenWorkspace;
    throw new CodedError('NO_WORKSPACE', `${operation} is about files of a workspace, and ${open.directory} has none`, {
      hint: 'Publish the files with publish_artifact, or make a workspace: `cairn init --store <path>`.',
    });
  }

  async #plan(request: Checked<'plan_run'>): Promise<Reply> {
    const open = this.#workspace('plan_run');
    const key = await plannedRunKey(open, { ...request, toPath: (text) => workspacePath(open, text) });
    return { runKey: key, seed: seedRoot(key, 'root') };
  }

  async #commit(request: Checked<'commit_run'>): Promise<Reply> {
    const { outputs, status, plugins, ...options } = request;
    const open = this.#workspace('commit_run');
    const toPath = (text: string): string => workspacePath(open, text);
    const recorded = await commitRun(open, {
      ...options,
      outputs: outputs?.map(toPath),
      detached: status === 'failed',
      runFile: {
        ...(status === undefined ? {} : { status }),
        ...(plugins === undefined ? {} : { plugins }),
      },
      toPath,
    });
    return { ...recorded, ref: recorded.ref ?? null };
  }
}
