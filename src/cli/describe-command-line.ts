import { Command } from 'commander';
import { VERSION } from '../version.js';
import { COMMANDS, type IndexedCommand } from './command-index.js';
import { type UsageError, usage } from './errors.js';
import { declareGlobalOptions } from './global-options.js';
import { type CommandLineReference, operandsOf, optionsOf } from './reference/command-reference.js';
import { completionFor, SHELLS } from './reference/completion.js';
import { manualPage } from './reference/manual-page.js';

/** Texts about the command line itself, from the definitions that `--help` shows. It runs nothing, as commands do. */
export const PRINTED: readonly Pick<IndexedCommand, 'name' | 'summary'>[] = [
  { name: 'completion', summary: `print completion for a shell: ${SHELLS.join(', ')}` },
  { name: 'man', summary: 'print the manual page' },
];

/** The text of `completion SHELL` or `man`; null where something else was asked for. */
export const printedText = async (words: readonly string[]): Promise<string | UsageError | null> => {
  const [name, operand, ...more] = words;
  if (!PRINTED.some((printed) => printed.name === name)) return null;
  if (name === 'man') {
    return operand === undefined
      ? manualPage(await referenceOf(), VERSION)
      : usage('man takes no operand', 'pond man | man -l -');
  }
  const shell = SHELLS.find((known) => known === operand);
  return shell === undefined || more.length > 0
    ? usage(`one shell is needed: ${SHELLS.join(', ')}`, `pond completion ${SHELLS[0]}`)
    : completionFor(shell, await referenceOf());
};

/** All commands with their options and operands, as they are declared. */
export const referenceOf = async (): Promise<CommandLineReference> => {
  const commands = await Promise.all(
    COMMANDS.map(async ({ name, aliases, summary, load }) => {
      const { command: definition } = await load();
      const command = new Command(name);
      definition.declare(command);
      return {
        name,
        aliases,
        summary,
        examples: definition.examples,
        usage: command.usage(),
        operands: operandsOf(command),
        options: optionsOf(command),
      };
    }),
  );
  const printed = PRINTED.map(({ name, summary }) => ({
    name,
    summary,
    aliases: [],
    examples: [],
    options: [],
    usage: name === 'completion' ? SHELLS.join('|') : '',
    operands: [],
  }));
  return { commands: [...commands, ...printed], globals: optionsOf(declareGlobalOptions(new Command())) };
};
