/**
 * YAML 1.2 (core schema) as a document with places. A configuration decides what runs mean, so everything that readers of
 * YAML tend to disagree about is refused with its line and column: duplicate keys, keys that are no texts, tags, more than
 * one document, other versions of YAML, numbers that a double cannot hold.
 *
 * The text may be hostile. Anchors and aliases work, but what they expand to is counted: at most `nodeLimit` nodes in all,
 * so a bomb is refused while it is small. Nesting is bounded before anything recursive sees the text. Work is linear.
 */
import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  Scalar,
} from 'yaml';
import { isExactNumber, maxJsonDepth } from '../../core/json-value.ts';
import { documentError, type SourceEntry, type SourceNode, type SourcePlace } from '../../core/source-node.ts';

/** Nodes of a document, aliases expanded. */
const nodeLimit = 20_000;
/** Words, indents and punctuation of the text; a node takes about four. */
const tokenLimit = 6 * nodeLimit;

class YamlReader {
  readonly #what: string;
  readonly #lines = new LineCounter();
  readonly #textLength: number;
  readonly #document: Document.Parsed | undefined;
  #nodes = 0;
  /** The newest node of each anchor, and what each alias stands for; a look-up in the package walks the whole document. */
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  #expanding = 0;

  constructor(text: string, what: string) {
    this.#what = what;
    this.#textLength = text.length;
    this.#document = this.#compose(text);
  }

  #place(offset: number): SourcePlace {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#textLength));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #fail(offset: number, why: string, hint?: string): never {
    throw documentError(this.#what, [{ at: this.#place(offset), why }], hint);
  }

  #compose(text: string): Document.Parsed | undefined {
    const parser = new Parser(this.#lines.addNewLine);
    const composer = new Composer({
      version: '1.2',
      schema: 'core',
      intAsBigInt: true,
      uniqueKeys: false,
      strict: true,
    });
    const documents: Document.Parsed[] = [];
    const take = (document: Document.Parsed): void => {
      documents.push(document);
    };
    this.#lines.addNewLine(0);
    let tokens = 0;
    for (const lexeme of new Lexer().lex(text)) {
      if (++tokens > tokenLimit) this.#fail(parser.offset, `more than ${tokenLimit} words and marks`);
      for (const token of parser.next(lexeme))
        for (const document of composer.next(token)) take(document as Document.Parsed);
      // The stack holds one or two tokens a level; the composer behind it is recursive.
      if (parser.stack.length > 2 * maxJsonDepth) this.#fail(parser.offset, `nesting more than ${maxJsonDepth} deep`);
    }
    for (const token of parser.end()) for (const document of composer.next(token)) take(document as Document.Parsed);
    for (const document of composer.end(false, text.length)) take(document as Document.Parsed);
    const [first, second] = documents;
    if (first === undefined) return undefined;
    const error = first.errors[0] ?? first.warnings[0];
    if (error !== undefined) this.#fail(error.pos[0], plain(error.message));
    if (second !== undefined) this.#fail(second.range[0], 'a second document; one file holds one');
    const { explicit, version } = first.directives?.yaml ?? {};
    if (explicit === true && version !== '1.2') this.#fail(0, `YAML ${version}; this file is read as YAML 1.2`);
    return first;
  }

  read(): SourceNode | undefined {
    const root = this.#document?.contents;
    if (root === undefined || root === null) return undefined;
    if (isScalar(root) && root.value === null) return undefined;
    return this.#node(root, 0, new Set());
  }

  #node(node: Node, depth: number, open: Set<Node>): SourceNode {
    const offset = node.range?.[0] ?? 0;
    if (++this.#nodes > nodeLimit) {
      this.#fail(offset, `more than ${nodeLimit} values, aliases counted`, 'Aliases multiply what they stand for.');
    }
    if (depth > maxJsonDepth) this.#fail(offset, `nesting more than ${maxJsonDepth} deep`);
    if (isAlias(node)) return this.#expand(node, offset, depth, open);
    if (this.#expanding === 0 && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const tag = 'tag' in node ? node.tag : undefined;
    if (tag !== undefined && !tag.startsWith('tag:yaml.org,2002:'))
      this.#fail(offset, `the tag ${tag} has no meaning here`);
    const at = this.#place(offset);
    open.add(node);
    try {
      if (isMap(node)) return { kind: 'map', at, entries: this.#entries(node.items, depth, open) };
      if (isSeq(node))
        return { kind: 'list', at, items: node.items.map((item) => this.#node(item as Node, depth + 1, open)) };
    } finally {
      open.delete(node);
    }
    return { kind: 'scalar', at, value: this.#scalar(node, offset) };
  }

  #expand(alias: Alias, offset: number, depth: number, open: Set<Node>): SourceNode {
    // An alias means the last anchor before it, also where it is read again as a part of something else.
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined) this.#fail(offset, `there is no anchor &${alias.source} before this`);
    if (open.has(target)) this.#fail(offset, `the alias *${alias.source} stands inside of what it stands for`);
    this.#targets.set(alias, target);
    this.#expanding++;
    const node = this.#node(target, depth, open);
    this.#expanding--;
    return node;
  }

  #entries(pairs: readonly { key: unknown; value: unknown }[], depth: number, open: Set<Node>): SourceEntry[] {
    const seen = new Set<string>();
    return pairs.map(({ key, value }) => {
      const keyOffset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      const name = isScalar(key) ? key.value : undefined;
      if (name === null) this.#fail(keyOffset, 'a key is missing before the ":"');
      if (typeof name !== 'string') this.#fail(keyOffset, 'a key must be a text', 'Put it in quotes.');
      if (name === '__proto__') this.#fail(keyOffset, '"__proto__" cannot be a key');
      if (seen.has(name)) this.#fail(keyOffset, `the key ${JSON.stringify(name)} stands here twice`);
      seen.add(name);
      const keyAt = this.#place(keyOffset);
      const child: SourceNode = isNode(value)
        ? this.#node(value, depth + 1, open)
        : { kind: 'scalar', at: keyAt, value: null };
      return { key: name, keyAt, value: child };
    });
  }

  #scalar(node: Node, offset: number): null | boolean | number | string {
    const value: unknown = node instanceof Scalar ? node.value : undefined;
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) this.#fail(offset, 'a text with a lone surrogate');
      return value;
    }
    if (typeof value === 'number' || typeof value === 'bigint') {
      const number = Number(value);
      if (isExactNumber(number) && (typeof value === 'number' || BigInt(number) === value))
        return number === 0 ? 0 : number;
      this.#fail(offset, `the number ${String(value)} cannot be held exactly`, 'Put it in quotes.');
    }
    this.#fail(offset, 'a value of a kind that this file cannot hold');
  }
}

/** The reason without the place and the excerpt that the package appends. */
function plain(message: string): string {
  const [first = message] = message.split('\n');
  return first.replace(/ at line \d+, column \d+:?$/, '').replace(/^(\w)/, (letter) => letter.toLowerCase());
}

/** The document of a YAML text; undefined for an empty one. `what` names it in errors. Throws BAD_JSON. */
export function readYaml(text: string, what: string): SourceNode | undefined {
  return new YamlReader(text, what).read();
}
