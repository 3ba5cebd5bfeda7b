/**
 * Values as expressions see them: objects as maps and lists as lists, made as they are read, so that a bundle of a megabyte costs
 * what a check reads of it. Every reading is told to the meter. A member that is null is not there: Python writes null for a value
 * that it does not have.
 */
import type { CelInput } from '@bufbuild/cel';
import type { LosslessObject, LosslessValue } from '../../core/lossless-json.ts';
import type { Meter } from './meter.ts';

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A longer text is present and cannot be used. */
const textLimit = 65_536;

function step(path: string, key: string): string {
  if (!identifier.test(key)) return `${path}[${JSON.stringify(key.slice(0, 60))}]`;
  return path === '' ? key : `${path}.${key}`;
}

function bind(value: LosslessValue, path: string, meter: Meter): CelInput {
  if (typeof value === 'object' && value !== null) {
    if (!Array.isArray(value)) return new ObjectMap(value as LosslessObject, path, meter);
    return readList(value as readonly LosslessValue[], path, meter);
  }
  if (typeof value === 'string' && value.length > textLimit) {
    return meter.fail(`${path} is a text of more than ${textLimit} characters`);
  }
  meter.read(path, value);
  return value;
}

class ObjectMap extends Map<string, CelInput> {
  readonly #object: LosslessObject;
  readonly #path: string;
  readonly #meter: Meter;
  #keys: string[] | undefined;

  constructor(object: LosslessObject, path: string, meter: Meter) {
    super();
    this.#object = object;
    this.#path = path;
    this.#meter = meter;
  }

  #names(): string[] {
    if (this.#keys === undefined) {
      const keys = Object.keys(this.#object);
      this.#meter.spend(keys.length);
      this.#keys = keys.filter((key) => this.#object[key] !== null);
    }
    return this.#keys;
  }

  override get(key: string): CelInput | undefined {
    this.#meter.spend(1);
    const value = typeof key === 'string' && Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
    if (value === undefined || value === null) return undefined;
    return this.#meter.isAsking ? true : bind(value, step(this.#path, key), this.#meter);
  }

  override has(key: string): boolean {
    this.#meter.spend(1);
    return typeof key === 'string' && Object.hasOwn(this.#object, key) && this.#object[key] !== null;
  }

  override get size(): number {
    return this.#names().length;
  }

  override keys(): MapIterator<string> {
    return this.#names().values();
  }

  override *values(): MapIterator<CelInput> {
    for (const key of this.#names()) yield this.get(key) as CelInput;
  }

  override *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.#names()) yield [key, this.get(key) as CelInput];
  }

  override [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }

  override forEach(callback: (value: CelInput, key: string, map: Map<string, CelInput>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }
}

/** An array whose elements are bound when they are read. */
function readList(list: readonly LosslessValue[], path: string, meter: Meter): readonly CelInput[] {
  const element = (index: number): CelInput => {
    meter.spend(1);
    return bind(list[index] as LosslessValue, `${path}[${index}]`, meter);
  };
  function* elements(): Generator<CelInput> {
    for (let index = 0; index < list.length; index++) yield element(index);
  }
  return new Proxy([] as CelInput[], {
    get(target, key) {
      if (key === 'length') return list.length;
      if (key === 'values' || key === Symbol.iterator) return elements;
      if (typeof key === 'string' && /^[0-9]+$/.test(key)) {
        return Number(key) < list.length ? element(Number(key)) : undefined;
      }
      return Reflect.get(target, key) as unknown;
    },
  });
}

/** The variables of expressions. */
export function bindVariables(variables: LosslessObject, meter: Meter): Record<string, CelInput> {
  const bound = Object.create(null) as Record<string, CelInput>;
  for (const [name, value] of Object.entries(variables)) {
    Object.defineProperty(bound, name, { enumerable: true, get: () => bind(value, name, meter) });
  }
  return bound;
}
