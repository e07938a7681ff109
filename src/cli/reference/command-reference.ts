import type { Command } from 'commander';

/** An option as help, completion and the manual page show it. */
export interface OptionReference {
  /** `--long`; null: it has only a letter. */
  readonly long: string | null;
  /** `-s`. */
  readonly short: string | null;
  /** The option as it is written: `-l, --long`, `--limit <count>`. */
  readonly flags: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that there are; empty: any. */
  readonly choices: readonly string[];
}

/** A command as help, completion and the manual page show it. */
export interface CommandReference {
  /** One word, or two. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly usage: string;
  readonly operands: readonly { readonly name: string; readonly description: string }[];
  /** Its own options, without those of every command. */
  readonly options: readonly OptionReference[];
  readonly examples: readonly (readonly [typed: string, does: string])[];
}

/** Everything that the command line has. */
export interface CommandLineReference {
  readonly commands: readonly CommandReference[];
  /** Options of every command. */
  readonly globals: readonly OptionReference[];
}

/** The options that were declared on a command. */
export const optionsOf = (command: Command): readonly OptionReference[] =>
  command.options.map(({ long, short, flags, description, required, optional, argChoices }) => ({
    flags,
    description,
    takesValue: required || optional,
    choices: argChoices ?? [],
    long: long ?? null,
    short: short ?? null,
  }));

/** The operands that were declared on a command. */
export const operandsOf = (command: Command): CommandReference['operands'] =>
  command.registeredArguments.map((operand) => ({
    name: operand.name(),
    description: operand.description,
  }));

/** The words that complete an option: both of its forms. */
export const flagsOf = ({ long, short }: OptionReference): readonly string[] =>
  [long, short].filter((flag) => flag !== null);
