import { isLeft, left } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printable } from '../../domain/documents/printable.js';
import { nameOf, type PondPath, parentOf } from '../../domain/paths/pond-path.js';
import type { Factories } from '../../factories/registry/registry.js';
import { GATE_DIRECTORY, SCHEDULE_NAME, SYSTEM_DIRECTORY } from '../../planner/entries/discovered-entry.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import { readSchedule } from '../../planner/entries/schedule.js';
import type { PondError } from '../../steward/errors.js';
import type { WriteTransaction } from '../../steward/transactions.js';
import type { Terminal } from '../program.js';

/** The most that a configuration may have, in bytes: 1 MiB. */
export const CONFIG_LIMIT = 1024 * 1024;

/** Tells whether a path is that of an entry of `/etc/system.d` or a gate, or of the schedule. */
const isEntryPath = (path: PondPath): boolean => parentOf(path) === SYSTEM_DIRECTORY || isGatePath(path);

const isGatePath = (path: PondPath): boolean => parentOf(path) === GATE_DIRECTORY;

/**
 * Checks a plain file that is to be an entry of `/etc/system.d` or `/etc/gate.d`, as `mknod` checks a node: YAML, envelope, factory,
 * configuration. A file that no factory is meant by is none of it, and passes. Says where its factory cannot run there.
 */
export const checkEntry = (
  terminal: Pick<Terminal, 'writeErr'>,
  known: Factories,
  path: PondPath,
  bytes: Uint8Array,
): TE.TaskEither<PondError, void> => {
  if (nameOf(path) === SCHEDULE_NAME && !isGatePath(path)) {
    const schedule = readSchedule(bytes);
    return isLeft(schedule)
      ? TE.left({ _tag: 'EntryRejected', path, errors: [schedule.left] })
      : TE.right(undefined);
  }
  const reading = readEntry({
    ...{ path, entryType: 'file', nodeId: null, nodeFactory: null },
    content: { _tag: 'Bytes', bytes },
  });
  if (reading._tag === 'Invalid') return TE.left({ _tag: 'EntryRejected', path, errors: reading.errors });
  if (reading._tag === 'NotAFactory') return TE.right(undefined);
  const checked = known.checkBytes(reading.factory, path, bytes);
  if (isLeft(checked)) return TE.fromEither(left(checked.left));
  warnIfIdle(terminal, known, path, reading.factory);
  return TE.right(undefined);
};

/** Checks a plain file that was just written, where it is to be an entry, as it stands there and before it is committed. */
export const checkWritten = (
  terminal: Pick<Terminal, 'writeErr'>,
  { fs, factories }: Pick<WriteTransaction, 'fs' | 'factories'>,
  path: PondPath,
): TE.TaskEither<PondError, void> =>
  isEntryPath(path)
    ? pipe(
        fs.stat(path),
        TE.flatMap(({ size }) =>
          (size ?? 0) <= CONFIG_LIMIT
            ? fs.readBytes(path)
            : TE.left<PondError, Uint8Array>({
                _tag: 'ConfigTooLarge',
                path,
                size: size ?? 0,
                limit: CONFIG_LIMIT,
              }),
        ),
        TE.flatMap((bytes) =>
          pipe(
            TE.fromTask<Factories, PondError>(factories),
            TE.flatMap((known) => checkEntry(terminal, known, path, bytes)),
          ),
        ),
      )
    : TE.right(undefined);

/** Says that what is put into `/etc/system.d` or `/etc/gate.d` will not be run there. */
export const warnIfIdle = (
  terminal: Pick<Terminal, 'writeErr'>,
  known: Factories,
  path: PondPath,
  factory: string,
): void => {
  const isGate = isGatePath(path);
  if (!isEntryPath(path) || known.supports(factory, isGate ? 'InTransactionWriter' : 'PostCommitReader'))
    return;
  const facts = known.facts(factory);
  const why =
    facts === null || facts.modes.length === 0
      ? 'cannot be executed'
      : `does not run ${isGate ? 'before' : 'after'} commits (it runs as ${facts.modes.join(', ')})`;
  terminal.writeErr(
    `pond: warning: ${printable(path)} will be skipped: the factory ${printable(factory)} ${why}\n`,
  );
};
