import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parentOf } from '../../domain/paths/pond-path.js';
import { writeSetting } from '../../steward/settings/settings-text.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import type { CliError } from '../errors.js';
import type { PondChange } from './pond-changes.js';

/** Makes changes in their order, in one transaction. Missing parents are made. */
export const makeChanges = (
  fs: PondWriter,
  changes: readonly PondChange[],
): TE.TaskEither<CliError, unknown> =>
  pipe(
    changes.map((change) => make(fs, change)),
    TE.sequenceSeqArray,
  );

const make = (fs: PondWriter, change: PondChange): TE.TaskEither<CliError, unknown> => {
  switch (change.kind) {
    case 'mkdir':
      return fs.mkdirAll(change.path);
    case 'setting':
      return writeSetting(fs)(change.key, change.value);
    case 'file':
      return pipe(
        fs.mkdirAll(parentOf(change.path)),
        TE.flatMap(() => fs.write(change.path, change.content)),
      );
    case 'node': {
      const { path, entryType, factory, config } = change;
      return pipe(
        fs.mkdirAll(parentOf(path)),
        TE.flatMap(() => fs.createDynamicPath(path, entryType, factory, config, { overwrite: true })),
      );
    }
  }
};
