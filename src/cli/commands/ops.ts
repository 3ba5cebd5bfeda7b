import { declareAllowSecretLike } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { inLines } from '../text.ts';

interface Options {
  readonly stream?: boolean;
}

export const command = defineCommand<[], Options>({
  description:
    'Answers requests in JSON: one on standard input and one reply on standard output, or with --stream one a line until standard input ends. Replies are JSON whether --json is given or not; docs/guides/pipelines.md lists every request. A failure is JSON too, and the exit status says its kind; with --stream only the reply says it.',
  examples: [
    ['cairn ops < request.json', 'one request'],
    ['cairn ops --stream < requests.jsonl', 'many, with one process'],
  ],
  declare: (command) => {
    command.option('--stream', 'one request a line, one reply a line, in the same order');
    declareAllowSecretLike(command);
  },
  action: async ({ options, io, out, openStore }) => {
    const { serveOperations } = await import('../../app/operation-stream.ts');
    const status = await serveOperations({
      stream: options.stream === true,
      input: io.input(),
      openStore,
      write: (text) => out.text(text),
      failed: ({ message, hint }) => {
        io.stderr.write(`cairn: ${inLines(message)}\n${hint === undefined ? '' : `hint: ${inLines(hint)}\n`}`);
      },
    });
    return { programStatus: status };
  },
});
