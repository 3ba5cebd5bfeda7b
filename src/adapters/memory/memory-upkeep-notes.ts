/** Upkeep's notes in a Map. */
import type { UpkeepNotes } from '../../ports/upkeep-notes.ts';

export function memoryUpkeepNotes(): UpkeepNotes {
  const texts = new Map<string, string>();
  return {
    read: async (name) => texts.get(name),
    write: async (name, text) => {
      texts.set(name, text);
    },
    append: async (name, lines) => {
      texts.set(name, (texts.get(name) ?? '') + lines.map((line) => `${line}\n`).join(''));
    },
  };
}
