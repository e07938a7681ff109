import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { holding } from '../../../host-plans/held-work.js';
import type { CommandDefinition } from '../../command.js';
import { copyIn } from '../../copy/copy-in.js';
import { copyOut } from '../../copy/copy-out.js';
import { parseCopy } from '../../copy/direction.js';
import { declareSeriesOptions } from '../../copy/series-options.js';
import { declareAt } from '../../pond/read-at.js';
import { ROWS_OUT } from '../../query/written-content.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .usage('[options] SOURCE... DESTINATION')
      .argument(
        '<path...>',
        'one side is in the pond (/in/data.csv, copying out also a pattern), the other on the host: host:///path, to copy in also host+table:///path and host+series:///path (checked to be Parquet) and - (standard input). A slash behind the destination means a directory',
      )
      .option(
        '-r, --recursive',
        'copy directories of the host; symlinks in them are not followed and not copied',
      )
      .option(
        '--allow-shared-directories',
        'accept directories in which other users could exchange what is there',
      )
      .option('--strip-prefix <path>', 'copying out: leave this out of the front of the paths');
    command
      .addOption(
        new Option(
          '--as <type>',
          'copying in: take the rows of CSV, JSON and JSON lines, plain or compressed (.gz, .zst, .br), as Parquet',
        ).choices(['table', 'series']),
      )
      .option('--csv-delimiter <character>', 'what stands between fields; default: what the first line has')
      .addOption(
        new Option('--csv-header <yes|no>', 'whether the first line has the names of the columns').choices([
          'yes',
          'no',
        ]),
      )
      .option('--csv-encoding <name>', 'such as latin1, windows-1252 or utf-16le; default: utf-8')
      .option('--csv-types <types>', 'types of columns, such as id=VARCHAR,price=DECIMAL(10,2)')
      .option('--csv-date-format <format>', 'how days are written, such as %d/%m/%Y; default: 2026-12-31')
      .option('--csv-timestamp-format <format>', "how times are written, such as '%d.%m.%Y %H:%M'")
      .addOption(
        new Option(
          '--csv-decimal-separator <character>',
          "what is in front of a number's fraction; default: a point",
        ).choices([',', '.']),
      )
      .option('--csv-null <words>', 'words that stand for no value, such as NA,NULL,-999')
      .addOption(
        new Option(
          '--format <format>',
          'copying out: how rows are written; default: as the ending of the destination says, else contents as they are',
        ).choices(ROWS_OUT),
      );
    declareSeriesOptions(
      command
        .addOption(
          new Option(
            '--always',
            'make a version of what is there already, and a commit, all the same',
          ).conflicts('once'),
        )
        .option(
          '--once',
          'append no file to a series that is one of its versions already: what was killed can be done again',
        ),
    );
    declareAt(command);
  },
  examples: [
    ['copy host:///tmp/a.csv host:///tmp/b.csv /in/', 'two files in one transaction'],
    ['copy host+series://readings.parquet /sensors/north', 'one more version of a time series'],
    [
      'copy --as series host:///tmp/day.csv.gz /sensors/north',
      'rows of a compressed CSV file, as one more version',
    ],
    ['copy --format csv /sensors/north host:///tmp/north.csv', 'all rows of a series as CSV'],
    [
      'copy --once --as series host:///tmp/day.csv /sensors/north',
      'the same, in a line of cron that may run twice for a day',
    ],
    ['copy - /in/data.json', 'standard input'],
    ["copy '/in/**' host:///backup --strip-prefix /in", 'everything below /in to /backup'],
    ['copy /in/a.csv host:///tmp/ --at 42', 'a file as it was after transaction 42'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(parseCopy(invocation.given, invocation.terminal.workingDirectory)),
      TE.flatMap((copy) =>
        holding(invocation.program.hold, (held) =>
          copy._tag === 'In' ? copyIn(invocation, copy, held) : copyOut(invocation, copy, held),
        ),
      ),
    ),
};
