import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { onDemand } from '../../effects/on-demand.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { PondError } from '../errors.js';
import { DEFAULT_SETTINGS, readSettingsFile, type Settings } from './settings.js';

const settingsText = onDemand(() => import('./settings-text.js'));

/** Reads the settings as they are in one state of the pond. */
export const readSettings = (
  fs: Pick<PondReader, 'exists' | 'readBytes'>,
): TE.TaskEither<PondError, Settings> =>
  pipe(
    readSettingsFile(fs),
    TE.flatMap(
      (bytes): TE.TaskEither<PondError, Settings> =>
        bytes === null
          ? TE.right(DEFAULT_SETTINGS)
          : settingsText(({ decodeSettings }) => TE.fromEither(decodeSettings(bytes))),
    ),
  );
