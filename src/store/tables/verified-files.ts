/**
 * Which loose objects were read in full and found right, by the stat they had then: what makes a table of gigabytes open
 * at once the second time. One line a finding in a note of the store (`<object> <stamp>`), the last line of an object
 * counts. Only a cache: without it the object is read again. Whoever can write the note can write the objects too.
 */
import { isCodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';

const noteName = 'verified-tables.txt';
/** More lines than this are cut to the newest finding of each object. */
const linesKept = 10_000;

export class VerifiedFiles {
  readonly #notes: UpkeepNotes;
  #known: Map<string, string> | undefined;

  constructor(notes: UpkeepNotes) {
    this.#notes = notes;
  }

  async #load(): Promise<Map<string, string>> {
    if (this.#known !== undefined) return this.#known;
    const lines = ((await this.#notes.read(noteName)) ?? '').split('\n').filter((line) => line !== '');
    const known = new Map<string, string>();
    for (const line of lines) {
      const at = line.indexOf(' ');
      known.delete(line.slice(0, at)); // so that the order is that of the newest findings
      known.set(line.slice(0, at), line.slice(at + 1));
    }
    this.#known = known;
    if (lines.length > linesKept) {
      const newest = [...known].slice(-linesKept / 2);
      await writing(this.#notes.write(noteName, newest.map(([object, stamp]) => `${object} ${stamp}\n`).join('')));
    }
    return known;
  }

  async has(object: ObjectId, stamp: string): Promise<boolean> {
    return (await this.#load()).get(object) === stamp;
  }

  async add(object: ObjectId, stamp: string): Promise<void> {
    (await this.#load()).set(object, stamp);
    await writing(this.#notes.append(noteName, [`${object} ${stamp}`]));
  }
}

/** A store that can only be read remembers nothing; any other failure is one. */
async function writing(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!isCodedError(error, 'READ_ONLY') && !isCodedError(error, 'NOT_PERMITTED')) throw error;
  }
}
