/**
 * Completion scripts, made from the command table and from what each command declares. They are plain data in the
 * shell's own language: pressing Tab starts no program.
 */
import type { CommandEntry, CommandTable } from './command.ts';
import { buildCommander } from './parse-arguments.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

interface Described {
  /** `add`, `config get` */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly {
    readonly flags: readonly string[];
    readonly text: string;
    readonly takesValue: boolean;
  }[];
}

async function describe(name: string, entry: CommandEntry): Promise<Described> {
  const commander = buildCommander(name, (await entry.load()).command);
  const options = commander.options.map((option) => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    text: option.description,
    takesValue: option.required || option.optional,
  }));
  return { name, summary: entry.summary, options };
}

/** Words after `cairn`: names with their summary; a group stands for itself. */
interface Vocabulary {
  readonly first: readonly (readonly [name: string, summary: string])[];
  readonly commands: readonly Described[];
}

async function describeAll(table: CommandTable): Promise<Vocabulary> {
  const first: [string, string][] = [];
  const commands: Described[] = [];
  for (const section of table) {
    for (const [name, entry] of Object.entries(section.commands)) {
      first.push([name, entry.summary]);
      if ('load' in entry) commands.push(await describe(name, entry));
      else for (const [verb, one] of Object.entries(entry.verbs)) commands.push(await describe(`${name} ${verb}`, one));
    }
  }
  return { first, commands };
}

function verbsOf(group: string, commands: readonly Described[]): string[] {
  return commands.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name.slice(group.length + 1));
}

function groups({ first, commands }: Vocabulary): string[] {
  return first.map(([name]) => name).filter((name) => verbsOf(name, commands).length > 0);
}

/** Words of all options of a command. */
const flagWords = (command: Described): string => command.options.flatMap(({ flags }) => flags).join(' ');

function bashScript(all: Vocabulary): string {
  const options = all.commands.map((one) => `    '${one.name}') words='${flagWords(one)}' ;;`);
  const verbs = groups(all).map((group) => `      ${group}) words='${verbsOf(group, all.commands).join(' ')}' ;;`);
  return `# bash completion of cairn
_cairn() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb='' noun='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    if [[ -z $verb ]]; then verb=$word
    elif [[ -z $noun ]]; then noun=$word; fi
  done
  if [[ -z $verb ]]; then
    words='${all.first.map(([name]) => name).join(' ')}'
  elif [[ -z $noun && $cur != -* ]]; then
    case $verb in
${verbs.join('\n')}
    esac
  fi
  if [[ $cur == -* ]]; then
    case "$verb" in
      ${groups(all).join('|') || '""'}) verb="$verb $noun" ;;
    esac
    case "$verb" in
${options.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ \${#COMPREPLY[@]} -eq 0 && $cur != -* ]] && compopt -o default
}
complete -F _cairn cairn
`;
}

const zshQuoted = (text: string): string =>
  text.replaceAll("'", "'\\''").replaceAll(':', '\\:').replaceAll('[', '\\[').replaceAll(']', '\\]');

function zshScript(all: Vocabulary): string {
  const first = all.first.map(([name, summary]) => `    '${name}:${zshQuoted(summary)}'`);
  const options = all.commands.map((one) => {
    const specs = one.options.flatMap(({ flags, text, takesValue }) =>
      flags.map((flag) => `'*${flag}[${zshQuoted(text)}]${takesValue ? ':value:_files' : ''}'`),
    );
    return `    '${one.name}') _arguments ${specs.join(' ')} '*:file:_files' ;;`;
  });
  const verbs = groups(all).map(
    (group) => `    ${group}) compadd ${verbsOf(group, all.commands).join(' ')}; return ;;`,
  );
  return `#compdef cairn
# zsh completion of cairn
_cairn() {
  local -a commands
  commands=(
${first.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local name=$words[2]
  if (( CURRENT == 3 )); then
    case $name in
${verbs.join('\n')}
    esac
  fi
  case $name in
    ${groups(all).join('|') || '""'}) name="$name $words[3]" ;;
  esac
  case $name in
${options.join('\n')}
  esac
}
compdef _cairn cairn
`;
}

const fishQuoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

function fishScript(all: Vocabulary): string {
  const lines = all.first.map(
    ([name, summary]) => `complete -c cairn -n __fish_use_subcommand -f -a ${name} -d '${fishQuoted(summary)}'`,
  );
  for (const group of groups(all)) {
    lines.push(
      `complete -c cairn -n '__fish_seen_subcommand_from ${group}' -f -a '${verbsOf(group, all.commands).join(' ')}'`,
    );
  }
  for (const one of all.commands) {
    const seen = one.name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    for (const { flags, text, takesValue } of one.options) {
      const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
      lines.push(
        `complete -c cairn -n '${seen.join('; and ')}' ${names.join(' ')}${takesValue ? ' -r' : ''} -d '${fishQuoted(text)}'`,
      );
    }
  }
  return `# fish completion of cairn\n${lines.join('\n')}\n`;
}

export async function completionScript(shell: Shell, table: CommandTable): Promise<string> {
  const all = await describeAll(table);
  if (shell === 'bash') return bashScript(all);
  return shell === 'zsh' ? zshScript(all) : fishScript(all);
}
