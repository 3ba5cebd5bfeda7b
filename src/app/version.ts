/** The version of this program, out of package.json (a bundle has it written in at build time). */
import { readFileSync } from 'node:fs';

declare const CAIRN_VERSION: string | undefined;

export function programVersion(): string {
  if (typeof CAIRN_VERSION === 'string') return CAIRN_VERSION;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
