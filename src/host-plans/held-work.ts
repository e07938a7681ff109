import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { HeldFiles, HostFileSystem } from '../ports/file-system.js';

/** Does one piece of work on files that are held for it, where something holds them. */
export const holding =
  <E, A>(
    { files, hold }: { readonly files: HostFileSystem; readonly hold?: () => HeldFiles },
    work: (files: HostFileSystem) => TaskEither<E, A>,
  ): TaskEither<E, A> =>
  async () => {
    const held = hold?.() ?? { files, release: () => undefined };
    try {
      return await work(held.files)();
    } finally {
      held.release();
    }
  };
