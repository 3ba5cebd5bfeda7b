/**
 * Key templates of type rules: how a logical key is made of a path.
 *
 *   {path}  data/2024/BTC.csv.gz      {dir}   data/2024      {name}  BTC.csv.gz
 *   {stem}  BTC.csv                   {ext}   gz             {{ }}   the braces themselves
 *
 * `dir` is empty at the root; `ext` is what stands behind the last dot that is not the first character, or empty.
 */

const placeholders = ['path', 'dir', 'name', 'stem', 'ext'] as const;
type Placeholder = (typeof placeholders)[number];

const token = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Why a template cannot be used, or undefined. */
export function templateFault(template: string): string | undefined {
  if (template === '') return 'the template is empty';
  for (const match of template.matchAll(token)) {
    const [text, name] = match;
    if (text === '{' || text === '}') return `a lone "${text}" at character ${match.index + 1}; write "${text}${text}"`;
    if (name !== undefined && !placeholders.some((known) => known === name)) {
      return `there is no {${name}}; known are ${placeholders.map((known) => `{${known}}`).join(', ')}`;
    }
  }
  return undefined;
}

/** The key of a path. The template has no fault. */
export function expandTemplate(template: string, path: string): string {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const dot = name.lastIndexOf('.');
  const parts: { readonly [name in Placeholder]: string } = {
    path,
    dir: path.slice(0, Math.max(0, slash)),
    name,
    stem: dot > 0 ? name.slice(0, dot) : name,
    ext: dot > 0 ? name.slice(dot + 1) : '',
  };
  return template.replace(token, (text, placeholder: Placeholder | undefined) => {
    if (text === '{{') return '{';
    if (text === '}}') return '}';
    return placeholder === undefined ? text : parts[placeholder];
  });
}
