import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { SeriesContract } from '../../../domain/series/series-contract.js';
import { printable } from '../../../domain/text/printable.js';
import type { CommandDefinition } from '../../command.js';
import { declareSeriesOptions, seriesOptionsIn } from '../../copy/series-options.js';
import { pondPath } from '../../line/pond-paths.js';
import { inLines, writeResult } from '../../output.js';
import { readPond } from '../../pond/read-pond.js';
import { writePond } from '../../pond/write-pond.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declareSeriesOptions(command.argument('<path>', 'a series'));
  },
  examples: [
    ['series /sensors/north', 'what its versions keep to, and its columns'],
    ['series /sensors/north --timezone Europe/Vienna', "times without a zone are Vienna's"],
    [
      'series /sensors/north --unique timestamp,sensor --on-duplicate replace',
      'of rows with one time and sensor the newest counts',
    ],
    ['series /sensors/north --schema strict', 'what has other columns or types is refused'],
  ],
  run: (invocation) => {
    const asked = seriesOptionsIn(invocation.given);
    return pipe(
      pondPath(invocation.given.operands[0]),
      TE.flatMap((path) =>
        Object.keys(asked).length > 0
          ? writePond(invocation, 'series', ({ fs }) => fs.changeSeries(path, asked))
          : pipe(
              readPond(invocation, 'series', ({ fs }) => fs.series(path)),
              TE.flatMap((contract) =>
                writeResult(invocation, {
                  json: () => contractDocument(path, contract),
                  text: () => inLines(renderContract(contract)),
                }),
              ),
            ),
      ),
    );
  },
};

const contractDocument = (path: string, contract: SeriesContract) => ({
  path,
  time_column: contract.timeColumn,
  timezone: contract.timezone,
  unique: contract.unique,
  on_duplicate: contract.onDuplicate,
  schema: contract.schema,
  columns: contract.columns === null ? null : contract.columns.map(({ name, type }) => ({ name, type })),
  time_unit: contract.timeUnit,
  taken_out: contract.takenOut,
});

const renderContract = (contract: SeriesContract): readonly string[] => [
  ...renderColumns([
    ['time column', printable(contract.timeColumn ?? '(none)')],
    ['timezone', contract.timezone ?? '(none)'],
    ['unique', contract.unique.length === 0 ? '(none)' : printable(contract.unique.join(', '))],
    ['on duplicate', contract.onDuplicate],
    ['schema', contract.schema],
    ...(contract.takenOut.length === 0 ? [] : [['taken out', contract.takenOut.join(', ')]]),
    ...(contract.columns ?? []).map(({ name, type }, index) => [
      index === 0 ? 'columns' : '',
      printable(`${name} ${type}`),
    ]),
  ]),
];
