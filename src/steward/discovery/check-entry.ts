import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { GATE_DIRECTORY, SCHEDULE_NAME, SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { nameOf, type PondPath, parentOf } from '../../domain/paths/pond-path.js';
import { WATCH_FACTORY } from '../../domain/watches/watch-words.js';
import type { Factories } from '../../factories/registry/registry.js';
import { isScheduled, isWatch, readEntry } from '../../planner/entries/read-entry.js';
import { readSchedule } from '../../planner/entries/schedule.js';
import type { PondError } from '../errors.js';

/** The most that a configuration may have, in bytes: 1 MiB. */
export const CONFIG_LIMIT = 1024 * 1024;

/** Tells whether a path is that of an entry of `/etc/system.d`, `/etc/gate.d`, `/etc/schedule.d` or `/etc/watch.d`, or of the order of entries. */
export const isEntryPath = (path: PondPath): boolean =>
  parentOf(path) === SYSTEM_DIRECTORY || isGatePath(path) || isScheduled(path) || isWatch(path);

const isGatePath = (path: PondPath): boolean => parentOf(path) === GATE_DIRECTORY;

/**
 * Checks a plain file that is to be an entry of one of these directories, as `mknod` checks a node: YAML, envelope, factory,
 * configuration. A file that no factory is meant by is none of it, and passes. Returns why its factory cannot run there; null: it can.
 */
export const checkEntry = (
  known: Factories,
  path: PondPath,
  bytes: Uint8Array,
): Either<PondError, string | null> => {
  if (nameOf(path) === SCHEDULE_NAME && parentOf(path) === SYSTEM_DIRECTORY) {
    const schedule = readSchedule(bytes);
    return isLeft(schedule) ? left({ _tag: 'EntryRejected', path, errors: [schedule.left] }) : right(null);
  }
  const reading = readEntry({
    path,
    entryType: 'file',
    nodeId: null,
    nodeFactory: null,
    content: { _tag: 'Bytes', bytes },
  });
  if (reading._tag === 'Invalid') return left({ _tag: 'EntryRejected', path, errors: reading.errors });
  if (reading._tag === 'NotAFactory') return right(null);
  const checked = known.checkBytes(reading.factory, path, bytes);
  if (isLeft(checked)) return checked;
  return right(whyIdle(known, path, reading.factory));
};

/** Says why what is put into one of these directories will not be run there; null: it will, or is not put there. */
export const whyIdle = (known: Factories, path: PondPath, factory: string): string | null => {
  const isGate = isGatePath(path);
  if (isWatch(path))
    return factory === WATCH_FACTORY
      ? null
      : `${path} will take nothing in: what is in /etc/watch.d has the factory ${WATCH_FACTORY}`;
  if (isScheduled(path)) {
    const facts = known.facts(factory);
    return facts === null || facts.modes.length === 0
      ? `${path} will never fire: the factory ${factory} cannot be executed`
      : null;
  }
  if (!isEntryPath(path) || known.supports(factory, isGate ? 'InTransactionWriter' : 'PostCommitReader'))
    return null;
  const facts = known.facts(factory);
  const why =
    facts === null || facts.modes.length === 0
      ? 'cannot be executed'
      : `does not run ${isGate ? 'before' : 'after'} commits (it runs as ${facts.modes.join(', ')})`;
  return `${path} will be skipped: the factory ${factory} ${why}`;
};
