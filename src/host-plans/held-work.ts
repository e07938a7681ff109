import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { HeldFiles, HostFileSystem } from '../ports/file-system.js';

/** Does one piece of work on files that are held for it. */
export const holding =
  <E, A>(hold: () => HeldFiles, work: (files: HostFileSystem) => TaskEither<E, A>): TaskEither<E, A> =>
  async () => {
    const held = hold();
    try {
      return await work(held.files)();
    } finally {
      held.release();
    }
  };

/** Holds the files as something can; else they are used as they are. */
export const holderOf = ({
  files,
  hold,
}: {
  readonly files: HostFileSystem;
  readonly hold?: () => HeldFiles;
}): (() => HeldFiles) => hold ?? (() => ({ files, release: () => undefined }));
