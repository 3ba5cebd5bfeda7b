/**
 * config.json: one beside the objects (the store) and, where the store lies elsewhere, one in the workspace's `.cairn`
 * that points to it. The only reader of the environment is this layer; everything below gets values.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { CodedError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { systemError } from '../core/system-error.ts';

/** Version of the layout of `.cairn` that this program writes, and the newest it reads. */
export const layoutVersion = 1;

/** Settings a person may change, with what they mean. */
export const settingMeanings = {
  'actor.name': 'name of the person who acts here',
  'actor.mail': 'mail address of the person who acts here',
  'lock.wait': 'longest wait for another process, like 30s; without it cairn waits until it is its turn',
  'gc.grace': 'age before which garbage is kept, like 14d',
} as const;
export type SettingName = keyof typeof settingMeanings;
export const settingNames = Object.keys(settingMeanings) as readonly SettingName[];

const configSchema = z.strictObject({
  schema: z.literal('cairn.config/1'),
  layoutVersion: z.int(),
  /** Random; the origin of the store's log. */
  storeId: z.optional(z.string()),
  /** Absolute path of the store, in a workspace whose store lies elsewhere. */
  store: z.optional(z.string()),
  settings: z.optional(z.partialRecord(z.enum(settingNames as [SettingName, ...SettingName[]]), z.string())),
});

export interface Config {
  readonly schema: 'cairn.config/1';
  readonly layoutVersion: number;
  readonly storeId?: string;
  readonly store?: string;
  readonly settings?: { readonly [name in SettingName]?: string };
}

export const configFile = 'config.json';

/** undefined when there is none. Throws CONFIG_CORRUPT or NEWER_STORE. */
export function readConfig(directory: string): Config | undefined {
  const path = join(directory, configFile);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw systemError('cannot read', error, path);
  }
  let value: unknown;
  try {
    value = parseJson(text, path);
  } catch (cause) {
    throw new CodedError('CONFIG_CORRUPT', `${path} is no JSON document`, {
      hint: 'Restore it from a backup: it holds the store id.',
      cause,
    });
  }
  const version =
    typeof value === 'object' && value !== null ? (value as { layoutVersion?: unknown }).layoutVersion : undefined;
  if (typeof version === 'number' && version > layoutVersion) {
    throw new CodedError(
      'NEWER_STORE',
      `${path} has layout version ${version}, and this cairn reads up to ${layoutVersion}`,
      {
        hint: 'Use a newer cairn.',
        data: { layoutVersion: version },
      },
    );
  }
  const result = configSchema.safeParse(value);
  if (result.success) return result.data as Config;
  throw new CodedError('CONFIG_CORRUPT', `${path} is no cairn configuration: ${z.prettifyError(result.error)}`, {
    hint: 'Correct it by hand, or restore it from a backup.',
  });
}

export function configText(config: Config): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}
