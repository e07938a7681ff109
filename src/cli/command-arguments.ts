import type { Command } from 'commander';

/** Words that were typed after a command's name, with the types that the options' parsers gave. */
export interface CommandArguments {
  readonly operands: readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly number: (option: string) => number | undefined;
  readonly list: (option: string) => readonly string[];
  /** Tells whether the option was given. */
  readonly flag: (option: string) => boolean;
  /** Tells whether the option was given in its negated form: `--no-post-commit` turns `postCommit` off. */
  readonly isOff: (option: string) => boolean;
}

/** Reads a parsed command. Options are named as commander names them: `--config-path` is `configPath`. */
export const readArguments = (command: Command): CommandArguments => {
  const value = (option: string): unknown => command.getOptionValue(option);
  return {
    operands: command.args,
    text: (option) => {
      const found = value(option);
      return typeof found === 'string' ? found : undefined;
    },
    number: (option) => {
      const found = value(option);
      return typeof found === 'number' ? found : undefined;
    },
    list: (option) => {
      const found = value(option);
      return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
    },
    flag: (option) => value(option) === true,
    isOff: (option) => value(option) === false,
  };
};
