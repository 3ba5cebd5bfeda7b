import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../src/core/base64.ts';
import { utf8, utf8Decode } from '../../../src/core/bytes.ts';
import { formatEnvelope, parseEnvelope, preAuthEncoding } from '../../../src/core/dsse.ts';

const envelope = {
  payloadType: 'http://example.com/HelloWorld',
  payload: utf8('hello world ÿ'),
  signatures: [{ keyid: 'SHA256:abc', sig: Uint8Array.from({ length: 64 }, (_, index) => index * 7) }],
};

describe('DSSE', () => {
  test('signs what the specification gives as its example, with lengths in bytes', () => {
    const signed = preAuthEncoding('http://example.com/HelloWorld', utf8('hello world'));
    expect(utf8Decode(signed)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    expect(utf8Decode(preAuthEncoding('é', utf8('ü')))).toBe('DSSEv1 2 é 2 ü');
    expect(utf8Decode(preAuthEncoding('', new Uint8Array()))).toBe('DSSEv1 0  0 ');
  });

  test('reads back what it wrote, and the URL-safe alphabet', () => {
    const text = formatEnvelope(envelope);
    expect(text).toMatch(/^\{"payload":"[^"]+","payloadType":"[^"]+","signatures":\[\{"keyid":"SHA256:abc","sig":"/);
    expect(parseEnvelope(utf8(text))).toEqual(envelope);
    const urlSafe = text.replaceAll(/"(sig|payload)":"([^"]+)"/g, (_, name: string, value: string) => {
      return `"${name}":"${value.replaceAll('+', '-').replaceAll('/', '_')}"`;
    });
    expect(urlSafe).not.toBe(text);
    expect(parseEnvelope(utf8(urlSafe))).toEqual(envelope);
  });

  test('refuses, saying why, what is no envelope', () => {
    const good = { payload: toBase64(envelope.payload), payloadType: 't', signatures: [{ keyid: '', sig: 'AAAA' }] };
    const bad: readonly (readonly [value: unknown, why: string])[] = [
      [[], 'no object'],
      [null, 'no object'],
      [{ ...good, payload: undefined }, 'no payload'],
      [{ ...good, payload: 'A' }, 'payload is not base64'],
      [{ ...good, payload: 7 }, 'payload is no text'],
      [{ ...good, payloadType: 'x'.repeat(1025) }, 'payloadType is no text'],
      [{ ...good, extra: 1 }, 'unknown member "extra"'],
      [{ ...good, signatures: [] }, 'no signature'],
      [{ ...good, signatures: 'x' }, 'no signature'],
      [{ ...good, signatures: [{ sig: 'AAAA' }] }, 'no keyid'],
      [{ ...good, signatures: [{ keyid: '', sig: 'AAAB=' }] }, 'sig is not base64'],
      [{ ...good, signatures: [{ keyid: '', sig: 'AAAA', cert: '' }] }, 'unknown member "cert"'],
      [{ ...good, signatures: Array.from({ length: 101 }, () => good.signatures[0]) }, 'more than 100'],
    ];
    for (const [value, why] of bad) {
      const parse = () => parseEnvelope(utf8(JSON.stringify(value)));
      expect(parse, why).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_INVALID', message: expect.stringContaining(why) }),
      );
    }
    const twice = utf8('{"payload":"","payload":"","payloadType":"","signatures":[{"keyid":"","sig":""}]}');
    for (const bytes of [twice, utf8(''), Uint8Array.of(0xff)]) {
      expect(() => parseEnvelope(bytes)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    }
    expect(() => parseEnvelope(utf8(formatEnvelope(envelope)), 10)).toThrow('more than 10');
  });
});
