import { describe, expect, test } from 'vitest';
import { verifyEd25519 } from '../../../src/adapters/node/ed25519.ts';
import { toHex, utf8 } from '../../../src/core/bytes.ts';
import { formatCheckpoint, parseCheckpoint } from '../../../src/core/checkpoint.ts';
import { formatNote, formatNoteKey, noteKeyId, parseNote, parseNoteKey, signaturesOf } from '../../../src/core/note.ts';
import { createNote } from '../../../src/core/signing.ts';
import { formatTlogProof, parseTlogProof } from '../../../src/core/tlog-proof.ts';
import { testKey } from '../signing-keys.ts';

/** The example of Go's package note. */
const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const petersNote = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
const refusal = expect.objectContaining({ code: 'SIGNATURE_INVALID' });

describe('a signed note', () => {
  test('has the key ids of the published vectors', () => {
    for (const text of [peter, 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k']) {
      const key = parseNoteKey(text);
      expect(formatNoteKey(key)).toBe(text);
      expect(toHex(noteKeyId(key.name, key.publicKey))).toBe(text.split('+')[1]);
    }
  });

  test('of the published example verifies and is written back byte for byte', async () => {
    const note = parseNote(petersNote);
    const key = parseNoteKey(peter);
    const [signature, ...others] = signaturesOf(note, key);
    expect(others).toEqual([]);
    expect(await verifyEd25519(key.publicKey, utf8(note.text), signature?.signature ?? new Uint8Array())).toBe(true);
    expect(formatNote(note)).toBe(petersNote);
  });

  test('keeps blank lines in its text, and the signatures of others', async () => {
    const { publicKey, sign } = testKey('log');
    const text = 'first\n\nsecond — third\n';
    const note = await createNote(text, { name: 'log.example/é', publicKey }, sign);
    const both = `${note}— witness AAAAAAAA\n`;
    const parsed = parseNote(utf8(both));
    expect(parsed.text).toBe(text);
    expect(parsed.signatures.map(({ name }) => name)).toEqual(['log.example/é', 'witness']);
    expect(signaturesOf(parsed, { name: 'witness', publicKey })).toEqual([]);
  });

  test('is refused where its form is not exact', () => {
    const [text = '', line = ''] = petersNote.split('\n\n');
    const bad = [
      '',
      'text\n',
      `${text}\n${line}`,
      petersNote.slice(0, -1),
      `${petersNote}\n`,
      `${petersNote} `,
      petersNote.replace('—', '-'),
      petersNote.replace('— P', '—  P'),
      petersNote.replace('PeterNeumann', 'Peter+Neumann'),
      petersNote.replace('PeterNeumann', 'Peter\u00a0Neumann'),
      petersNote.replace('=\n', '\n'),
      petersNote.replace('If', '\tIf'),
      petersNote.replace('\n', '\r\n'),
      `${text}\n\n— a AAAA\n`,
      `${text}\n\n${'— a AAAAAAAA\n'.repeat(101)}`,
    ];
    for (const note of bad) expect(() => parseNote(note), JSON.stringify(note.slice(-60))).toThrow(refusal);
    expect(() => parseNote(Uint8Array.of(0xff, 10, 10))).toThrow(refusal);
    expect(() => parseNoteKey(peter.replace('c74f20a3', 'c74f20a4'))).toThrow('another key');
    expect(() => parseNoteKey('x')).toThrow(expect.objectContaining({ code: 'BAD_KEY' }));
    expect(() => formatNote({ text: 'no line feed', signatures: [] })).toThrow('line feed');
  });
});

describe('a checkpoint', () => {
  const root = Uint8Array.from({ length: 32 }, (_, index) => index);
  const text = 'cairn.example/7f\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n';

  test('is origin, size and root, a line each', () => {
    const checkpoint = { origin: 'cairn.example/7f', size: 20852163, root, extensions: [] };
    expect(formatCheckpoint(checkpoint)).toBe(text);
    expect(parseCheckpoint(text)).toEqual(checkpoint);
    expect(parseCheckpoint(`${text}extension\n`).extensions).toEqual(['extension']);
    expect(formatCheckpoint({ ...checkpoint, extensions: ['extension'] })).toBe(`${text}extension\n`);
  });

  test('is refused where its form is not exact', () => {
    const bad = [
      '',
      text.slice(0, -1),
      text.replace('20852163', '020852163'),
      text.replace('20852163', '-1'),
      text.replace('20852163', '1e3'),
      text.replace('20852163', '9007199254740992'),
      text.replace('AAEC', 'AAE'),
      text.replace('8=\n', '9=\n'),
      text.replace('cairn.example/7f', ''),
      `${text}\n`,
    ];
    for (const one of bad) expect(() => parseCheckpoint(one), JSON.stringify(one)).toThrow(refusal);
  });
});

describe('a log proof', () => {
  const proof = {
    extra: undefined,
    index: 5,
    proof: [new Uint8Array(32), new Uint8Array(32).fill(255)],
    checkpoint: petersNote,
  };
  const text = formatTlogProof(proof);

  test('is written as the specification says, and reads back', () => {
    expect(text.split('\n').slice(0, 5)).toEqual([
      'c2sp.org/tlog-proof@v1',
      'index 5',
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      '//////////////////////////////////////////8=',
      '',
    ]);
    expect(text.endsWith(petersNote)).toBe(true);
    expect(parseTlogProof(text)).toEqual(proof);
    const withExtra = { ...proof, extra: Uint8Array.of(1, 2), proof: [] };
    expect(parseTlogProof(formatTlogProof(withExtra))).toEqual(withExtra);
  });

  test('is refused where its form is not exact', () => {
    const bad = [
      '',
      text.replace('@v1', '@v2'),
      text.replace('index 5', 'index 05'),
      text.replace('index 5\n', ''),
      text.replace('AAAA', 'AAA'),
      text.replace('AAAA', 'AA'),
      text.replace('\n\n', '\n'.repeat(1)).replaceAll('\n\n', '\n'),
      `c2sp.org/tlog-proof@v1\nindex 0\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`,
    ];
    for (const one of bad) {
      expect(() => parseTlogProof(one)).toThrow(expect.objectContaining({ code: 'PROOF_INVALID' }));
    }
  });
});
