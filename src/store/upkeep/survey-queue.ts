/**
 * Packs to be surveyed, by a helper (another thread) from the first moment and by this thread once it has time. The
 * helper takes the largest packs first, this thread the smallest, so that both end at about the same time.
 */

import type { PackEntry } from '../../ports/manifest.ts';
import type { PackSurvey, PackSurveyor } from '../../ports/pack-surveyor.ts';

/** Below this a thread costs more than it saves. */
const helperBytes = 8 * 1024 * 1024;

interface Task {
  readonly pack: string;
  /** undefined when the helper could not. */
  readonly survey: Promise<PackSurvey | undefined>;
  done: boolean;
}

export class SurveyQueue {
  /** Smallest first. */
  readonly #waiting: string[];
  readonly #helper: PackSurveyor | undefined;
  readonly #own: (pack: string) => Promise<PackSurvey>;
  #task: Task | undefined;

  constructor(
    packs: readonly PackEntry[],
    helper: PackSurveyor | undefined,
    own: (pack: string) => Promise<PackSurvey>,
  ) {
    this.#waiting = [...packs].sort((left, right) => left.bytes - right.bytes).map((pack) => pack.name);
    this.#helper = packs.reduce((sum, pack) => sum + pack.bytes, 0) >= helperBytes ? helper : undefined;
    this.#own = own;
    this.#startHelper();
  }

  #startHelper(): void {
    const pack = this.#helper === undefined ? undefined : this.#waiting.pop();
    if (pack === undefined || this.#helper === undefined) return;
    const task: Task = { pack, survey: this.#helper.survey(pack), done: false };
    const end = (): void => {
      task.done = true;
    };
    task.survey.then(end, end);
    this.#task = task;
  }

  /** Gives every pack to `judge` once, with a way to its survey that throws what reading it throws. */
  async drain(judge: (pack: string, survey: () => Promise<PackSurvey>) => Promise<void>): Promise<void> {
    for (;;) {
      const task = this.#task;
      if (task !== undefined && (task.done || this.#waiting.length === 0)) {
        this.#task = undefined;
        const survey = await task.survey;
        this.#startHelper();
        await judge(task.pack, async () => survey ?? this.#own(task.pack));
        continue;
      }
      const pack = this.#waiting.shift();
      if (pack === undefined) return;
      await judge(pack, () => this.#own(pack));
    }
  }
}
