import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputCapture } from '../../../src/adapters/process/output-capture.ts';
import { concatBytes, utf8, utf8Decode } from '../../../src/core/bytes.ts';
import { isCut, outputFile } from '../../../src/core/captured-output.ts';
import { recordedEnvironment } from '../../../src/core/environment-variables.ts';

function capture(chunks: readonly Uint8Array[], head: number, tail: number): ReturnType<OutputCapture['result']> {
  const kept = new OutputCapture({ head, tail });
  for (const chunk of chunks) kept.add(chunk);
  return kept.result();
}

test('what is kept is the first and the last bytes, however they came', () => {
  const sizes = fc.integer({ min: 0, max: 12 });
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 20 }), sizes, sizes, (chunks, head, tail) => {
      const all = concatBytes(...chunks);
      const kept = capture(chunks, head, tail);
      expect(kept.total).toBe(all.length);
      expect(kept.head).toEqual(all.slice(0, head));
      const rest = all.slice(kept.head.length);
      expect(kept.tail).toEqual(rest.slice(Math.max(0, rest.length - tail)));
    }),
    { numRuns: 2000 },
  );
});

describe('output as a file', () => {
  test('is all of it when all of it was kept', () => {
    const kept = capture([utf8('one\n'), utf8('two\n')], 5, 100);
    expect(isCut(kept)).toBe(false);
    expect(outputFile(kept)).toEqual({ bytes: utf8('one\ntwo\n'), cut: 0 });
  });

  test('says how much was cut, and stays a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(20), fc.nat(20), (text, head, tail) => {
        const bytes = utf8(text.toWellFormed());
        const { bytes: file, cut } = outputFile(capture([bytes], head, tail));
        const shown = utf8Decode(file); // throws on a broken character
        const match = /\n\[cairn: (\d+) of (\d+) bytes are not kept here\]\n/.exec(shown);
        expect(cut > 0).toBe(match !== null);
        if (match === null) expect(file).toEqual(bytes);
        else {
          expect([Number(match[1]), Number(match[2])]).toEqual([cut, bytes.length]);
          expect(file.length - utf8(match[0]).length).toBe(bytes.length - cut);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('bytes that are no text are kept as they are', () => {
    const noise = Uint8Array.from({ length: 40 }, () => 0x80);
    const { bytes, cut } = outputFile(capture([noise], 10, 10));
    expect(cut).toBeGreaterThanOrEqual(20);
    expect(cut).toBeLessThanOrEqual(26);
    expect(bytes.length).toBeGreaterThan(14);
  });
});

test('only variables of the allow-list are recorded, and those that the workspace names', () => {
  const env = {
    PYTHONHASHSEED: '0',
    TZ: '',
    AWS_SECRET_ACCESS_KEY: 'x',
    MY_SEED: '7',
    HOME: '/h',
    OMP_NUM_THREADS: undefined,
  };
  expect(recordedEnvironment(env)).toEqual({ PYTHONHASHSEED: '0', TZ: '' });
  expect(recordedEnvironment(env, ['MY_SEED', 'UNSET'])).toEqual({ MY_SEED: '7', PYTHONHASHSEED: '0', TZ: '' });
});
