import {
  type CommandLineReference,
  type CommandReference,
  flagsOf,
  type OptionReference,
} from './command-reference.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** A script that makes a shell complete `pond`: commands, their options, and the values of those that have a list; else files. */
export const completionFor = (shell: Shell, reference: CommandLineReference): string =>
  ({ bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion })[shell](reference);

/** A name and its aliases. */
const namesOf = ({ name, aliases }: CommandReference): readonly string[] => [name, ...aliases];

/** The first words of commands of two, each with what may follow it: `host` is not a command itself, `control` is one. */
const groupsOf = (commands: readonly CommandReference[]): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const [first = '', second] of commands.flatMap(namesOf).map((name) => name.split(' '))) {
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second]);
  }
  return groups;
};

/** Shell code that puts the command among the words before the cursor into `command`, in bash as in zsh. */
const findCommand = ({ commands, globals }: CommandLineReference, loop: string): readonly string[] => [
  ...[loop, '    if [[ -n $skip ]]; then skip=""; continue; fi', '    case "$word" in'],
  `      ${globals
    .filter(({ takesValue }) => takesValue)
    .flatMap(flagsOf)
    .map(quoted)
    .join('|')}) skip=1 ;;`,
  '      -*) ;;',
  '      *)',
  '        if [[ -z $command ]]; then command="$word"',
  `        else case "$command $word" in ${commands
    .flatMap(namesOf)
    .filter((name) => name.includes(' '))
    .map(quoted)
    .join('|')}) command="$command $word" ;; esac; fi ;;`,
  '    esac',
  '  done',
];

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const valuesOf = (options: readonly OptionReference[]): readonly OptionReference[] =>
  options.filter(({ choices }) => choices.length > 0);

const bashCompletion = (reference: CommandLineReference): string => {
  const { commands, globals } = reference;
  const groups = groupsOf(commands);
  const globalFlags = globals.flatMap(flagsOf);
  const first = [
    ...new Set([...commands.flatMap(namesOf).filter((name) => !name.includes(' ')), ...groups.keys()]),
  ];
  const offer = (words: readonly string[]) =>
    `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur")); return ;;`;
  return [
    '# Completion of pond for bash: pond completion bash > /etc/bash_completion.d/pond',
    '_pond() {',
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" flags words word skip=""`,
    ...findCommand(reference, `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`),
    '  case "$prev" in',
    ...valuesOf(globals).map(
      (option) => `    ${flagsOf(option).map(quoted).join('|')}) ${offer(option.choices)}`,
    ),
    '  esac',
    '  case "$command $prev" in',
    ...commands.flatMap((command) =>
      valuesOf(command.options).map((option) => `    ${placesOf(command, option)}) ${offer(option.choices)}`),
    ),
    '  esac',
    `  flags=${quoted(globalFlags.join(' '))}; words=""`,
    '  case "$command" in',
    `    '') words=${quoted(first.join(' '))} ;;`,
    ...[...groups].map(([group, seconds]) => `    ${quoted(group)}) words=${quoted(seconds.join(' '))} ;;`),
    '  esac',
    '  case "$command" in',
    ...commands.map(
      (command) =>
        `    ${namesOf(command).map(quoted).join('|')}) flags=${quoted([...command.options.flatMap(flagsOf), ...globalFlags].join(' '))} ;;`,
    ),
    '  esac',
    '  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))',
    '  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi',
    '}',
    'complete -o default -o bashdefault -F _pond pond',
    '',
  ].join('\n');
};

/** A command with an option behind it, in all of their forms, as a pattern. */
const placesOf = (command: CommandReference, option: OptionReference): string =>
  namesOf(command)
    .flatMap((name) => flagsOf(option).map((flag) => quoted(`${name} ${flag}`)))
    .join('|');

const zshCompletion = (reference: CommandLineReference): string => {
  const { commands, globals } = reference;
  const groups = groupsOf(commands);
  const described = (word: string, description: string): string =>
    quoted(`${word.replaceAll(':', '\\:')}:${description.replaceAll('\n', ' ')}`);
  const optionWords = (options: readonly OptionReference[]): string =>
    options.flatMap((option) => flagsOf(option).map((flag) => described(flag, option.description))).join(' ');
  const first = commands
    .filter(({ name }) => !name.includes(' '))
    .flatMap((command) => namesOf(command).map((name) => described(name, command.summary)));
  const groupWords = [...groups]
    .filter(([group]) => !commands.flatMap(namesOf).includes(group))
    .map(([group, seconds]) => described(group, seconds.join(', ')));
  const secondWords = (group: string): string =>
    commands
      .filter(({ name }) => name.startsWith(`${group} `))
      .map(({ name, summary }) => described(name.slice(group.length + 1), summary))
      .join(' ');
  return [
    '#compdef pond',
    `# Completion of pond for zsh: pond completion zsh > "\${fpath[1]}/_pond"`,
    '_pond() {',
    '  local -a names flags choices',
    `  local command="" word skip="" prev="\${words[CURRENT-1]}"`,
    ...findCommand(reference, `  for word in "\${(@)words[2,CURRENT-1]}"; do`),
    '  case "$prev" in',
    ...valuesOf(globals).map(
      (option) =>
        `    ${flagsOf(option).map(quoted).join('|')}) choices=(${option.choices.map(quoted).join(' ')}); compadd -a choices; return ;;`,
    ),
    '  esac',
    '  case "$command $prev" in',
    ...commands.flatMap((command) =>
      valuesOf(command.options).map(
        (option) =>
          `    ${placesOf(command, option)}) choices=(${option.choices.map(quoted).join(' ')}); compadd -a choices; return ;;`,
      ),
    ),
    '  esac',
    '  names=()',
    `  flags=(${optionWords(globals)})`,
    '  case "$command" in',
    `    '') names=(${[...first, ...groupWords].join(' ')}) ;;`,
    ...[...groups.keys()].map((group) => `    ${quoted(group)}) names=(${secondWords(group)}) ;;`),
    '  esac',
    '  case "$command" in',
    ...commands.map(
      (command) =>
        `    ${namesOf(command).map(quoted).join('|')}) flags+=(${optionWords(command.options)}) ;;`,
    ),
    '  esac',
    '  if [[ $PREFIX == -* ]]; then _describe option flags',
    '  elif (( $#names )); then _describe command names',
    '  else _files; fi',
    '}',
    'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _pond "$@"; else compdef _pond pond; fi',
    '',
  ].join('\n');
};

const fishCompletion = ({ commands, globals }: CommandLineReference): string => {
  const option = ({ long, short, description, takesValue, choices }: OptionReference): string =>
    [
      ...(long === null ? [] : ['-l', long.slice(2)]),
      ...(short === null ? [] : ['-s', short.slice(1)]),
      ...(takesValue ? ['-r'] : []),
      ...(choices.length > 0 ? ['-f', '-a', quoted(choices.join(' '))] : []),
      '-d',
      quoted(description),
    ].join(' ');
  return [
    '# Completion of pond for fish: pond completion fish > ~/.config/fish/completions/pond.fish',
    ...globals.map((one) => `complete -c pond ${option(one)}`),
    ...[...groupsOf(commands)]
      .filter(([group]) => !commands.flatMap(namesOf).includes(group))
      .map(
        ([group, seconds]) =>
          `complete -c pond -n __fish_use_subcommand -f -a ${quoted(group)} -d ${quoted(seconds.join(', '))}`,
      ),
    ...commands.flatMap((command) => {
      const [name = '', second] = command.name.split(' ');
      const seen = quoted(`__fish_seen_subcommand_from ${[name, ...command.aliases].join(' ')}`);
      const words =
        second === undefined
          ? namesOf(command).map(
              (word) =>
                `complete -c pond -n __fish_use_subcommand -f -a ${quoted(word)} -d ${quoted(command.summary)}`,
            )
          : [`complete -c pond -n ${seen} -a ${quoted(second)} -d ${quoted(command.summary)}`];
      return [...words, ...command.options.map((one) => `complete -c pond -n ${seen} ${option(one)}`)];
    }),
    '',
  ].join('\n');
};
