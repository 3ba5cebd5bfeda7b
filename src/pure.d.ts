/**
 * What the pure layers may use beyond the ECMAScript library: two classes that every browser and every Node have.
 * Anything else that is global (Buffer, process, fetch, timers) stays unknown to the compiler there, on purpose.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}
