import { type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { Invocation } from '../command.js';
import { type UsageError, usage } from '../errors.js';
import type { PrintedFormat } from './render-rows.js';
import type { RowsOut } from './written-content.js';

/** Form in which the rows of a result go out: printed by us, or written by the engine. */
export type RowFormat = PrintedFormat | Exclude<RowsOut, 'json'>;

/** Those that are written by the engine. */
const WRITTEN: readonly Exclude<RowsOut, 'json'>[] = ['csv', 'jsonl', 'parquet', 'arrow', 'arrow-stream'];

/** All of them, for a command's help. */
export const ROW_FORMATS: readonly RowFormat[] = ['table', 'json', ...WRITTEN];

export const isPrinted = (format: RowFormat): format is PrintedFormat =>
  format === 'table' || format === 'json';

export const declareRowFormat = (command: Command): Command =>
  command.addOption(new Option('--format <format>', 'how the rows are written').choices(ROW_FORMATS));

/** Returns how rows are to be written: as `--format` says, else as JSON with `--json`, else as a table. */
export const rowFormatAsked = ({ given, options }: Invocation): E.Either<UsageError, RowFormat> => {
  const format = given.text('format') ?? (options.json ? 'json' : 'table');
  if (options.json && format !== 'json') {
    return E.left(usage(`--json and --format ${format} cannot be given together`));
  }
  return E.right(ROW_FORMATS.find((each) => each === format) ?? 'table');
};
