import { describe, expect, test } from 'vitest';
import { parseFrameHead } from '../../../../src/core/pack-format.ts';
import type { ObjectBackend } from '../../../../src/ports/object-backend.ts';
import type { PackedRows } from '../../../../src/store/upkeep/packed-rows.ts';
import { salvagePack } from '../../../../src/store/upkeep/salvage-pack.ts';
import { surveyPack } from '../../../../src/store/upkeep/survey-pack.ts';
import { inspectPack, judgeSurvey } from '../../../../src/store/upkeep/verify-pack.ts';
import { backendWith, blob, codec, flipped, noise, record, rowsOf, type WrittenPack, writePack } from './some-packs.ts';

const frames = [
  [blob('text that repeats, '.repeat(30)), blob(''), blob('more text that repeats, '.repeat(20))],
  [
    { namespace: 'blob' as const, bytes: noise(1, 90) },
    { namespace: 'blob' as const, bytes: noise(2, 60) },
  ],
  [record('{"a":1}'), record('{"b":2}')],
];

/** Offset and size of the payload of each frame. */
function payloads(pack: WrittenPack): { start: number; end: number; raw: boolean }[] {
  return [...new Set(pack.objects.map(({ location }) => (location.kind === 'packed' ? location.frame : 0)))].map(
    (frame) => {
      const head = parseFrameHead(pack.bytes.subarray(frame));
      if (head === undefined) throw new Error('no frame');
      return { start: frame + head.headSize, end: frame + head.headSize + head.storedSize, raw: head.encoding === 0 };
    },
  );
}

async function readPack(backend: ObjectBackend, pack: string, rows: PackedRows) {
  return judgeSurvey(await surveyPack({ backend, codec }, pack), rows, pack);
}
async function read(pack: WrittenPack, bytes: Uint8Array) {
  return readPack(await backendWith(pack.name, bytes), pack.name, rowsOf(pack.objects));
}
async function inspect(pack: WrittenPack, bytes: Uint8Array) {
  return inspectPack({ backend: await backendWith(pack.name, bytes), codec }, pack.name, rowsOf(pack.objects));
}

describe('a pack', () => {
  test('that is whole has no damage, read or inspected, and every byte of it is read', async () => {
    const pack = await writePack(frames);
    expect(await read(pack, pack.bytes)).toMatchObject({ damaged: [], structure: [], bytesRead: pack.bytes.length });
    expect(await inspect(pack, pack.bytes)).toMatchObject({ damaged: [], structure: [] });
  });

  test('with any one bit flipped is found damaged by reading, and objects are named where they cannot be read', async () => {
    const pack = await writePack(frames);
    const rows = rowsOf(pack.objects);
    const parts = payloads(pack);
    expect(parts.map((part) => part.raw)).toEqual([false, true, true]);
    for (let at = 0; at < pack.bytes.length; at++) {
      for (const bit of [1, 128]) {
        const verdict = await read(pack, flipped(pack.bytes, at, bit));
        expect(verdict.damaged.length + verdict.structure.length, `byte ${at}`).toBeGreaterThan(0);
        const raw = parts.find((part) => part.raw && at >= part.start && at < part.end);
        // In a raw payload exactly the object that holds the byte is damaged.
        if (raw !== undefined) {
          expect(verdict.damaged.length, `byte ${at}`).toBe(1);
          const { row } = verdict.damaged[0] as { row: number };
          expect(at - raw.start - rows.offset(row)).toBeGreaterThanOrEqual(0);
          expect(at - raw.start - rows.offset(row)).toBeLessThan(rows.size(row));
        }
      }
    }
  });

  test('with one damaged frame still gives the objects of the others, with its index or without', async () => {
    const pack = await writePack(frames);
    const rows = rowsOf(pack.objects);
    const parts = payloads(pack);
    for (const [number, part] of parts.entries()) {
      const members = frames.slice(0, number).reduce((sum, objects) => sum + objects.length, 0);
      const expected = (frames[number] ?? []).map((_, index) => members + index);
      const noFrame = flipped(pack.bytes, part.start - 1); // the last byte of its check
      const noIndex = flipped(noFrame, pack.bytes.length - 41); // in the last size of the index
      for (const bytes of [noFrame, noIndex]) {
        const { damaged } = await readPack(await backendWith(pack.name, bytes), pack.name, rows);
        expect(damaged.map(({ row }) => row)).toEqual(expected);
      }
    }
  });

  test('with any one bit flipped outside of its payloads is found damaged by inspection', async () => {
    const pack = await writePack(frames);
    const parts = payloads(pack);
    for (let at = 0; at < pack.bytes.length; at++) {
      if (parts.some((part) => at >= part.start && at < part.end)) continue;
      const { damaged, structure } = await inspect(pack, flipped(pack.bytes, at));
      expect(damaged.length + structure.length, `byte ${at}`).toBeGreaterThan(0);
    }
  });

  test('that is cut anywhere is found damaged, and the frames in front of the cut are not', async () => {
    const pack = await writePack(frames);
    const parts = payloads(pack);
    for (let size = 0; size < pack.bytes.length; size += 3) {
      const verdict = await read(pack, pack.bytes.slice(0, size));
      expect(verdict.structure.length, `${size} bytes`).toBeGreaterThan(0);
      const whole = parts.filter((part) => part.end <= size).length;
      const lost = frames.slice(whole).reduce((sum, objects) => sum + objects.length, 0);
      expect(verdict.damaged.length, `${size} bytes`).toBe(lost);
    }
  });

  test('whose rows point at the wrong place, object or namespace is found out, read or inspected', async () => {
    const pack = await writePack(frames);
    const [first, second] = pack.objects as [(typeof pack.objects)[0], (typeof pack.objects)[0]];
    const place = first.location as Extract<typeof first.location, { kind: 'packed' }>;
    const wrong = [
      { ...first, id: second.id },
      { ...first, size: first.size - 1 },
      { ...first, namespace: 'record' as const },
      { ...first, location: { ...place, frame: place.frame + 1 } },
      { ...first, location: { ...place, offset: 5 } },
    ];
    const backend = await backendWith(pack.name, pack.bytes);
    for (const object of wrong) {
      const rows = rowsOf([object]);
      for (const verdict of [
        await readPack(backend, pack.name, rows),
        await inspectPack({ backend, codec }, pack.name, rows),
      ]) {
        expect(verdict.damaged.map(({ row }) => row)).toEqual([0]);
      }
    }
  });

  test('under another name is found out', async () => {
    const pack = await writePack(frames);
    const other = { ...pack, name: 'f'.repeat(64), objects: [] };
    expect((await read(other, pack.bytes)).structure).toEqual(['it is not the pack that its name says']);
    expect((await inspect(other, pack.bytes)).structure).toEqual(['it is not the pack that its name says']);
  });

  test('with bytes behind its trailer is found out', async () => {
    const pack = await writePack(frames);
    const longer = new Uint8Array(pack.bytes.length + 1);
    longer.set(pack.bytes);
    expect((await read(pack, longer)).structure.length).toBeGreaterThan(0);
    expect((await inspect(pack, longer)).structure.length).toBeGreaterThan(0);
  });
});

describe('salvage', () => {
  test('gets back every object whose bytes were not touched, whichever byte of the pack is flipped', async () => {
    const pack = await writePack(frames);
    const rows = rowsOf(pack.objects);
    const parts = payloads(pack);
    for (let at = 0; at < pack.bytes.length; at++) {
      const bytes = flipped(pack.bytes, at);
      const backend = await backendWith(pack.name, bytes);
      const found = new Map<number, Uint8Array>();
      const lost = await salvagePack({ backend, codec }, pack.name, bytes.length, rows, async (row, object) => {
        found.set(row, object.slice());
      });
      for (const [row, object] of found) expect(codec.sha256Hex(object)).toBe(rows.id(row));
      expect(found.size + lost.length).toBe(rows.count);
      const hit = parts.find((part) => at >= part.start && at < part.end);
      if (hit === undefined) expect(lost, `byte ${at}`).toEqual([]);
      else if (hit.raw) expect(lost.length, `byte ${at}`).toBe(1);
      else expect(lost.length, `byte ${at}`).toBeLessThanOrEqual(3);
    }
  });
});
