import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { SETTINGS_PATH } from '../../domain/paths/configuration-paths.js';
import { childOf, nameOf, type PondPath } from '../../domain/paths/pond-path.js';
import { printable } from '../../domain/text/printable.js';
import { onDemand } from '../../effects/on-demand.js';
import { steps } from '../../effects/steps.js';
import type { Factories } from '../../factories/registry/registry.js';
import * as discovery from '../../steward/discovery/check-entry.js';
import type { PondError } from '../../steward/errors.js';
import type { WriteTransaction } from '../../steward/shapes/transactions.js';
import type { Terminal } from '../program.js';

/** Checks a plain file that is to be an entry, and says where its factory cannot run there. */
export const checkEntry = (
  terminal: Pick<Terminal, 'writeErr'>,
  known: Factories,
  path: PondPath,
  bytes: Uint8Array,
): TE.TaskEither<PondError, void> =>
  pipe(
    TE.fromEither(discovery.checkEntry(known, path, bytes)),
    TE.map((idle) => warn(terminal, idle)),
  );

/**
 * Checks a plain file that was just written, where it is to be an entry or the pond's settings, as it stands there and
 * before it is committed: what nobody can read there would keep every later commit from being followed.
 */
export const checkWritten = (
  terminal: Pick<Terminal, 'writeErr'>,
  { fs, factories }: Pick<WriteTransaction, 'fs' | 'factories'>,
  path: PondPath,
): TE.TaskEither<PondError, void> => {
  if (!isChecked(path)) return TE.right(undefined);
  return steps(async ({ run, take }) => {
    const { size } = await run(fs.stat(path));
    const limit = discovery.CONFIG_LIMIT;
    if ((size ?? 0) > limit) take(E.left({ _tag: 'ConfigTooLarge' as const, path, size: size ?? 0, limit }));
    const bytes = await run(fs.readBytes(path));
    if (path === SETTINGS_PATH) await run(checkSettings(bytes));
    else await run(checkEntry(terminal, await factories(), path, bytes));
  });
};

const isChecked = (path: PondPath): boolean => path === SETTINGS_PATH || discovery.isEntryPath(path);

const settingsText = onDemand(() => import('../../steward/settings/settings-text.js'));

const checkSettings = (bytes: Uint8Array): TE.TaskEither<PondError, void> =>
  settingsText(({ decodeSettings }) =>
    pipe(
      TE.fromEither(decodeSettings(bytes)),
      TE.map(() => undefined),
    ),
  );

/**
 * Checks what a command put at `to` inside the pond, or into the directory `to`, as `copy` and `mknod` check what they
 * write: a file that is to be an entry, or a node.
 */
export const checkPlaced = (
  terminal: Pick<Terminal, 'writeErr'>,
  transaction: Pick<WriteTransaction, 'fs' | 'factories'>,
  from: PondPath,
  to: PondPath,
): TE.TaskEither<PondError, void> => {
  const { fs, factories } = transaction;
  const path = [to, childOf(to, nameOf(from))].find(isChecked);
  if (path === undefined) return TE.right(undefined);
  return steps(async ({ run, take }) => {
    const { entryType } = await run(fs.lstat(path));
    if (entryType === 'file') return run(checkWritten(terminal, transaction, path));
    if (entryType !== 'file:dynamic') return;
    const { factory, config } = await run(fs.getDynamicNodeConfig(path));
    const known = await factories();
    take<void>(known.checkBytes(factory, path, config));
    warnIfIdle(terminal, known, path, factory);
  });
};

/** Says that what is put into `/etc/system.d` or `/etc/gate.d` will not be run there. */
export const warnIfIdle = (
  terminal: Pick<Terminal, 'writeErr'>,
  known: Factories,
  path: PondPath,
  factory: string,
): void => warn(terminal, discovery.whyIdle(known, path, factory));

const warn = (terminal: Pick<Terminal, 'writeErr'>, idle: string | null): void => {
  if (idle !== null) terminal.writeErr(`pond: warning: ${printable(idle)}\n`);
};
