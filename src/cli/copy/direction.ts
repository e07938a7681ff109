import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type InvalidPath, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import type { CsvOptions } from '../../series/rows-file.js';
import type { SeriesOptions } from '../../tinyfs/tinyfs.js';
import type { CommandArguments } from '../command-arguments.js';
import { type UsageError, usage } from '../errors.js';
import type { RowsOut } from '../query/written-content.js';
import { csvOptionsIn } from './csv-options.js';
import { type HostLocation, type Location, parseLocation } from './location.js';
import { seriesOptionsIn } from './series-options.js';

/** Source of a copy in. */
export type IncomingSource = HostLocation | { readonly _tag: 'StandardInput' };

export interface CopyIn {
  readonly _tag: 'In';
  readonly sources: readonly IncomingSource[];
  readonly target: PondPath;
  /** The target was written with a slash behind it: a directory, whether it exists or not. */
  readonly intoDirectory: boolean;
  readonly recursive: boolean;
  /** The contract of the series that are made, or changes of it. */
  readonly series: SeriesOptions;
  /** Form of CSV files. */
  readonly csv: CsvOptions;
  /** True: contents that are there already are written all the same. */
  readonly always: boolean;
  /** True: a file that a series has as one of its versions is not appended to it once more. */
  readonly once: boolean;
}

export interface CopyOut {
  readonly _tag: 'Out';
  /** Paths and patterns. */
  readonly sources: readonly string[];
  /** Path on the host, absolute. */
  readonly target: string;
  readonly intoDirectory: boolean;
  readonly stripPrefix: PondPath | null;
  /** Form in which rows are written; null: contents as they are. */
  readonly format: RowsOut | null;
}

/** Request that `copy` gets. Exactly one side is the pond. */
export const parseCopy = (
  given: CommandArguments,
  workingDirectory: string,
): E.Either<UsageError | InvalidPath, CopyIn | CopyOut> =>
  pipe(
    given.operands,
    E.traverseArray((operand) => parseLocation(operand, workingDirectory)),
    E.flatMap((locations) => inOneDirection(locations, given)),
  );

const inOneDirection = (
  locations: readonly Location[],
  given: CommandArguments,
): E.Either<UsageError | InvalidPath, CopyIn | CopyOut> => {
  const sources = locations.slice(0, -1);
  const target = locations.at(-1);
  if (target === undefined || sources.length === 0) {
    return E.left(usage('a source and a destination are needed', 'pond copy --help'));
  }
  if (target._tag === 'StandardInput') {
    return E.left(usage('- is standard input and cannot be a destination', 'pond cat PATH prints a file'));
  }
  return target._tag === 'Pond' ? copyIn(sources, target, given) : copyOut(sources, target, given);
};

const copyIn = (
  sources: readonly Location[],
  target: Location & { readonly _tag: 'Pond' },
  given: CommandArguments,
): E.Either<UsageError | InvalidPath, CopyIn> => {
  const as = given.text('as');
  const incoming = sources
    .filter((source) => source._tag !== 'Pond')
    .map(
      (source): IncomingSource =>
        source._tag === 'Host' && source.entryType === 'file' && (as === 'table' || as === 'series')
          ? { ...source, entryType: as, asRows: true }
          : source,
    );
  if (as !== undefined && incoming.some(({ _tag }) => _tag === 'StandardInput')) {
    return E.left(usage('standard input has no name that says its format', 'copy a file: host:///path.csv'));
  }
  if (given.text('format') !== undefined) {
    return E.left(usage('--format is for copying out', '--as table or --as series takes rows in'));
  }
  const csv = csvOptionsIn(given);
  if (E.isLeft(csv)) return csv;
  if (as === undefined && csv.right.isGiven) {
    return E.left(
      usage('what is said of CSV files is for rows that are taken in', '--as table, or --as series'),
    );
  }
  if (incoming.length < sources.length) {
    return E.left(
      usage(
        'both sides are in the pond',
        'write files of the host as host:///path; pond cp copies within the pond, pond mv moves',
      ),
    );
  }
  if (given.text('stripPrefix') !== undefined) {
    return E.left(usage('--strip-prefix is for copying out of the pond'));
  }
  if (given.text('at') !== undefined || given.number('at') !== undefined) {
    return E.left(usage('--at is for copying out of the pond; nothing can be written to the past'));
  }
  if (incoming.filter(({ _tag }) => _tag === 'StandardInput').length > 1) {
    return E.left(usage('standard input can be copied only once'));
  }
  const misplaced = ofSeriesAlone(given, incoming);
  if (misplaced !== null) return E.left(misplaced);
  // Several files are appended to one series one after another.
  const isSeries = incoming.every((source) => source._tag === 'Host' && source.entryType === 'series');
  const intoDirectory = target.trailingSlash || (incoming.length > 1 && !isSeries);
  if (intoDirectory && incoming.some(({ _tag }) => _tag === 'StandardInput')) {
    return E.left(usage('standard input has no name', 'name the file: pond copy - /in/data.csv'));
  }
  return pipe(
    parsePondPath(target.path),
    E.map((path) => ({
      _tag: 'In',
      sources: incoming,
      target: path,
      intoDirectory,
      recursive: given.flag('recursive'),
      series: seriesOptionsIn(given),
      csv: csv.right.options,
      always: given.flag('always'),
      once: given.flag('once'),
    })),
  );
};

/** Refusal of what is said of series where none is copied; null: there is nothing to refuse. */
const ofSeriesAlone = (given: CommandArguments, sources: readonly IncomingSource[]): UsageError | null => {
  if (sources.some((source) => source._tag === 'Host' && source.entryType === 'series')) return null;
  if (given.flag('once'))
    return usage(
      '--once is for series: files and tables that are there already get no version in any case',
      'leave it out; or --as series, or host+series://',
    );
  return Object.keys(seriesOptionsIn(given)).length === 0
    ? null
    : usage(
        'what is said of a series is for series, and none is written here',
        '--as series takes rows in as one, host+series:// Parquet',
      );
};

const copyOut = (
  sources: readonly Location[],
  target: HostLocation,
  given: CommandArguments,
): E.Either<UsageError | InvalidPath, CopyOut> => {
  const outgoing = sources.flatMap((source) => (source._tag === 'Pond' ? [source.path] : []));
  if (outgoing.length < sources.length) {
    return E.left(
      usage('neither side is in the pond', 'one side is a path in the pond, such as /in/data.csv'),
    );
  }
  if (target.entryType !== 'file') {
    return E.left(usage('a destination on the host is written host:///path'));
  }
  if (given.flag('recursive')) {
    return E.left(usage("--recursive is for copying in; out, use a pattern: '/in/**'"));
  }
  if (given.flag('always') || given.flag('once') || Object.keys(seriesOptionsIn(given)).length > 0) {
    return E.left(usage('--always, --once and what is said of a series are for copying in'));
  }
  if (given.text('as') !== undefined) {
    return E.left(usage('--as is for copying in', '--format says how rows are written on the way out'));
  }
  const csv = csvOptionsIn(given);
  if (E.isLeft(csv)) return csv;
  if (csv.right.isGiven)
    return E.left(usage('what is said of CSV files is for copying in', '--format csv writes rows as CSV'));
  const strip = given.text('stripPrefix');
  const format = given.text('format') as RowsOut | undefined;
  const asked = {
    sources: outgoing,
    target: target.path,
    intoDirectory: target.trailingSlash,
    format: format ?? null,
  };
  if (strip === undefined) return E.right({ _tag: 'Out', ...asked, stripPrefix: null });
  return pipe(
    parsePondPath(strip.startsWith('/') ? strip : `/${strip}`),
    E.map((stripPrefix) => ({ _tag: 'Out', ...asked, stripPrefix })),
  );
};
