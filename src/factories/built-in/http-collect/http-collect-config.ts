import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { TextListCodec } from '../../../domain/documents/text-list.js';
import { quietTextThat as textThat } from '../../../domain/documents/value-that.js';
import { DurationCodec, RetentionCodec } from '../../../domain/duration.js';
import { NullWords } from '../../../domain/series/null-words.js';
import { isTimezone } from '../../../domain/time-zone.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';
import { checkedBy, wholeNumber } from '../config-codecs.js';
import { HttpUrl, headersExcept, secretsOfRequest } from '../http/http-codecs.js';

const PondFile = textThat('a path in the pond such as /weather/vienna.series', (text) =>
  /^\/.*[^/]$/.test(text),
);
const Text = textThat('a text that is not empty', (text) => text !== '');
/** Names between dots: keys of objects, or places in lists. */
const ValuePath = textThat('names between dots, such as data.items', (text) =>
  /^[^.]+(\.[^.]+)*$/.test(text),
);
const Parameter = textThat('the name of a parameter of the address', (text) => text !== '');
const Zone = textThat('the name of a time zone such as Europe/Vienna', isTimezone);

const Page = checkedBy(
  exactType(
    'page',
    {},
    {
      link: t.literal(true, 'true'),
      next: ValuePath,
      number: Parameter,
      first: wholeNumber(0, 1_000_000),
      cursor: ValuePath,
      parameter: Parameter,
    },
  ),
  ({ link, next, number, first, cursor, parameter }) => {
    const ways = [link, next, number, cursor].filter((way) => way !== undefined).length;
    if (ways !== 1)
      return {
        key: '',
        message: 'expected one of link, next, number and cursor: how the next page is found',
      };
    if ((cursor === undefined) !== (parameter === undefined))
      return {
        key: 'parameter',
        message: 'belongs to cursor: the parameter of the address that it is sent in',
      };
    return first !== undefined && number === undefined
      ? { key: 'first', message: 'belongs to number: the number of the first page' }
      : null;
  },
);

const Since = exactType(
  'since',
  { parameter: Parameter },
  {
    from: t.literal('event_time', 'event_time'),
    format: t.keyof({ iso: null, date: null, seconds: null, milliseconds: null }),
    start: textThat('the value for a series that has nothing yet', (text) => text !== ''),
  },
);

const Cursor = exactType('cursor', { from: ValuePath, parameter: Parameter }, { start: Text });

const Columns = t.record(
  t.string,
  t.keyof({ double: null, bigint: null, boolean: null, text: null, timestamp: null }),
);

const Keys = exactType(
  'http-collect configuration',
  { url: HttpUrl, into: PondFile },
  {
    headers: headersExcept(/^(if-none-match|if-modified-since)$/i),
    as: t.keyof({ file: null, series: null }),
    format: t.keyof({ json: null, jsonl: null, csv: null }),
    nulls: NullWords,
    rows: ValuePath,
    time_column: Text,
    timezone: Zone,
    columns: Columns,
    unique: TextListCodec,
    overlap: RetentionCodec,
    ahead: RetentionCodec,
    page: Page,
    since: Since,
    cursor: Cursor,
    timeout: DurationCodec,
    requests_per_minute: wholeNumber(1, 100_000),
    max_pages: wholeNumber(1, 100_000),
    max_mib: wholeNumber(1, 4_096),
  },
);

type Keys = t.TypeOf<typeof Keys>;
export type PageConfig = t.TypeOf<typeof Page>;

/** Keys that are about rows, of which a file has none. */
const OF_SERIES = [
  'format',
  'nulls',
  'rows',
  'time_column',
  'timezone',
  'columns',
  'unique',
  'overlap',
  'page',
  'since',
  'cursor',
] as const;

const problemOf = (keys: Keys): KeyError | null => {
  if (keys.as !== 'series') {
    const stray = OF_SERIES.find((key) => keys[key] !== undefined);
    return stray === undefined
      ? null
      : { key: stray, message: 'is for as: series; a file is kept as it comes' };
  }
  if (keys.time_column === undefined)
    return {
      key: 'time_column',
      message: 'is needed by as: series: the column that says when a row happened',
    };
  if (keys.format === 'csv' || keys.format === 'jsonl') {
    const inside = [
      ...[
        { key: 'rows', is: keys.rows },
        { key: 'page.next', is: keys.page?.next },
      ],
      ...[
        { key: 'page.cursor', is: keys.page?.cursor },
        { key: 'cursor', is: keys.cursor },
      ],
    ].find(({ is }) => is !== undefined);
    if (inside !== undefined)
      return { key: inside.key, message: `is a value of a JSON document, and format is ${keys.format}` };
  }
  if (keys.nulls !== undefined && keys.format !== 'csv')
    return { key: 'nulls', message: 'is for format: csv; JSON has a null of its own' };
  const { columns, time_column, unique = [] } = keys;
  const lost = unique.find((name) => columns !== undefined && name !== time_column && !(name in columns));
  if (lost !== undefined) return { key: 'unique', message: `names ${lost}, which config.columns leaves out` };
  return keys.cursor !== undefined && keys.since !== undefined
    ? { key: 'cursor', message: 'is how the server remembers, and since how the pond does: one of them' }
    : null;
};

/** The configuration of the `http-collect` factory. */
export const HttpCollectConfig = checkedBy(Keys, problemOf);

export type HttpCollectConfig = Keys;

/** Secrets that stand in the configuration itself, where the pond's history would keep them. */
export const secretsWrittenOut = ({ url, headers = {} }: HttpCollectConfig): readonly KeyError[] =>
  secretsOfRequest(url, headers);

/** Reference that `pond factories http-collect` prints. */
export const httpCollectReference: FactoryReference = referenceOf(Keys, {
  meanings: {
    url: 'what is asked, by GET; https://, or http:// inside a network of your own',
    into: 'the file or series of the pond; its directory is made',
    headers: 'more headers, such as authorization',
    as: 'file (the answer as it is, a version for each that differs) or series (its rows, those that are new); default file',
    format: 'what the rows of a series are in: json, jsonl or csv; default json',
    nulls:
      'of csv: words that stand for no value, such as ["NA", "-999"]; default: nothing between delimiters does',
    rows: 'where the rows are in a JSON document, such as data.items; default: it is a list',
    time_column: 'the column that says when a row happened; needed for a series',
    timezone: 'the zone that times without one are meant in; default: such a row is left out',
    columns:
      'types by the names of columns: double, bigint, boolean, text, timestamp; no others are kept; default: all, by what is in them',
    unique: 'columns that together tell rows apart; default: the time column',
    ahead:
      'how far ahead of this machine a time may be, such as 2d for prices of tomorrow; rows beyond it are left out until their time is nearer; default 1d',
    page: 'how the next page is found: { link: true } (header Link), { next: PATH } (an address in the answer), { number: PARAMETER, first: 1 } (until a page is empty), or { cursor: PATH, parameter: NAME }',
    since:
      'asks for what is new: { parameter, from: event_time, format, start }: the newest time of the series as iso, date, seconds or milliseconds, and a value for a series that has nothing yet; default: everything is asked for',
    overlap: 'how far before the newest time rows may still be new, such as 2h; default: they are not',
    cursor:
      'asks for what comes after what was asked for last: { from: PATH, parameter, start }; the value is kept beside the series, in the same transaction',
    timeout: 'how long one request may take, its answer included; default 60s',
    requests_per_minute: 'requests that are sent within a minute at most; default 600',
    max_pages: 'pages of a run; more are an error; default 1000',
    max_mib: 'MiB of all answers of a run; more are an error; default 64',
  },
  example: `# A JSON API as a growing series; run it from cron: pond run /etc/collect.d/weather
factory: http-collect
description: the weather at the harbour
timeout: 5m
config:
  url: https://example.org/api/v1/readings?station=harbour
  headers: { authorization: "Bearer \${env:WEATHER_TOKEN}" }
  into: /weather/harbour.series
  as: series
  rows: data.readings
  time_column: time
  since: { parameter: after, from: event_time, start: "2026-01-01T00:00:00Z" }
  page: { link: true }
`,
});
