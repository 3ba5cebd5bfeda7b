/**
 * config.json: one beside the objects (the store) and, where the store lies elsewhere, one in the workspace's `.cairn`
 * that points to it. The only reader of the environment is this layer; everything below gets values.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { systemError } from '../core/system-error.ts';

/** Version of the layout of `.cairn` that this program writes, and the newest it reads. */
export const layoutVersion = 1;

/** Settings a person may change, with what they mean. */
export const settingMeanings = {
  'actor.name': 'name of the person who acts here',
  'actor.mail': 'mail address of the person who acts here',
  'actor.key': 'key that signs here: a file, a fingerprint, or the name of a key of the store',
  'lock.wait': 'longest wait for another process, like 30s; without it cairn waits until it is its turn',
  'gc.grace': 'age before which garbage is kept, like 14d',
} as const;
export type SettingName = keyof typeof settingMeanings;
export const settingNames = Object.keys(settingMeanings) as readonly SettingName[];

export interface Config {
  readonly schema: 'cairn.config/1';
  readonly layoutVersion: number;
  /** Random; the origin of the store's log. */
  readonly storeId?: string;
  /** Absolute path of the store, in a workspace whose store lies elsewhere. */
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
  const fault = configFault(value);
  if (fault === undefined) return value as Config;
  throw new CodedError('CONFIG_CORRUPT', `${path} is no cairn configuration: ${fault}`, {
    hint: 'Correct it by hand, or restore it from a backup.',
  });
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** Written out instead of a schema, because every command reads a configuration and schemas cost start-up. */
const members: { readonly [name in keyof Config]-?: (value: unknown) => boolean } = {
  schema: (value) => value === 'cairn.config/1',
  layoutVersion: (value) => Number.isInteger(value),
  storeId: (value) => value === undefined || isText(value),
  store: (value) => value === undefined || isText(value),
  settings: (value) =>
    value === undefined ||
    (typeof value === 'object' &&
      value !== null &&
      Object.entries(value).every(([name, text]) => Object.hasOwn(settingMeanings, name) && isText(text))),
};

function configFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no object';
  for (const name of Object.keys(value))
    if (!Object.hasOwn(members, name)) return `unknown member ${JSON.stringify(name)}`;
  for (const [name, isRight] of Object.entries(members)) {
    if (!isRight((value as Record<string, unknown>)[name])) return `member ${name} is not right`;
  }
  return undefined;
}

export function configText(config: Config): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}
