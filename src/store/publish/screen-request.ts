/** What of a publication would be recorded for ever, screened for secrets. */
import { findSecretLike } from '../../core/secret-screen.ts';
import type { StoreContext } from '../context.ts';
import { screenText } from '../log/governance.ts';
import type { PublishRequest } from './request.ts';

/** Each text with what it is called. */
function textsOf({ type, logicalKey, fileName, params, tags, writer }: PublishRequest): [what: string, text: string][] {
  const texts: [string, string][] = [
    ['the type and logical key', `${type} ${logicalKey}`],
    ['the file name', fileName],
  ];
  for (const [name, value] of Object.entries(params)) {
    texts.push([
      `parameter ${name}`,
      typeof value === 'string' ? `${name}=${value}` : `${name}=${JSON.stringify(value)}`,
    ]);
  }
  for (const [name, value] of Object.entries(tags)) texts.push([`tag ${name}`, `${name}=${value}`]);
  if (writer !== undefined) texts.push(['the writer', `${writer.name} ${writer.version}`]);
  return texts;
}

/** Throws SECRET_LIKE naming the field. All texts are looked at in one go; only a finding asks which of them it is in. */
export function screenRequest(context: Pick<StoreContext, 'allowSecretLike'>, request: PublishRequest): void {
  if (context.allowSecretLike) return;
  const texts = textsOf(request);
  if (findSecretLike(texts.map(([, text]) => text).join('\n')) === undefined) return;
  for (const [what, text] of texts) screenText(context, what, text);
}
