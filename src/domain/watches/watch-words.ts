import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../documents/decode-error.js';
import { exactType } from '../documents/exact-type.js';
import { TextListCodec } from '../documents/text-list.js';
import { textThat } from '../documents/value-that.js';
import { parseDuration, writeDuration } from '../duration.js';
import { CONFIGURATION_DIRECTORY } from '../paths/configuration-paths.js';
import { parseGlob } from '../paths/glob-pattern.js';
import { isWithin, type PondPath, parsePondPath, ROOT } from '../paths/pond-path.js';
import { NullWords } from '../series/null-words.js';
import type { OnDuplicate, SchemaRule } from '../series/series-contract.js';
import { isTimeForm } from '../series/time-form.js';
import { encodingNamed } from '../text/text-encoding.js';
import { isTimezone } from '../time-zone.js';

/** Name of the factory whose configuration an entry of `/etc/watch.d` is. */
export const WATCH_FACTORY = 'watch';

/** Fate of a file of the host's after what is in it is committed. */
export type AfterArrival =
  | { readonly _tag: 'Keep' }
  | { readonly _tag: 'Delete' }
  | { readonly _tag: 'Move'; readonly directory: string };

/** Place in the pond that files go to. */
export interface IntoPlace {
  readonly path: PondPath;
  /** It was written with a slash behind it: a directory, whether it is there or not. */
  readonly isDirectory: boolean;
}

/** A directory of the host's: absolute, or once its variable is known. */
const DirectoryText = textThat(
  'the absolute path of a directory of the host',
  (text) => /^(\/|\$\{env:)/.test(text) && !text.includes('\0') && !text.split('/').includes('..'),
);

const PatternText = textThat('a pattern of names below the folder, such as *.csv or **/*.csv', (text) => {
  const parsed = parseGlob(text, ROOT);
  return text !== '' && !text.startsWith('/') && !isLeft(parsed);
});

const IntoCodec = new t.Type<IntoPlace, string, unknown>(
  'a path in the pond that is not in /etc; with a slash behind it: a directory',
  (input): input is IntoPlace => typeof input === 'object' && input !== null && 'isDirectory' in input,
  (input, context) => {
    const path = typeof input === 'string' ? parsePondPath(input) : null;
    // Files that arrive never change what runs.
    if (path === null || isLeft(path) || isWithin(CONFIGURATION_DIRECTORY, path.right))
      return t.failure(input, context);
    return t.success({ path: path.right, isDirectory: String(input).endsWith('/') });
  },
  ({ path, isDirectory }) => (isDirectory && path !== ROOT ? `${path}/` : path),
);

const SettleCodec = new t.Type<number, string, unknown>(
  'a duration such as 5s, or 0s',
  (input): input is number => typeof input === 'number',
  (input, context) => {
    if (typeof input === 'string' && /^0+\s*(ms|s|m|h|d)?$/.test(input.trim())) return t.success(0);
    const parsed = typeof input === 'string' ? parseDuration(input) : null;
    return parsed === null || isLeft(parsed) ? t.failure(input, context) : t.success(parsed.right);
  },
  writeDuration,
);

const AfterCodec = new t.Type<AfterArrival, unknown, unknown>(
  'keep, delete, or move: DIRECTORY',
  (input): input is AfterArrival => typeof input === 'object' && input !== null && '_tag' in input,
  (input, context) => {
    if (input === 'keep') return t.success({ _tag: 'Keep' });
    if (input === 'delete') return t.success({ _tag: 'Delete' });
    const directory = movedTo(input);
    return DirectoryText.is(directory) ? t.success({ _tag: 'Move', directory }) : t.failure(input, context);
  },
  t.identity,
);

/** `{ move: DIR }`, or the same as one text. */
const movedTo = (input: unknown): unknown => {
  if (typeof input === 'string') return /^move:\s*(.*\S)\s*$/s.exec(input)?.[1];
  if (typeof input !== 'object' || input === null || Object.keys(input).join() !== 'move') return undefined;
  return 'move' in input ? input.move : undefined;
};

const FormText = textThat('a form such as %d/%m/%Y, or %d.%m.%Y %H:%M for times', isTimeForm);

const ColumnTypes = t.record(t.string, t.string, 'columns with their types');

const CsvCodec = exactType(
  'the form of CSV files',
  {},
  {
    delimiter: textThat('one character', (text) => [...text].length === 1),
    header: t.boolean,
    encoding: textThat('the name of an encoding', (name) => encodingNamed(name) !== null),
    types: ColumnTypes,
    date_format: FormText,
    timestamp_format: FormText,
    decimal_separator: t.keyof({ ',': null, '.': null }),
    nulls: NullWords,
  },
);

export const WatchCodec = exactType(
  'watch configuration',
  { folder: DirectoryText, into: IntoCodec },
  {
    pattern: PatternText,
    as: t.keyof({ file: null, table: null, series: null }),
    settle: SettleCodec,
    after: AfterCodec,
    refused: DirectoryText,
    time_column: t.string,
    timezone: textThat('a time zone, such as Europe/Vienna', isTimezone),
    unique: TextListCodec,
    on_duplicate: t.keyof({ keep: null, skip: null, replace: null }),
    schema: t.keyof({ widen: null, strict: null, any: null }),
    csv: CsvCodec,
  },
);

export type WatchConfig = t.TypeOf<typeof WatchCodec>;

/** Contract of the series that files become, in the words of `SeriesOptions`; what is not said is as it is for any series. */
export interface SeriesWords {
  readonly timeColumn?: string;
  readonly timezone?: string;
  readonly unique?: readonly string[];
  readonly onDuplicate?: OnDuplicate;
  readonly schema?: SchemaRule;
}

/** Form of CSV files; what is not said is found out. */
export interface CsvWords {
  /** Characters between two values. */
  readonly delimiter?: string;
  /** Tells whether the first line has the names of the columns. */
  readonly header?: boolean;
  /** Name of the encoding, such as `utf-8` or `windows-1252`. */
  readonly encoding?: string;
  /** Types of columns by their names. */
  readonly types?: Readonly<Record<string, string>>;
  /** Form of days and of times, such as `%d/%m/%Y`. */
  readonly dateFormat?: string;
  readonly timestampFormat?: string;
  readonly decimalSeparator?: ',' | '.';
  /** Words that stand for no value. */
  readonly nulls?: readonly string[];
}

/** Folder of the host's whose files are taken into the pond, defaults included. */
export interface WatchWords {
  /** Absolute, without a slash behind it. */
  readonly folder: string;
  readonly pattern: string;
  readonly into: IntoPlace;
  readonly as: 'file' | 'table' | 'series';
  /** Milliseconds for which size and modification time must not have changed. */
  readonly settleMs: number;
  readonly after: AfterArrival;
  /** Directory of the host's for what is refused; null: it stays where it is. */
  readonly refused: string | null;
  readonly series: SeriesWords;
  readonly csv: CsvWords;
}

/** Milliseconds for which a file must not have changed where nothing is said. */
const SETTLE = 5_000;

/** Returns a configuration with its defaults; its variables are resolved. */
export const watchWords = (config: WatchConfig): WatchWords => ({
  folder: withoutSlash(config.folder),
  pattern: config.pattern ?? '*',
  into: config.into,
  as: config.as ?? 'file',
  settleMs: config.settle ?? SETTLE,
  after:
    config.after?._tag === 'Move'
      ? { _tag: 'Move', directory: withoutSlash(config.after.directory) }
      : (config.after ?? { _tag: 'Keep' }),
  refused: config.refused === undefined ? null : withoutSlash(config.refused),
  series: {
    ...(config.time_column === undefined ? {} : { timeColumn: config.time_column }),
    ...(config.timezone === undefined ? {} : { timezone: config.timezone }),
    ...(config.unique === undefined ? {} : { unique: config.unique }),
    ...(config.on_duplicate === undefined ? {} : { onDuplicate: config.on_duplicate }),
    ...(config.schema === undefined ? {} : { schema: config.schema }),
  },
  csv: csvWords(config.csv ?? {}),
});

const csvWords = ({
  date_format: dateFormat,
  timestamp_format: timestampFormat,
  decimal_separator: decimalSeparator,
  ...words
}: NonNullable<WatchConfig['csv']>): CsvWords => ({
  ...words,
  ...(dateFormat === undefined ? {} : { dateFormat }),
  ...(timestampFormat === undefined ? {} : { timestampFormat }),
  ...(decimalSeparator === undefined ? {} : { decimalSeparator }),
});

const withoutSlash = (path: string): string => {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return path.startsWith('/') ? `/${names.join('/')}` : names.join('/');
};

/** Keys that do not go together. */
export const watchProblems = (config: WatchConfig): readonly KeyError[] => {
  const { as, folder, after, refused } = watchWords(config);
  const of = (key: keyof WatchConfig, kind: string): readonly KeyError[] =>
    config[key] === undefined ? [] : [{ key, message: `is for as: ${kind}` }];
  const same = (key: string, directory: string | null): readonly KeyError[] =>
    directory === folder
      ? [{ key, message: 'is the folder itself: what is put there would arrive again' }]
      : [];
  return [
    ...(as === 'series'
      ? []
      : (['time_column', 'timezone', 'unique', 'on_duplicate', 'schema'] as const).flatMap((key) =>
          of(key, 'series'),
        )),
    ...(as === 'file' ? of('csv', 'table or series') : []),
    ...same('after', after._tag === 'Move' ? after.directory : null),
    ...same('refused', refused),
  ];
};
