import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { SCHEDULE_NAME, SCHEDULE_PATH, SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { EntryError } from '../../domain/plans/plan.js';
import { isDynamic } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { DEFAULT_SCHEDULE, readSchedule, type Schedule } from '../../planner/entries/schedule.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { Entry, PondReader } from '../../tinyfs/tinyfs.js';
import { describeError } from '../describe-error.js';
import type { ClosedReader } from './closed-reader.js';

/** Filesystem that discovery needs. */
export type DiscoverableFs = Pick<
  PondReader,
  'stat' | 'list' | 'exists' | 'readBytes' | 'getDynamicNodeConfig'
>;

/** The same where a directory has many entries. */
type ListableFs = DiscoverableFs & Pick<ClosedReader, 'contentsIn'>;

/** Everything that `/etc/system.d` says. */
export interface Discovery {
  readonly entries: readonly DiscoveredEntry[];
  readonly schedule: Either<EntryError, Schedule>;
  /** The bytes of each configuration, `config.yaml` included, by path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** A configuration larger than this is refused: 1 MiB. */
const CONFIG_LIMIT = 1024 * 1024;

/** Reads `/etc/system.d/*`. A bad entry is an unreadable entry; only a directory that cannot be listed is an error. */
export const discover = (fs: ListableFs): TE.TaskEither<TinyFsError, Discovery> =>
  steps(async (s) => {
    const listed = (await s.run(fs.exists(SYSTEM_DIRECTORY))) ? await s.run(fs.list(SYSTEM_DIRECTORY)) : [];
    const schedule = await discoverSchedule(fs, listed)();
    const others = listed.filter(({ name }) => name !== SCHEDULE_NAME);
    return discoveryOf(await readListed(fs, SYSTEM_DIRECTORY, others), schedule);
  });

/** Reads the entries of another directory like it, one that has no schedule; a missing one has none. */
export const discoverIn = (
  fs: ListableFs,
  directory: PondPath,
): TE.TaskEither<TinyFsError, readonly DiscoveredEntry[]> =>
  steps(async (s) => {
    if (!(await s.run(fs.exists(directory)))) return [];
    return readListed(fs, directory, await s.run(fs.list(directory)));
  });

/** Returns what these entries and the content of `config.yaml`, if there is one, add up to. */
export const discoveryOf = (
  entries: readonly DiscoveredEntry[],
  schedule: DiscoveredEntry['content'] | null,
): Discovery => {
  const sources = new Map<string, Uint8Array>();
  for (const { path, content } of entries) if (content._tag === 'Bytes') sources.set(path, content.bytes);
  if (schedule?._tag === 'Bytes') sources.set(SCHEDULE_PATH, schedule.bytes);
  return { entries, schedule: schedule === null ? right(DEFAULT_SCHEDULE) : scheduleIn(schedule), sources };
};

/** One entry, symlinks resolved. What cannot be read is an entry that says so. */
export const readDiscovered = (fs: DiscoverableFs, path: PondPath): (() => Promise<DiscoveredEntry>) =>
  orUnreadable(
    path,
    pipe(
      fs.stat(path),
      TE.flatMap((target) => readTarget(fs, path, target)),
    ),
  );

/**
 * Entries of a directory that have been listed: unless one is a symlink, that says all that there is to be known of it. Contents are read together, and
 * by themselves only where they cannot be.
 */
export const readListed = async (
  fs: ListableFs,
  directory: PondPath,
  listed: readonly Entry[],
): Promise<readonly DiscoveredEntry[]> => {
  const contents = await fs.contentsIn(directory, CONFIG_LIMIT);
  const entries: DiscoveredEntry[] = [];
  for (const entry of listed) {
    const { path, entryType, name } = entry;
    const bytes = contents.get(name);
    if (bytes !== undefined && (entryType === 'file' || isDynamic(entryType)))
      entries.push(foundAt(path, entry, { _tag: 'Bytes', bytes }));
    else if (entryType === 'symlink') entries.push(await readDiscovered(fs, path)());
    else entries.push(await orUnreadable(path, readTarget(fs, path, entry))());
  }
  return entries;
};

const foundAt = (
  path: PondPath,
  { entryType, nodeId, factory }: Entry,
  content: DiscoveredEntry['content'],
): DiscoveredEntry => ({ path, entryType, nodeId, nodeFactory: factory, content });

const orUnreadable = (
  path: PondPath,
  read: TE.TaskEither<TinyFsError, DiscoveredEntry>,
): (() => Promise<DiscoveredEntry>) =>
  pipe(
    read,
    TE.getOrElse(
      (error) => async (): Promise<DiscoveredEntry> => ({
        path,
        entryType: 'symlink',
        nodeId: null,
        nodeFactory: null,
        content: { _tag: 'Unreadable', problem: describeError(error) },
      }),
    ),
  );

const readTarget = (
  fs: DiscoverableFs,
  path: PondPath,
  target: Entry,
): TE.TaskEither<TinyFsError, DiscoveredEntry> => {
  const found = (content: DiscoveredEntry['content']): DiscoveredEntry => foundAt(path, target, content);
  if (isDynamic(target.entryType)) {
    return pipe(
      fs.getDynamicNodeConfig(path),
      TE.map(({ config }) => found({ _tag: 'Bytes', bytes: config })),
      TE.orElse((error) => TE.right(found({ _tag: 'Unreadable', problem: describeError(error) }))),
    );
  }
  if (target.entryType !== 'file') return TE.right(found({ _tag: 'NoConfiguration' }));
  if ((target.size ?? 0) > CONFIG_LIMIT) {
    return TE.right(
      found({ _tag: 'Unreadable', problem: `${target.size} bytes; a configuration has at most 1 MiB` }),
    );
  }
  return pipe(
    fs.readBytes(path),
    TE.map((bytes) => found({ _tag: 'Bytes', bytes })),
    TE.orElse((error) => TE.right(found({ _tag: 'Unreadable', problem: describeError(error) }))),
  );
};

/** Milliseconds that an entry of `/etc/system.d` may take which does not say it; null: as long as it needs. */
export const defaultTimeout = (fs: DiscoverableFs): TE.TaskEither<TinyFsError, number | null> =>
  pipe(
    fs.exists(SCHEDULE_PATH),
    TE.flatMap((isThere) => TE.fromTask(isThere ? readDiscovered(fs, SCHEDULE_PATH) : async () => null)),
    TE.map((found) => {
      const schedule = found === null ? right(DEFAULT_SCHEDULE) : scheduleIn(found.content);
      // A schedule that cannot be read keeps nothing from being run by hand.
      return isLeft(schedule) ? null : schedule.right.timeoutMs;
    }),
  );

const discoverSchedule =
  (fs: DiscoverableFs, listed: readonly Entry[]): (() => Promise<DiscoveredEntry['content'] | null>) =>
  async () => {
    if (!listed.some(({ name }) => name === SCHEDULE_NAME)) return null;
    const { content } = await readDiscovered(fs, SCHEDULE_PATH)();
    return content;
  };

const scheduleIn = (content: DiscoveredEntry['content']): Either<EntryError, Schedule> => {
  switch (content._tag) {
    case 'Bytes':
      return readSchedule(content.bytes);
    case 'Unreadable':
      return left({ _tag: 'Unreadable', problem: `${SCHEDULE_NAME}: ${content.problem}` });
    case 'NoConfiguration':
      return left({ _tag: 'Unreadable', problem: `${SCHEDULE_NAME} is not a file` });
  }
};
