import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { SCHEDULE_NAME, SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { type PondPath, parentOf } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceError, PersistenceView, PersistenceWriter } from '../../tinyfs/persistence.js';
import type { Snapshot, TLog, TLogError } from '../../tlogfs/tlog.js';
import { closedReader } from '../discovery/closed-reader.js';
import { type Discovery, discover, discoverIn, discoveryOf } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import { readSettings } from '../settings/read-settings.js';
import { DEFAULT_SETTINGS, type Settings } from '../settings/settings.js';
import { digestOf } from './judge-configuration.js';
import { isOfConfiguration, type ReadConfiguration, readConfiguration } from './read-configuration.js';

/**
 * Configuration in the states of one pond. `/etc` is read once for a state, and not at all where a state shortly before it
 * is known and the few commits between them have left `/etc` alone: every commit asks for it several times, of its base, of its
 * own view, and again when its tasks are run. A state never changes, so what was read of it holds whoever commits next.
 */
export interface Configurations {
  /** All that can make a state run something. A write transaction's is that of its base until it changes it. */
  readonly of: (view: PersistenceView) => TE.TaskEither<TinyFsError, ReadConfiguration>;
  /** Digest of that: equal configurations have equal ones. */
  readonly digestOf: (view: PersistenceView) => TE.TaskEither<TinyFsError, string>;
  /** Entries of `/etc/system.d`. An error means that it cannot be listed. */
  readonly discover: (view: PersistenceView) => TE.TaskEither<TinyFsError, Discovery>;
  /** The entries of another directory like it. */
  readonly entriesIn: (
    view: PersistenceView,
    directory: PondPath,
  ) => TE.TaskEither<TinyFsError, readonly DiscoveredEntry[]>;
  readonly settings: (view: PersistenceView) => TE.TaskEither<PondError, Settings>;
  /** Takes note of a commit: where it has left `/etc` alone, its state is configured as the one before. */
  readonly committed: (writer: PersistenceWriter) => void;
}

/** States whose configuration is remembered: the newest, and those whose tasks are run. */
const REMEMBERED = 4;
/** Commits after a known state whose rows take less time to look through than `/etc` to read, whatever they are. */
const NEAR = 4;

/** Configurations of states that are known, by the states' numbers. */
type Known = Map<number, ReadConfiguration>;

export const configurations = (commitOf: TLog['commitOf']): Configurations => {
  const known: Known = new Map();

  const read = (view: PersistenceView): TE.TaskEither<TinyFsError, ReadConfiguration> =>
    steps(async ({ run }) => {
      if (isWriter(view)) {
        const base = await run(of(view.base));
        return leaves(view, base) ? base : run(readConfiguration(view));
      }
      const configuration =
        (await run(asBefore(known, commitOf, view))) ?? (await run(readConfiguration(view)));
      // What could not be read now may be read the next time.
      if (configuration.entries.every(isReadable)) remember(known, view.txnSeq, configuration);
      return configuration;
    });

  const of = (view: PersistenceView): TE.TaskEither<TinyFsError, ReadConfiguration> =>
    using(view, (configuration) => TE.right(configuration));

  /** Goes on with the configuration of a state: at once where it is known, which it mostly is. */
  const using =
    <E, A>(
      view: PersistenceView,
      use: (configuration: ReadConfiguration) => TE.TaskEither<E, A>,
    ): TE.TaskEither<TinyFsError | E, A> =>
    async () => {
      const there = held(known, view);
      if (there !== null) return use(there)();
      const configuration = await read(view)();
      return isLeft(configuration) ? configuration : use(configuration.right)();
    };

  return {
    of,
    digestOf: (view) => using(view, (configuration) => TE.right(digestOf(configuration))),
    discover: (view) =>
      using(view, (configuration) =>
        configuration.places === null
          ? discover(closedReader(view))
          : TE.right(knownDiscovery(configuration)),
      ),
    entriesIn: (view, directory) =>
      using(view, ({ places, entries }) =>
        places === null
          ? discoverIn(closedReader(view), directory)
          : TE.right(entries.filter(({ path }) => parentOf(path) === directory)),
      ),
    settings: (view) =>
      using<PondError, Settings>(view, ({ places, settings }) =>
        places !== null && settings === null ? TE.right(DEFAULT_SETTINGS) : readSettings(closedReader(view)),
      ),
    committed: (writer) => {
      const before = known.get(writer.base.txnSeq);
      if (before !== undefined && leaves(writer, before)) remember(known, writer.txnSeq, before);
    },
  };
};

const remember = (known: Known, txnSeq: number, configuration: ReadConfiguration): void => {
  known.delete(txnSeq);
  known.set(txnSeq, configuration);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
};

/** Configuration of a state as far as it is known without reading anything; null: it has to be read. */
const held = (known: Known, view: PersistenceView): ReadConfiguration | null => {
  if (!isWriter(view)) return known.get(view.txnSeq) ?? null;
  const base = held(known, view.base);
  return base !== null && leaves(view, base) ? base : null;
};

/** The configuration of a known state shortly before, where no commit since has touched it; null: it is to be read. */
const asBefore = (
  known: Known,
  commitOf: TLog['commitOf'],
  view: PersistenceView,
): TE.TaskEither<never, ReadConfiguration | null> =>
  pipe(
    steps<TLogError | PersistenceError, ReadConfiguration | null>(async ({ run }) => {
      const since = await run(knownAncestor(known, commitOf, view));
      const before = since === null ? undefined : known.get(since);
      if (since === null || before === undefined) return null;
      return leavesAlone(await run(view.rowsAfter(since)), before) ? before : null;
    }),
    // Rows of something else, or commits, that cannot be read are in nobody's way here.
    TE.orElseW(() => TE.right(null)),
  );

/**
 * The known state that a state has come from by few commits; null: there is none. A lower number does not make it one: its
 * commit may have gone, because an older copy of the pond was put back.
 */
const knownAncestor = (
  known: Known,
  commitOf: TLog['commitOf'],
  view: PersistenceView,
): TE.TaskEither<TLogError, number | null> =>
  steps(async ({ run }) => {
    let [txnSeq, version] = [view.txnSeq, isSnapshot(view) ? view.version : undefined];
    const isNear = (seq: number): boolean => seq < txnSeq && view.txnSeq - seq <= NEAR;
    while ([...known.keys()].some(isNear)) {
      const commit = await run(commitOf(txnSeq, version));
      // A damaged log may say anything.
      if (commit.basedOnSeq >= txnSeq) return null;
      txnSeq = commit.basedOnSeq;
      version = commit.version - 1;
      if (known.has(txnSeq)) return txnSeq;
    }
    return null;
  });

const isReadable = ({ content }: DiscoveredEntry): boolean => content._tag !== 'Unreadable';

const isSnapshot = (view: PersistenceView): view is Snapshot => 'version' in view;

const isWriter = (view: PersistenceView): view is PersistenceWriter => 'written' in view;

/** Tells whether a transaction has changed nothing that its base's configuration is read from. */
const leaves = (writer: PersistenceWriter, configuration: ReadConfiguration): boolean =>
  leavesAlone(writer.written(), configuration);

const leavesAlone = (written: readonly NodeRow[], { places }: ReadConfiguration): boolean =>
  written.length === 0 || (places !== null && !written.some((row) => isOfConfiguration(row, places)));

/** A configuration that is handed on from commit to commit is read once, `config.yaml` included. */
const discoveries = new WeakMap<ReadConfiguration, Discovery>();

const knownDiscovery = (configuration: ReadConfiguration): Discovery => {
  const discovery = discoveries.get(configuration) ?? discoveryIn(configuration.entries);
  discoveries.set(configuration, discovery);
  return discovery;
};

const discoveryIn = (entries: readonly DiscoveredEntry[]): Discovery => {
  const own = entries.filter(({ path }) => parentOf(path) === SYSTEM_DIRECTORY);
  const isSchedule = ({ path }: DiscoveredEntry): boolean => path.endsWith(`/${SCHEDULE_NAME}`);
  const schedule = own.find(isSchedule)?.content ?? null;
  return discoveryOf(
    own.filter((entry) => !isSchedule(entry)),
    schedule,
  );
};
