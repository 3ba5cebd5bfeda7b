/** The other thread of `fsck --read-data`: surveys the packs that it is told, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { openFsObjectBackend } from '../adapters/fs/fs-object-backend.ts';
import { nativeCodec } from '../adapters/node/native-codec.ts';
import type { PackSurvey } from '../ports/pack-surveyor.ts';
import { surveyPack } from '../store/upkeep/survey-pack.ts';

export interface SurveyAnswer {
  readonly number: number;
  /** undefined when it could not be made; the other side then makes it itself and sees why. */
  readonly survey: PackSurvey | undefined;
}

const { root } = workerData as { readonly root: string };
const context = { backend: openFsObjectBackend({ root, readOnly: true }), codec: nativeCodec() };

parentPort?.on('message', ({ number, pack }: { readonly number: number; readonly pack: string }) => {
  surveyPack(context, pack).then(
    (survey) => {
      const { frames, offsets, sizes, kinds, digests } = survey.entries;
      const columns = [frames, offsets, sizes, kinds, digests].map((column) => column.buffer as ArrayBuffer);
      parentPort?.postMessage({ number, survey } satisfies SurveyAnswer, columns);
    },
    () => parentPort?.postMessage({ number, survey: undefined } satisfies SurveyAnswer),
  );
});
