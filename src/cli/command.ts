import type { Command } from 'commander';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { CommandArguments } from './command-arguments.js';
import type { CliError } from './errors.js';
import type { ExitCode } from './exit-codes.js';
import type { GlobalOptions } from './global-options.js';
import type { Program, Terminal } from './program.js';

/** One run of one command. */
export interface Invocation {
  readonly terminal: Terminal;
  readonly program: Program;
  readonly options: GlobalOptions;
  readonly given: CommandArguments;
  /** All that was typed, secrets replaced. */
  readonly cliArgs: readonly string[];
}

/** A command of `pond`. */
export interface CommandDefinition {
  /** Adds the command's arguments and options. */
  readonly declare: (command: Command) => void;
  /** Lines for `--help`: what to type, without the leading `pond`, and what it does. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
  readonly run: (invocation: Invocation) => TaskEither<CliError, ExitCode>;
  /** Goes on until it is interrupted, which is how it ends well. */
  readonly untilInterrupted?: true;
  /** Evaluates a query, whatever it is given: what answers it is started at once. */
  readonly asksQueries?: true;
}
