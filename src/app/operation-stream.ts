/**
 * Requests a line, replies a line, in the same order. Publications that wait are made together; anything else waits for
 * what stands before it and is done before what stands behind it.
 */
import { CodedError, isCodedError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { systemError, systemErrorCode } from '../core/system-error.ts';
import type { OpenStore } from './open-store.ts';
import { camelFields, type Fields } from './operation-fields.ts';
import { Operations, type Reply } from './operations.ts';
import { publishError } from './publish-result.ts';

/** A request longer than this is refused: it is no request. */
const lineLimit = 64 * 1024 * 1024;
/** Requests read ahead of the one that is answered. */
const readAhead = 1024;

/** A failure with a code: of the system where no adapter put it into words, a bug otherwise. */
function codedFailure(error: unknown): CodedError {
  if (isCodedError(error)) return error;
  if (systemErrorCode(error) !== undefined) return systemError('the system refused', error);
  const message = error instanceof Error ? error.message : String(error);
  return new CodedError('INTERNAL', `bug in cairn: ${message}`, {
    hint: 'Please report it, with what CAIRN_DEBUG=1 shows.',
    cause: error,
  });
}

/** One request out of its text. Throws BAD_JSON, BAD_ARGUMENT. */
function parseRequest(text: string): Fields {
  return camelFields(parseJson(text, 'the request'), 'the request');
}

/** The reply to a request that failed. */
function failureReply(operation: unknown, error: unknown): Reply {
  const failure = codedFailure(error);
  return {
    ...(operation === 'publish_artifact' ? { success: false } : {}),
    // In a stream the process goes on: the status that it would end with is told here.
    error: { ...publishError(failure), exitStatus: failure.exitStatus },
  };
}

interface Answered {
  readonly reply: Reply;
  readonly failure: CodedError | undefined;
}

/** The same failure with the field called as the request calls it: the program that reads this knows its own spelling. */
function asTyped(error: unknown, request: string): unknown {
  if (!isCodedError(error)) return error;
  const { argument } = error.data;
  if (typeof argument !== 'string' || request.includes(`"${argument}"`)) return error;
  const snake = argument.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (!request.includes(`"${snake}"`)) return error;
  const { code, message, hint, data } = error;
  return new CodedError(code, message.replace(argument, snake), {
    hint,
    data: { ...data, argument: snake },
    cause: error,
  });
}

/** Never rejects: a failure is the reply. */
async function answerOne(operations: Operations, text: string): Promise<Answered> {
  let request: Fields | undefined;
  try {
    request = parseRequest(text);
    return { reply: withId(request, await operations.answer(request)), failure: undefined };
  } catch (caught) {
    const failure = codedFailure(asTyped(caught, text));
    return { reply: withId(request, failureReply(request?.['operation'], failure)), failure };
  }
}

function withId(request: Fields | undefined, reply: Reply): Reply {
  const id = request?.['id'];
  return typeof id === 'string' || typeof id === 'number' ? { id, ...reply } : reply;
}

/** Lines of a byte stream, as many at once as are there. Empty lines are left out. */
class Lines {
  readonly #waiting: string[] = [];
  #ended: { readonly failure?: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeSource: (() => void) | undefined;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#read(input).then(
      () => this.#end({}),
      (failure: unknown) => this.#end({ failure }),
    );
  }

  #end(ended: { readonly failure?: unknown }): void {
    this.#ended = ended;
    this.#wakeReader?.();
  }

  async #read(input: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    for await (const chunk of input) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() as string;
      if (rest.length > lineLimit) throw new CodedError('BAD_ARGUMENT', 'a request is longer than 64 MiB');
      for (const line of lines) if (line.trim() !== '') this.#waiting.push(line);
      this.#wakeReader?.();
      while (this.#waiting.length > readAhead) {
        await new Promise<void>((resolve) => {
          this.#wakeSource = resolve;
        });
      }
    }
    rest += decoder.decode();
    if (rest.trim() !== '') this.#waiting.push(rest);
  }

  /** What is there; waits for the first. Empty at the end. */
  async take(): Promise<string[]> {
    while (this.#waiting.length === 0 && this.#ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (this.#waiting.length === 0 && this.#ended?.failure !== undefined) throw this.#ended.failure;
    const taken = this.#waiting.splice(0);
    this.#wakeSource?.();
    return taken;
  }
}

const publication = /"operation"\s*:\s*"publish_artifact"/;

/** Answers every request; a failure is its reply alone. `failed` is told of each for standard error. */
async function answerStream(
  operations: Operations,
  input: AsyncIterable<Uint8Array>,
  write: (text: string) => void,
  failed: (error: CodedError) => void,
): Promise<void> {
  const lines = new Lines(input);
  const tell = (answers: readonly Answered[]): void => {
    for (const { failure } of answers) if (failure !== undefined) failed(failure);
    if (answers.length > 0) write(answers.map(({ reply }) => `${JSON.stringify(reply)}\n`).join(''));
  };
  for (let batch = await lines.take(); batch.length > 0; batch = await lines.take()) {
    let together: Promise<Answered>[] = [];
    for (const line of batch) {
      const isPublication = publication.test(line);
      if (!isPublication) {
        tell(await Promise.all(together));
        together = [];
      }
      together.push(answerOne(operations, line));
      if (isPublication) continue;
      tell(await Promise.all(together));
      together = [];
    }
    tell(await Promise.all(together));
  }
}

export interface Service {
  readonly stream: boolean;
  readonly input: AsyncIterable<Uint8Array>;
  readonly openStore: () => Promise<OpenStore>;
  readonly write: (text: string) => void;
  /** Told of every failure, for standard error. */
  readonly failed: (error: CodedError) => void;
}

async function textOf(input: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const chunk of input) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > lineLimit) throw new CodedError('BAD_ARGUMENT', 'the request is longer than 64 MiB');
  }
  return text + decoder.decode();
}

/** Answers what comes in; the exit status. A store that cannot be opened is a reply, too. */
export async function serveOperations({ stream, input, openStore, write, failed }: Service): Promise<number> {
  try {
    const operations = new Operations(await openStore());
    if (stream) {
      await answerStream(operations, input, write, failed);
      return 0;
    }
    const { reply, failure } = await answerOne(operations, await textOf(input));
    write(`${JSON.stringify(reply)}\n`);
    if (failure !== undefined) failed(failure);
    return failure?.exitStatus ?? 0;
  } catch (error) {
    if (error instanceof TypeError && (error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return refuse(new CodedError('BAD_JSON', 'the request is not UTF-8', { cause: error }), write, failed);
    }
    // Whoever reads the replies has gone: the frame knows what that means.
    if (!isCodedError(error) && systemErrorCode(error) === undefined) throw error;
    return refuse(codedFailure(error), write, failed);
  }
}

function refuse(failure: CodedError, write: Service['write'], failed: Service['failed']): number {
  write(`${JSON.stringify(failureReply(undefined, failure))}\n`);
  failed(failure);
  return failure.exitStatus;
}
