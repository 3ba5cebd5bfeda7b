/** Surveys packs in a thread of its own, which is started by the first one and ends with the process. */
import { Worker } from 'node:worker_threads';
import type { PackSurvey, PackSurveyor } from '../ports/pack-surveyor.ts';
import type { SurveyAnswer } from './survey-worker.ts';

export function openPackSurveyor(storeDirectory: string): PackSurveyor {
  const waiting = new Map<number, (survey: PackSurvey | undefined) => void>();
  let worker: Worker | undefined;
  let number = 0;

  /** Whatever happens to the thread, nobody waits for it for ever. */
  function giveUp(): void {
    for (const answer of waiting.values()) answer(undefined);
    waiting.clear();
  }

  function start(): Worker {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const started = new Worker(new URL(`./survey-worker${extension}`, import.meta.url), {
      workerData: { root: storeDirectory },
    });
    started.on('message', ({ number: answered, survey }: SurveyAnswer) => {
      waiting.get(answered)?.(survey);
      waiting.delete(answered);
    });
    started.on('error', giveUp);
    started.on('exit', giveUp);
    return started;
  }

  return {
    survey(pack) {
      worker ??= start();
      const asked = number++;
      const { promise, resolve } = Promise.withResolvers<PackSurvey | undefined>();
      waiting.set(asked, resolve);
      worker.postMessage({ number: asked, pack });
      return promise;
    },
    async close() {
      const ending = worker;
      worker = undefined;
      giveUp();
      await ending?.terminate();
    },
  };
}
