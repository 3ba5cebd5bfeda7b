/**
 * The types of cairn.table/1 and the words for them. A type says what a value means and never how a file keeps it: an
 * integer is an integer in 8 bits or in 128, a text is a text whether it lies in a dictionary or not.
 *
 *   integer float decimal boolean text binary uuid date time time_ns time_tz
 *   timestamp timestamp_ns timestamp_tz interval null
 *   list<T>   map<K, V>   struct<"name" T, …>        names as JSON writes them, members in the order of the file
 */
export const plainWords = [
  'integer',
  'float',
  'decimal',
  'boolean',
  'text',
  'binary',
  'uuid',
  'date',
  'time',
  'time_ns',
  'time_tz',
  'timestamp',
  'timestamp_ns',
  'timestamp_tz',
  'interval',
  'null',
] as const;

export type PlainWord = (typeof plainWords)[number];

export type TableType =
  | { readonly kind: PlainWord }
  | { readonly kind: 'list'; readonly element: TableType }
  | { readonly kind: 'map'; readonly key: TableType; readonly value: TableType }
  | { readonly kind: 'struct'; readonly members: readonly { readonly name: string; readonly type: TableType }[] };

/** The type in words: part of what is hashed. */
export function typeWord(type: TableType): string {
  switch (type.kind) {
    case 'list':
      return `list<${typeWord(type.element)}>`;
    case 'map':
      return `map<${typeWord(type.key)}, ${typeWord(type.value)}>`;
    case 'struct':
      return `struct<${type.members.map((member) => `${JSON.stringify(member.name)} ${typeWord(member.type)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}

/** A type that a specification may ask for. `precision` and `scale` bound a decimal's digits; they are not hashed. */
export interface CastType {
  readonly word: Exclude<PlainWord, 'null'>;
  readonly precision: number;
  readonly scale: number;
}

/** Decimals that say nothing else: 20 digits before the point and 18 behind it. */
const widestDecimal = { precision: 38, scale: 18 };

/** The type behind a word of a specification, or undefined when there is none of that name. */
export function castType(word: string): CastType | undefined {
  const bounded = /^decimal\(([1-9][0-9]?), ?([0-9]|[1-9][0-9])\)$/.exec(word);
  if (bounded !== null) {
    const [precision, scale] = [Number(bounded[1]), Number(bounded[2])];
    return precision <= 38 && scale <= precision ? { word: 'decimal', precision, scale } : undefined;
  }
  const plain = plainWords.find((candidate) => candidate === word);
  return plain === undefined || plain === 'null' ? undefined : { word: plain, ...widestDecimal };
}

/** Why a word is no type for a column; undefined when it is one. */
export function castFault(word: string): string | undefined {
  if (castType(word) !== undefined) return undefined;
  const known = plainWords.filter((plain) => plain !== 'null').join(', ');
  return `${JSON.stringify(word)} is no type; there are ${known} and decimal(digits, digits behind the point)`;
}
