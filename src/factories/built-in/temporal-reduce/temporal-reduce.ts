import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { oneOrMore } from '../../../domain/documents/one-or-more.js';
import { TextListCodec } from '../../../domain/documents/text-list.js';
import { quietTextThat, textThat, valueThat } from '../../../domain/documents/value-that.js';
import { childOf } from '../../../domain/paths/pond-path.js';
import { isTimezone } from '../../../domain/time-zone.js';
import type { DirectoryFactory } from '../../factory.js';
import { referenceOf } from '../../factory-reference.js';
import { type DerivedDeps, derivedContent } from '../derived/derived-content.js';
import { ColumnCodec, SourceCodec } from '../derived/keys.js';
import { reduceRecipe } from './reduce-recipe.js';
import { AGGREGATES, isAggregate } from './reduction.js';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of a width such as `1h`; null where it is none, or longer than ten years. */
const widthOf = (text: string): number | null => {
  const match = /^([1-9]\d{0,8})(s|m|h|d)$/.exec(text);
  const seconds = match === null ? Number.NaN : Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
  return seconds <= 3_660 * SECONDS.d ? seconds : null;
};

/** One width of buckets or a list of them. */
const WidthsCodec = oneOrMore(
  textThat('a width of buckets such as 15m, 1h or 1d', (text) => widthOf(text) !== null),
  'a width of buckets such as 15m, 1h or 1d, or a list of them',
);

const ZoneCodec = quietTextThat('the name of a time zone such as Europe/Vienna', isTimezone);

const AggregateCodec = oneOrMore(
  valueThat(`one of ${AGGREGATES.join(', ')}`, isAggregate),
  `one or more of ${AGGREGATES.join(', ')}`,
);

const Config = exactType(
  'temporal-reduce configuration',
  {
    source: SourceCodec,
    time_column: ColumnCodec,
    every: WidthsCodec,
    aggregates: t.readonly(t.record(t.string, AggregateCodec, 'a mapping of columns to aggregates')),
  },
  { group_by: TextListCodec, timezone: ZoneCodec },
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    source: 'path of a series, table, file or other derived node, or a pattern of several',
    time_column: 'the column of times',
    every: 'widths of buckets: 15m, 1h, 1d; each is a file, 1h.parquet. Buckets begin at 1970-01-01 in UTC',
    timezone:
      'zone in which days begin, such as Europe/Vienna, of widths that are whole days; default: UTC. Times must be instants',
    group_by: 'columns whose values have rows of their own in each bucket; default: none',
    aggregates: `for each column which of ${AGGREGATES.join(', ')} are computed: temperature: [avg, max] makes temperature_avg and temperature_max`,
  },
  example: `# Hours and days of a series, in /derived/north/1h.parquet and /derived/north/1d.parquet
factory: temporal-reduce
config:
  source: /sensors/north
  time_column: time
  every: [1h, 1d]
  aggregates:
    temperature: [avg, min, max, count]
`,
});

/** Makes a directory of a series reduced to buckets of time; a bucket is computed again when it changed. */
export const temporalReduce = (deps: DerivedDeps): DirectoryFactory<Config> => ({
  name: 'temporal-reduce',
  description:
    'A directory with the averages and so on of a series by hour, day and so on, computed when read.',
  kind: 'directory',
  modes: [],
  config: Config,
  reference,
  checkStored: (config) => sameNames(config),
  makes: ({ source, every }) => every.map((width) => ({ name: fileName(width), reads: [source] })),
  createDirectory: (
    { path, fs },
    { source, time_column, every, group_by = [], aggregates, timezone = null },
  ) =>
    TE.right(
      every.map((width) => ({
        kind: 'file' as const,
        name: fileName(width),
        size: null,
        open: () => {
          const node = { path: childOf(path, fileName(width)), factory: 'temporal-reduce' };
          const reduction = {
            timeColumn: time_column,
            groupBy: group_by,
            aggregates: Object.entries(aggregates).flatMap(([column, names]) =>
              names.map((aggregate) => ({ column, aggregate })),
            ),
            seconds: widthOf(width) ?? SECONDS.h,
            timezone: isOfDays(width) ? timezone : null,
            timeUnit: null,
          };
          return derivedContent(deps, node, fs, (work) => reduceRecipe(work, source, reduction));
        },
      })),
    ),
});

const isOfDays = (width: string): boolean => width.endsWith('d');

const fileName = (width: string): string => `${width}.parquet`;

/** Widths that are equal, a zone without days, and columns of the result that would have one name. */
const sameNames = ({
  time_column,
  every,
  group_by = [],
  aggregates,
  timezone,
}: Config): readonly KeyError[] => {
  const problems: KeyError[] = every.flatMap((width, index) =>
    every.indexOf(width) === index ? [] : [{ key: 'every', message: `${width} stands there twice` }],
  );
  if (timezone !== undefined && !every.some(isOfDays))
    problems.push({
      key: 'timezone',
      message: 'it says where days begin, and no width is one of days, such as 1d',
    });
  if (Object.keys(aggregates).length === 0)
    problems.push({ key: 'aggregates', message: 'expected at least one column with its aggregates' });
  const names = [
    time_column,
    ...group_by,
    ...Object.entries(aggregates).flatMap(([column, of]) => of.map((aggregate) => `${column}_${aggregate}`)),
  ];
  const lower = names.map((name) => name.toLowerCase());
  for (const [index, name] of names.entries())
    if (lower.indexOf(name.toLowerCase()) !== index)
      problems.push({
        key: index <= group_by.length ? 'group_by' : 'aggregates',
        message: `two columns of the result would be called ${name}`,
      });
  return problems;
};
