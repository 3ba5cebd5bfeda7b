/** Settings of a workspace: reading them with where they come from, and changing one. */
import { join } from 'node:path';
import { durableWrite } from '../adapters/fs/durable-write.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { CodedError, isCodedError } from '../core/errors.ts';
import { parseDuration } from '../core/time.ts';
import { type Config, configFile, configText, type SettingName, settingMeanings, settingNames } from './config.ts';
import { parseAuthor, readEnvironment } from './environment.ts';
import { locate } from './locate.ts';
import type { OpenOptions } from './open-store.ts';

export interface Setting {
  readonly name: SettingName;
  readonly meaning: string;
  readonly value: string | undefined;
  /** `workspace` is this workspace's own file, `store` the one it shares. */
  readonly from: 'workspace' | 'store' | undefined;
}

type Place = Pick<OpenOptions, 'cwd' | 'env'>;

function parseName(text: string): SettingName {
  const found = settingNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new CodedError('CONFIG_KEY_NOT_FOUND', `there is no setting ${JSON.stringify(text.slice(0, 80))}`, {
    hint: `Settings are ${settingNames.join(', ')}.`,
    data: { key: text.slice(0, 80), known: settingNames },
  });
}

export function listSettings({ cwd, env }: Place): Setting[] {
  const { config, storeConfig } = locate(cwd, readEnvironment(env));
  return settingNames.map((name) => {
    const own = config.settings?.[name];
    const shared = storeConfig.settings?.[name];
    const from = own !== undefined ? 'workspace' : shared !== undefined ? 'store' : undefined;
    return { name, meaning: settingMeanings[name], value: own ?? shared, from };
  });
}

/** Throws CONFIG_KEY_NOT_FOUND for a key that does not exist or is not set. */
export function getSetting(place: Place, key: string): Setting {
  const name = parseName(key);
  const setting = listSettings(place).find((one) => one.name === name);
  if (setting?.value !== undefined) return setting;
  throw new CodedError('CONFIG_KEY_NOT_FOUND', `${name} is not set`, {
    hint: `Set it with \`cairn config set ${name} <value>\`.`,
    data: { key: name },
  });
}

/** The value of a setting that may be kept; errors name the setting. */
function check(name: SettingName, value: string): void {
  try {
    parse(name, value);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const data = { ...error.data, argument: 'value', key: name };
    throw new CodedError(error.code, `${name}: ${error.message}`, { hint: error.hint, data, cause: error });
  }
}

function parse(name: SettingName, value: string): void {
  if (!value.isWellFormed() || /[\n\0]/.test(value)) {
    throw new CodedError('BAD_ARGUMENT', 'a setting is one line of text');
  }
  if (name === 'lock.wait' || name === 'gc.grace') parseDuration(value);
  else if (name === 'actor.name') parseAuthor(value, 'the name');
  else if (name === 'actor.mail') parseAuthor(`name <${value}>`, 'the mail address');
}

/** An empty value takes the setting away. */
export async function setSetting({ cwd, env }: Place, key: string, value: string): Promise<Setting> {
  const name = parseName(key);
  if (value !== '') check(name, value);
  const { directory, config } = locate(cwd, readEnvironment(env));
  const { [name]: _, ...others } = config.settings ?? {};
  const settings = value === '' ? others : { ...others, [name]: value };
  const changed: Config = { ...config, settings };
  await durableWrite(join(directory, configFile), configText(changed), { random: systemRandom() });
  return {
    name,
    meaning: settingMeanings[name],
    value: value === '' ? undefined : value,
    from: value === '' ? undefined : 'workspace',
  };
}
