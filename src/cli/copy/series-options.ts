import { type Command, Option } from 'commander';
import {
  ON_DUPLICATE,
  type OnDuplicate,
  SCHEMA_RULES,
  type SchemaRule,
} from '../../domain/series/series-contract.js';
import type { SeriesOptions } from '../../tinyfs/tinyfs.js';
import type { CommandArguments } from '../command-arguments.js';

/** Options that say something of a series. */
export const declareSeriesOptions = (command: Command): Command =>
  command
    .option(
      '--time-column <name>',
      'the event-time column of a series; default: timestamp, time, date or datetime, else the first with such a type',
    )
    .option(
      '--timezone <zone>',
      'the zone in which times of a series without one are meant, such as Europe/Vienna or UTC; none: in no zone',
    )
    .option(
      '--unique <columns>',
      'columns of a series that together tell rows apart, with commas between them',
    )
    .addOption(
      new Option(
        '--on-duplicate <what>',
        'which of the rows with equal unique columns are read: all, the first, or the last',
      ).choices(ON_DUPLICATE),
    )
    .addOption(
      new Option(
        '--schema <rule>',
        'what an append may change: new columns and wider numbers, nothing, or everything',
      ).choices(SCHEMA_RULES),
    );

/** Options of a series. */
export const seriesOptionsIn = (given: CommandArguments): SeriesOptions => {
  const timeColumn = given.text('timeColumn');
  const timezone = given.text('timezone');
  const unique = given.text('unique');
  const onDuplicate = given.text('onDuplicate');
  const schema = given.text('schema');
  return {
    ...(timeColumn === undefined ? {} : { timeColumn }),
    ...(timezone === undefined ? {} : { timezone: timezone === 'none' ? null : timezone }),
    ...(unique === undefined
      ? {}
      : {
          unique: unique
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== ''),
        }),
    ...(onDuplicate === undefined ? {} : { onDuplicate: onDuplicate as OnDuplicate }),
    ...(schema === undefined ? {} : { schema: schema as SchemaRule }),
  };
};
