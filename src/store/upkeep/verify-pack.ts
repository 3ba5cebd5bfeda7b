/**
 * Comparing a pack with what the manifest says lies in it. `judgeSurvey` takes a survey, which has seen every byte;
 * `inspectPack` reads header, heads, index and trailer only.
 */
import { equalBytes, toHex } from '../../core/bytes.ts';
import { packHeaderSize, packMagic } from '../../core/pack-format.ts';
import type { PackSurvey } from '../../ports/pack-surveyor.ts';
import type { StoreContext } from '../context.ts';
import { packName } from '../objects/object-names.ts';
import { isDamage, readHead, readIndex } from './pack-frames.ts';
import type { FrameRows, PackedRows } from './packed-rows.ts';
import { damageText, surveyPack } from './survey-pack.ts';

type VerifyContext = Pick<StoreContext, 'backend' | 'codec'>;

export interface DamagedRow {
  readonly row: number;
  readonly why: string;
}

export interface PackVerdict {
  /** Rows whose objects cannot be read. */
  readonly damaged: readonly DamagedRow[];
  /** What is wrong with the pack apart from its objects: header, frames, index, trailer, name, entries nobody needs. */
  readonly structure: readonly string[];
  readonly bytesRead: number;
}

interface FoundEntry {
  readonly offset: number;
  readonly size: number;
  readonly kind: number;
  /** True when the entry is the object of this row, as far as is known. */
  is(row: number): boolean;
}

const notThere = 'its frame has no entry at its place';

/** Compares the rows of each frame with the entries that are found in it, both in the order of their places. */
class Comparison {
  readonly damaged: DamagedRow[] = [];
  readonly #rows: PackedRows;
  readonly #frames: FrameRows;
  readonly #seen = new Set<number>();
  #members: readonly number[] = [];
  #at = 0;

  constructor(rows: PackedRows, frames: FrameRows) {
    this.#rows = rows;
    this.#frames = frames;
  }

  beginFrame(frame: number): void {
    this.endFrame();
    this.#seen.add(frame);
    this.#members = this.#frames.get(frame) ?? [];
    this.#at = 0;
  }

  entry(found: FoundEntry): void {
    const rows = this.#rows;
    for (; this.#at < this.#members.length; this.#at++) {
      const row = this.#members[this.#at] as number;
      const order = rows.offset(row) - found.offset || rows.size(row) - found.size;
      if (order > 0) return;
      if (order < 0) this.damaged.push({ row, why: notThere });
      else if (rows.kind(row) !== found.kind)
        this.damaged.push({ row, why: 'its frame says that it is of the other namespace' });
      else if (!found.is(row)) this.damaged.push({ row, why: 'its bytes do not match its name' });
    }
  }

  endFrame(): void {
    for (; this.#at < this.#members.length; this.#at++)
      this.damaged.push({ row: this.#members[this.#at] as number, why: notThere });
  }

  /** A frame that cannot be opened takes all its objects with it. */
  broken(frame: number, why: string): void {
    this.#seen.add(frame);
    for (const row of this.#frames.get(frame) ?? []) this.damaged.push({ row, why: `its frame is damaged (${why})` });
  }

  /** Rows whose frame was nowhere. */
  end(): void {
    this.endFrame();
    for (const [frame, members] of this.#frames) {
      if (this.#seen.has(frame)) continue;
      for (const row of members) this.damaged.push({ row, why: 'its pack has no frame at its place' });
    }
  }
}

const brokenText = (frame: number, why: string): string => `the frame at ${frame} is damaged (${why})`;

export function judgeSurvey(survey: PackSurvey, rows: PackedRows, pack: string): PackVerdict {
  const { frames, offsets, sizes, kinds, digests } = survey.entries;
  const comparison = new Comparison(rows, rows.frames(pack));
  let start = 0;
  const found = { offset: 0, size: 0, kind: 0, is: (row: number) => rows.isDigest(row, digests, start) };
  for (let index = 0; index < kinds.length; index++) {
    if (index === 0 || frames[index] !== frames[index - 1]) comparison.beginFrame(frames[index] as number);
    found.offset = offsets[index] as number;
    found.size = sizes[index] as number;
    found.kind = kinds[index] as number;
    start = 32 * index;
    comparison.entry(found);
  }
  comparison.endFrame();
  for (const { frame, why } of survey.broken) comparison.broken(frame, why);
  comparison.end();
  const structure = [...survey.structure, ...survey.broken.map(({ frame, why }) => brokenText(frame, why))];
  return { damaged: comparison.damaged, structure, bytesRead: survey.bytesRead };
}

/** Checks everything but payloads. Throws only what is no statement about the bytes, and when the pack is not there. */
export async function inspectPack(
  context: VerifyContext,
  pack: string,
  rows: PackedRows,
): Promise<PackVerdict & { readonly size: number }> {
  const { backend, codec } = context;
  const { size } = await backend.stat(packName(pack));
  const start = await backend.read(packName(pack), { start: 0, end: packHeaderSize });
  let index: Awaited<ReturnType<typeof readIndex>>;
  try {
    index = await readIndex(context, pack, size);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Without an index only reading the pack tells which objects are there.
    const verdict = judgeSurvey(await surveyPack(context, pack), rows, pack);
    return { ...verdict, size, structure: verdict.structure.length > 0 ? verdict.structure : [damageText(error)] };
  }
  const comparison = new Comparison(rows, rows.frames(pack));
  const structure: string[] = [];
  const hasher = codec.hasher();
  hasher.update(start);
  let bytesRead = start.length + index.bytes.length;
  let whole = equalBytes(start, packMagic);
  if (!whole) structure.push('its header is damaged');
  for (const frame of index.frames) {
    try {
      const { head, bytes } = await readHead(context, pack, frame);
      hasher.update(bytes);
      bytesRead += bytes.length;
      comparison.beginFrame(frame.offset);
      for (const entry of head.entries) {
        const name = toHex(entry.name);
        comparison.entry({ ...entry, is: (row) => rows.id(row).startsWith(name) });
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      whole = false;
      structure.push(brokenText(frame.offset, damageText(error)));
      comparison.broken(frame.offset, damageText(error));
    }
  }
  hasher.update(index.bytes);
  if (whole && !equalBytes(hasher.digest(), index.id)) structure.push('its digest does not match');
  else if (toHex(index.id) !== pack) structure.push('it is not the pack that its name says');
  comparison.end();
  return { damaged: comparison.damaged, structure, bytesRead, size };
}
