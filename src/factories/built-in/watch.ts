import * as TE from 'fp-ts/lib/TaskEither.js';
import {
  WATCH_FACTORY,
  WatchCodec,
  type WatchConfig,
  watchProblems,
} from '../../domain/watches/watch-words.js';
import type { ExecutableFactory } from '../factory.js';
import { referenceOf } from '../factory-reference.js';

const reference = referenceOf(WatchCodec, {
  meanings: {
    folder: 'the directory of the host that is watched, absolute',
    into: 'where in the pond its files go: a directory (`/in/`), or one series that all are appended to (`/series/pier`)',
    pattern: 'which files, by their names below the folder: `*.csv`, `**/*.csv`; default `*`',
    as: '`file` (default), `table`, or `series`: rows of CSV, JSON and Parquet, compressed or not, by the ending of the name',
    settle: 'how long size and modification time must not have changed; default `5s`',
    after:
      'what becomes of a file that was taken in: `keep` (default), `delete`, or `{ move: /a/directory }`',
    refused:
      'a directory of the host for what is refused, with the reason beside it; default: it stays where it is',
    time_column: 'of series: the column of event times; default: the first of its name or type',
    timezone: 'of series: the zone in which times without one are meant',
    unique: 'of series: the columns that together tell rows apart',
    on_duplicate: 'of series: which of the rows with equal keys are read: `keep` (all), `skip`, `replace`',
    schema: 'of series: what a file may change of the columns: `widen`, `strict`, `any`',
    csv: 'the form of CSV files: `delimiter`, `header`, `encoding`, `types`, `date_format`, `timestamp_format`, `decimal_separator`, `nulls`',
  },
  example: `# Takes in what arrives in a folder: an entry of /etc/watch.d.
factory: watch
config:
  folder: /srv/incoming
  pattern: "*.csv"
  into: /in/
  settle: 5s
  after: { move: /srv/done }
  refused: /srv/refused
`,
});

/**
 * Watches a folder, as an entry of `/etc/watch.d`: `pond serve` and `pond work` take in what arrives. By itself, or elsewhere,
 * there is nothing that it could run for.
 */
export const watch: ExecutableFactory<WatchConfig> = {
  name: WATCH_FACTORY,
  description: 'Takes in files that arrive in a folder of the host.',
  kind: 'executable',
  modes: [],
  changesHost: true,
  config: WatchCodec,
  reference,
  checkStored: watchProblems,
  execute: ({ path }) =>
    TE.left({
      _tag: 'FactoryFailed',
      path,
      factory: WATCH_FACTORY,
      retryable: false,
      message: 'it is for /etc/watch.d, whose folders pond serve and pond work look at',
    }),
};
