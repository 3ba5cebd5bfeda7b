/**
 * Small texts that upkeep keeps about itself: what `fsck` has read and when, what `gc` removed. They are no part of the
 * manifest: losing them loses no fact about any object, and they say nothing that a decision rests on.
 */
export interface UpkeepNotes {
  /** The whole text; undefined when there is none. Names are like `fsck.json`, lower-case. */
  read(name: string): Promise<string | undefined>;
  /** Replaces the text, whole or not at all. */
  write(name: string, text: string): Promise<void>;
  /** Adds lines at the end; each is given without its line feed. */
  append(name: string, lines: readonly string[]): Promise<void>;
}
