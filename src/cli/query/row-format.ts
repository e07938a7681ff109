import { type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { Invocation } from '../command.js';
import { type UsageError, usage } from '../errors.js';
import type { RowFormat } from './render-rows.js';

export const declareRowFormat = (command: Command): Command =>
  command.addOption(
    new Option('--format <format>', 'how the rows are written').choices(['table', 'json', 'csv']),
  );

/** Returns how rows are to be written: as `--format` says, else as JSON with `--json`, else as a table. */
export const rowFormatAsked = ({ given, options }: Invocation): E.Either<UsageError, RowFormat> => {
  const format = given.text('format') ?? (options.json ? 'json' : 'table');
  if (options.json && format !== 'json') {
    return E.left(usage(`--json and --format ${format} cannot be given together`));
  }
  return E.right(format === 'json' ? 'json' : format === 'csv' ? 'csv' : 'table');
};
