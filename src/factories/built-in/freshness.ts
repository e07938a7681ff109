import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { JsonObject } from '../../domain/documents/json.js';
import { textThat } from '../../domain/documents/value-that.js';
import { printDuration, RetentionCodec, writeDuration } from '../../domain/duration.js';
import { isoTime } from '../../domain/text/iso-time.js';
import { steps } from '../../effects/steps.js';
import type { Clock } from '../../ports/clock.js';
import { describeTinyFsError } from '../../tinyfs/describe-tinyfs-error.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { Entry, PondReader } from '../../tinyfs/tinyfs.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../factory.js';
import { referenceOf } from '../factory-reference.js';

const By = t.keyof({ arrival: null, event_time: null });

const Expectation = exactType(
  'expectation',
  {
    path: textThat('a path or pattern that begins with /', (text) => text.startsWith('/')),
    within: RetentionCodec,
  },
  { by: By, ahead: RetentionCodec },
);

type Expectation = t.TypeOf<typeof Expectation>;

const Config = exactType(
  'freshness configuration',
  { expect: t.readonlyArray(Expectation, 'a list of expectations, each with path, within and by') },
  {},
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    expect:
      'a list: each with `path` (or a pattern, of whose files the newest counts), `within` (a duration such as 2h or 3d) and `by`: `arrival` (default: when the newest version came) or `event_time` (the newest event of a series, at most `ahead` in the future, default 1d: a row of a wrong year would hide that nothing comes)',
  },
  example: `# Fails when nothing has come for too long; what waits for it tells that once.
factory: freshness
schedule: "*/10 * * * *"
config:
  expect:
    - { path: "/in/**/*.csv", within: 2h }
    - { path: /sensors/pier.series, within: 45m, by: event_time }
`,
});

export interface FreshnessDeps {
  readonly clock: Clock;
}

/** Verdict about one expectation. */
interface Looked {
  readonly expectation: Expectation;
  /** The newest arrival or event, microseconds since the epoch; null: there is none. */
  readonly newest: number | null;
  /** Milliseconds since then. */
  readonly ageMs: number | null;
  readonly isFresh: boolean;
  /** Tells whether the newest event lies further in the future than one may. */
  readonly isAhead: boolean;
}

/** Milliseconds by which an event may lie in the future unless the expectation says otherwise. */
const AHEAD = 86_400_000;

/** Notices silence: fails while something that is expected has not come for longer than it may take. For schedules. */
export const freshness = ({ clock }: FreshnessDeps): ExecutableFactory<Config> => ({
  name: 'freshness',
  description: 'Fails while what is expected has not come for too long.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: Config,
  reference,
  execute: (context, { expect }) =>
    steps<FactoryError, void>(async ({ run, fail }) => {
      const now = clock.nowMicros();
      const looked: Looked[] = [];
      for (const expectation of expect) {
        const newest = await run(
          TE.mapLeft((error: TinyFsError) => failed(context, describeTinyFsError(error)))(
            newestOf(context.fs, expectation),
          ),
        );
        const ageMs = newest === null ? null : Math.max(0, Math.floor((now - newest) / 1000));
        const { within, by, ahead = AHEAD } = expectation;
        const isAhead = by === 'event_time' && newest !== null && (newest - now) / 1000 > ahead;
        const isFresh = ageMs !== null && ageMs <= within && !isAhead;
        looked.push({ expectation, newest, ageMs, isFresh, isAhead });
      }
      context.report({ checked: looked.map(document) });
      const silent = looked.filter(({ isFresh }) => !isFresh);
      if (silent.length > 0) return fail(failed(context, silent.map(words).join('; ')));
    }),
});

/** The newest arrival at a path, or among the matches of a pattern, or the newest event of what is there. */
const newestOf = (
  fs: Pick<PondReader, 'collectMatches' | 'versions'>,
  { path, by = 'arrival' }: Expectation,
): TE.TaskEither<TinyFsError, number | null> =>
  steps(async ({ run }) => {
    const { entries } = await run(fs.collectMatches(path));
    let newest: number | null = null;
    for (const entry of entries.filter(isFile)) {
      const time = by === 'arrival' ? entry.timestamp : await run(newestEvent(fs, entry));
      if (time !== null && time > 0 && (newest === null || time > newest)) newest = time;
    }
    return newest;
  });

const isFile = ({ entryType, nodeId }: Entry): boolean =>
  nodeId !== null && (entryType === 'file' || entryType === 'table' || entryType === 'series');

const newestEvent = (
  fs: Pick<PondReader, 'versions'>,
  { path }: Entry,
): TE.TaskEither<TinyFsError, number | null> =>
  TE.map((versions: readonly { readonly maxEventTime: number | null }[]) =>
    versions.reduce<number | null>(
      (newest, { maxEventTime }) =>
        maxEventTime === null || (newest !== null && newest >= maxEventTime) ? newest : maxEventTime,
      null,
    ),
  )(fs.versions(path));

const words = ({
  expectation: { path, within, by = 'arrival', ahead = AHEAD },
  newest,
  ageMs,
  isAhead,
}: Looked): string => {
  if (isAhead && newest !== null)
    return `${path}: its newest event is of ${isoTime(newest)}, more than ${writeDuration(ahead)} in the future, so that nobody can tell when the last one came; take that version out (pond rm ${path} --version V), or say how far events may lie ahead (ahead: ...)`;
  const what = by === 'arrival' ? 'has come' : 'has an event time';
  return newest === null || ageMs === null
    ? `${path}: nothing ${what}, and something is expected within ${writeDuration(within)}`
    : `${path}: nothing newer ${what} since ${isoTime(newest)}, ${printDuration(minutes(ageMs))} ago; it is expected within ${writeDuration(within)}`;
};

const MINUTE = 60_000;

/** An age in words need not be exact: the report has it. */
const minutes = (ageMs: number): number => (ageMs < MINUTE ? ageMs : ageMs - (ageMs % MINUTE));

const document = ({ expectation, newest, ageMs, isFresh, isAhead }: Looked): JsonObject => ({
  path: expectation.path,
  by: expectation.by ?? 'arrival',
  newest: newest === null ? null : isoTime(newest),
  age_s: ageMs === null ? null : Math.floor(ageMs / 1000),
  within_s: expectation.within / 1000,
  fresh: isFresh,
  ahead: isAhead,
});

const failed = ({ path }: FactoryContext, message: string): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory: 'freshness',
  message,
  // Another attempt would find the same; the next firing looks again.
  retryable: false,
});
