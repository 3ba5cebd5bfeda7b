import { CodedError } from '../../core/errors.ts';
import { rerun } from '../../store/runs/rerun.ts';
import { declareAllowSecretLike } from '../arguments.ts';
import { rerunFields, rerunLines } from '../capture-view.ts';
import { defineCommand } from '../command.ts';

interface Options {
  readonly tolerance: number;
}

const defaultTolerance = 1e-9;

function tolerance(text: string): number {
  const value = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new CodedError('BAD_ARGUMENT', `--tolerance: not a number from 0: ${JSON.stringify(text.slice(0, 40))}`, {
    data: { argument: '--tolerance', value: text.slice(0, 40) },
  });
}

export const command = defineCommand<[string], Options>({
  description:
    'Does a recorded run again in a clean directory, with the code and the inputs that it had, and compares output by output. The verdict is recorded as a run that reproduces the first and moves no branch.',
  examples: [
    ['cairn rerun HEAD', 'is the newest run reproducible?'],
    ['cairn rerun 3f2a --tolerance 1e-6', 'numbers may differ by a millionth'],
  ],
  statuses: { 1: 'an output differs', 3: 'something that the run needs is missing' },
  declare: (command) => {
    command
      .argument('<run>', 'the run to do again')
      .option(
        '--tolerance <number>',
        'how far numbers may differ, relative to their size',
        tolerance,
        defaultTolerance,
      );
    declareAllowSecretLike(command);
  },
  action: async ({ args: [rev], options, out, openWorkspace }) => {
    const workspace = await openWorkspace();
    const done = await rerun(workspace, rev, options.tolerance);
    for (const note of done.notes) out.note(`cairn: ${note}`);
    out.result(
      () => rerunFields(done, options.tolerance),
      () => rerunLines(done, out),
    );
    return done.verdict === 'differs' ? 1 : undefined;
  },
});
