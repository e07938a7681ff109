import { Command, CommanderError, Help } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { nearestName } from '../domain/text/nearest-name.js';
import type { CommandDefinition } from './command.js';
import { type CommandArguments, readArguments } from './command-arguments.js';
import { COMMANDS, findCommand, type IndexedCommand, TOPICS } from './command-index.js';
import { PRINTED, printedText } from './describe-command-line.js';
import { type UsageError, usage } from './errors.js';
import { declareGlobalOptions, GLOBAL_OPTIONS_TITLE } from './global-options.js';
import { hasOption, wordPositions } from './line/command-words.js';
import { commandCalled } from './line/other-names.js';

/** Request that the command line makes. */
export type Request =
  | { readonly _tag: 'Help'; readonly text: string }
  | { readonly _tag: 'Run'; readonly command: CommandDefinition; readonly given: CommandArguments };

/**
 * Reads the command line. The command is found first and its module loaded; commander then parses everything else
 * for that one command, so that global options may stand on both sides of its name.
 */
export const parseCommandLine = async (argv: readonly string[]): Promise<E.Either<UsageError, Request>> => {
  const positions = wordPositions(argv);
  const words = positions.map((position) => argv[position] ?? '');
  if (words[0] === 'help') return parseCommandLine([...words.slice(1), '--help']);

  const isHelp = hasOption(argv, '--help') || hasOption(argv, '-h');
  const printed = isHelp ? null : await printedText(words);
  if (printed !== null) {
    if (typeof printed !== 'string') return E.left(printed);
    const refused = unknownOption(argv);
    return refused === undefined ? E.right({ _tag: 'Help', text: printed }) : E.left(refused);
  }
  const indexed = findCommand(words);
  if (indexed !== undefined) {
    const named = new Set(positions.slice(0, indexed.name.split(' ').length));
    return parseFor(
      indexed,
      argv.filter((_, at) => !named.has(at)),
    );
  }
  const isPrinted = PRINTED.some(({ name }) => name === words[0]);
  const foreign = unknownOption(argv.slice(0, positions[0]));
  if (foreign !== undefined && !isHelp) return E.left(foreign);
  if (words[0] !== undefined && !isPrinted) return E.left(unknownCommand(words[0]));
  return isHelp
    ? E.right({ _tag: 'Help', text: overview() })
    : E.left(usage('no command was given', 'pond --help'));
};

/**
 * Error about an option that is not one of every command: before a command's name, whose value may have been taken for the
 * name, or of what has no options of its own.
 */
const unknownOption = (before: readonly string[]): UsageError | undefined => {
  const { options } = declareGlobalOptions(new Command('pond'));
  const known = options.flatMap(({ long, short }) => [long, short]);
  const name = before
    .map((word) => word.replace(/=.*$/s, ''))
    .find((word) => word.startsWith('-') && !known.includes(word));
  if (name === undefined) return undefined;
  const meant = nearestName(
    name,
    known.flatMap((one) => one ?? []),
  );
  return usage(
    `unknown option '${name}'${meant === null ? '' : ` (did you mean ${meant}?)`}; options of a command stand after its name`,
    'pond --help',
  );
};

const unknownCommand = (name: string): UsageError => {
  if (name === 'version') return usage("unknown command 'version'", 'pond --version');
  if (name === 'commit')
    return usage(
      "unknown command 'commit': each command that changes something commits it",
      'pond log shows what was committed',
    );
  const longer = COMMANDS.map((command) => command.name).filter((one) => one.startsWith(`${name} `));
  if (longer.length > 0) {
    return usage(`'${name}' is the beginning of a command: ${longer.join(', ')}`, `pond ${longer[0]} --help`);
  }
  const meant =
    commandCalled(name) ??
    nearestName(name, [
      ...COMMANDS.flatMap((command) => [command.name, ...command.aliases]),
      ...PRINTED.map((one) => one.name),
    ]);
  return usage(
    `unknown command '${name}'${meant === null ? '' : ` (did you mean ${meant}?)`}`,
    meant === null ? 'pond --help' : `pond ${meant} --help`,
  );
};

const parseFor = async (
  indexed: IndexedCommand,
  rest: readonly string[],
): Promise<E.Either<UsageError, Request>> => {
  const { command: definition } = await indexed.load();
  let help = '';
  const command = new Command(`pond ${indexed.name}`)
    .description(`${capitalised(indexed.summary)}.`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  // The command's own options come first: where it has a --post-commit, the global --no-post-commit then leaves that
  // one's default alone.
  definition.declare(command);
  declareGlobalOptions(command);
  command.configureHelp({ groupItems: withoutGlobals });
  command.addHelpText('after', `${OF_EVERY_COMMAND}${examplesText(definition)}`);
  try {
    command.parse(rest, { from: 'user' });
    return E.right({ _tag: 'Run', command: definition, given: readArguments(command) });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.code === 'commander.helpDisplayed'
      ? E.right({ _tag: 'Help', text: help })
      : E.left(usage(inOneLine(thrown.message), remedyOf(thrown, command, indexed.name)));
  }
};

/** Groups of what help shows. An option that was meant is found among all of them nevertheless. */
const withoutGlobals: Help['groupItems'] = (...items) => {
  const groups = new Help().groupItems(...items);
  groups.delete(GLOBAL_OPTIONS_TITLE);
  return groups;
};

const OF_EVERY_COMMAND =
  '\nOptions of every command, among them --pond DIR, --json and --log-level LEVEL: pond --help\n';

/** Options of what a command hands on are none of its own. */
const remedyOf = ({ code }: CommanderError, command: Command, name: string): string =>
  code === 'commander.unknownOption' && command.usage().includes('-- ')
    ? `pond ${name} ${command.usage()}: what is handed on and begins with a dash stands after --`
    : `pond ${name} --help`;

/** commander's words without its `error: `, its hints on the same line. */
const inOneLine = (message: string): string => message.replace(/^error: /, '').replaceAll('\n', ' ');

const examplesText = ({ examples }: CommandDefinition): string => {
  const width = Math.max(...examples.map(([typed]) => typed.length));
  const lines = examples.map(([typed, does]) => `  pond ${typed.padEnd(width)}  # ${does}`);
  return `\nExamples:\n${lines.join('\n')}`;
};

const overview = (): string => {
  const topics = [...TOPICS, { title: 'About the command line', commands: PRINTED }];
  const width = Math.max(...topics.flatMap(({ commands }) => commands.map(({ name }) => name.length)));
  const lines = topics.flatMap(({ title, commands }) => [
    `${title}:`,
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
  ]);
  const globals = declareGlobalOptions(new Command('pond').usage('COMMAND [ARGUMENTS] [OPTIONS]'));
  const options = globals.helpInformation().split('\n').slice(2).join('\n');
  return [
    'Usage: pond COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'A small data lake in a directory, and a steward that runs what is configured to follow each commit.',
    '',
    ...lines,
    options.trimEnd(),
    '  --version                  show the version',
    '',
    'pond COMMAND --help shows a command with examples.',
    '',
  ].join('\n');
};

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
