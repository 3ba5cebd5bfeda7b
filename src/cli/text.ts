/**
 * Text for terminals. Names, messages and tags come from other people: control characters in them are shown as escapes,
 * so that no stored text can move the cursor, recolour or rename the terminal of whoever lists it.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controlsButLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`;
}

/** One line: a name, a path, a tag. */
export function inLine(text: string): string {
  return text.toWellFormed().replace(controls, escaped);
}

/** Text that may have lines: a message, the lines of a diff. */
export function inLines(text: string): string {
  return text.toWellFormed().replace(controlsButLines, escaped);
}

/** The first line of a message. */
export function firstLine(text: string): string {
  return inLine(text.split('\n', 1)[0] as string);
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const zeroWidth = /\p{Mark}|\u200b|\u200c|\u200d|\ufe0f/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
const colours = /\u001b\[[0-9;]*m/g;

/** Columns a text takes on a terminal, near enough for tables. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(colours, '')) {
    width += zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1;
  }
  return width;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1.4 MiB` */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** Digits in groups of three. Not by Intl: its tables take 20 ms to load, half of what a short command may take. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 run`, `3,000 runs` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A recorded time for people: `2026-01-31 09:30:00 UTC`. */
export function timeText(timestamp: string): string {
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} UTC`;
}
