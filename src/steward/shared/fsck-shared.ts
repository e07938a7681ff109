import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { ObjectInfo } from '../../ports/object-store.js';
import { rangesOf, type StoreThrown } from '../../stores/ranges-of.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { sideBySide } from '../../stores/side-by-side.js';
import type { PondError } from '../errors.js';
import { layout } from '../pond/pond.js';
import type { SharedEntrance } from '../pond/shared-pond.js';
import type { StewardPorts } from '../steward-ports.js';
import { prepareControl } from './prepare-control.js';

const FILES_AT_ONCE = 8;

/** Names of what lies in a table's folders; anything else is not fetched. */
const OF_A_TABLE = /^(_delta_log|_blobs|_history|part-[\w.%=-]+$)/;

/**
 * Fetches all of a table as it lies in the store, whatever is wrong with it, into a directory of its own beside the copies, and does work there: what
 * looks at ponds in directories then sees what is in the store, and not what was copied before. The directory is removed afterwards.
 */
export const inWholeCopy = <A>(
  { ports, directory, shared }: SharedEntrance,
  use: (ports: StewardPorts, directory: string) => TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> => {
  const { store, confine } = shared;
  const whole = `${directory}/whole-${ports.ids.uuidV7()}`;
  return TE.bracket(
    steps<PondError, StewardPorts>(async ({ run }) => {
      await run(prepareControl(ports, whole, shared.control));
      const confined = confine(whole);
      const objects = (await run(store.list({ prefix: '' }))).filter(({ key }) => isOfATable(key));
      await run(sideBySide(objects, FILES_AT_ONCE, (object) => fetchAsItIs(confined, store, whole, object)));
      return confined;
    }),
    (confined) => use(confined, whole),
    () => TE.fromIO(() => removeAll(ports, whole)),
  );
};

const isOfATable = (key: string): boolean =>
  OF_A_TABLE.test(key) &&
  key.split('/').every((name) => /^[\w.%=-]+$/.test(name) && name !== '.' && name !== '..');

const fetchAsItIs = (
  { files }: Pick<StewardPorts, 'files'>,
  store: ReliableStore,
  whole: string,
  { key, size }: ObjectInfo,
): TE.TaskEither<PondError, void> =>
  steps<PondError, void>(async ({ fail }) => {
    const path = `${layout(whole).data}/${key}`;
    const failed: { thrown: StoreThrown | null } = { thrown: null };
    const made = files.makeDirectories(path.slice(0, path.lastIndexOf('/')))();
    const written = isLeft(made)
      ? made
      : await files.streamToNewFile(path, rangesOf(store, { key, size }, failed))();
    if (failed.thrown !== null && failed.thrown.error._tag !== 'ObjectMissing')
      return fail(failed.thrown.error);
    if (isLeft(written)) {
      const { path: at, code, call } = written.left;
      return fail({ _tag: 'HostFileFailed', path: at, code, call });
    }
  });

/** Removes what was made; what cannot be removed is found by whoever tidies the directory of copies. */
const removeAll = ({ hostFiles }: Pick<StewardPorts, 'hostFiles'>, path: string): void => {
  const found = hostFiles.lstat(path)();
  if (isLeft(found)) return;
  if (found.right.kind !== 'directory') {
    hostFiles.removeFile(path)();
    return;
  }
  const names = hostFiles.readDirectory(path)();
  if (!isLeft(names)) for (const name of names.right) removeAll({ hostFiles }, `${path}/${name}`);
  hostFiles.removeDirectory(path)();
};
