/** Inputs of a batch: each text is looked up once, however many publications name it. */
import { CodedError } from '../../core/errors.ts';
import { type ArtifactId, isFullId } from '../../core/ids.ts';
import type { RunInput } from '../../core/records/run.ts';
import type { DatasetIdentity } from '../../core/run-key.ts';
import { datasetsOf, parseInput, resolveInputs } from '../runs/inputs.ts';
import type { PublishContext } from './request.ts';

export interface ResolvedInputs {
  readonly inputs: readonly RunInput[];
  readonly datasets: readonly DatasetIdentity[];
}

export class InputLookup {
  readonly #context: PublishContext;
  readonly #toPath: (text: string) => string;
  readonly #one = new Map<string, readonly RunInput[]>();
  readonly #lists = new Map<string, ResolvedInputs>();

  constructor(context: PublishContext, toPath: (text: string) => string) {
    this.#context = context;
    this.#toPath = toPath;
  }

  /** Throws REV_NOT_FOUND, REV_AMBIGUOUS or BAD_ARGUMENT naming the text. */
  async of(texts: readonly string[]): Promise<ResolvedInputs> {
    const key = texts.join('\0');
    let known = this.#lists.get(key);
    if (known === undefined) {
      const inputs = new Map<string, RunInput>();
      for (const text of texts) {
        for (const input of await this.#resolve(text)) inputs.set(`${input.artifact} ${input.relation}`, input);
      }
      const all = [...inputs.values()];
      known = { inputs: all, datasets: await datasetsOf(this.#context, all) };
      this.#lists.set(key, known);
    }
    return known;
  }

  async #resolve(text: string): Promise<readonly RunInput[]> {
    const known = this.#one.get(text);
    if (known !== undefined) return known;
    const { relation, rev } = parseInput(text);
    const inputs = isFullId(rev) ? await this.#byId(text, rev as ArtifactId, relation) : await this.#byText(text);
    this.#one.set(text, inputs);
    return inputs;
  }

  #byText(text: string): Promise<readonly RunInput[]> {
    return resolveInputs(this.#context, [text], this.#toPath);
  }

  /** The common case, without a look at the workspace. A full id that is no artifact's may be that of a file's bytes. */
  async #byId(text: string, id: ArtifactId, relation: string): Promise<readonly RunInput[]> {
    const { manifest } = this.#context;
    const [entry] = await manifest.artifacts([id]);
    if (entry === undefined) {
      const [object] = await manifest.objects('blob', [id]);
      if (object !== undefined) return this.#byText(text);
      throw new CodedError('REV_NOT_FOUND', `the input ${text} is no artifact of the store`, {
        hint: 'Publish or commit the input first; `cairn ls` lists artifacts.',
        data: { input: text },
      });
    }
    const [latest] = await manifest.productions(id, 1);
    return [{ artifact: id, relation, ...(latest === undefined ? {} : { run: latest.run }) }];
  }
}
