/**
 * The library as promises: the same functions, which reject with a {@link PondFailure} instead of returning an error.
 *
 * @packageDocumentation
 */
import { type FsckOptions, type FsckReport, type LibraryOptions, Steward as TaskSteward } from './index.js';
import { type PromisedSteward, promisedSteward, settle } from './promised-steward.js';
import type { WriteOutcome } from './steward/shapes/transactions.js';

/** Makes and opens ponds. */
export const Steward = {
  /**
   * Makes a new pond in a directory; returns its first commit. `birthplace`: a word for where it was made (default: this machine's
   * name). `sharedWith`: the number of a group whose members may use it (default: nobody else may).
   *
   * @example
   * await Steward.init('/tmp/my-pond');
   */
  init: (
    directory: string,
    options: LibraryOptions & { readonly birthplace?: string; readonly sharedWith?: number } = {},
  ): Promise<WriteOutcome<void>> => settle(TaskSteward.init(directory, options)),

  /**
   * Opens an existing pond. Close it when it is not needed any more.
   *
   * @example
   * const pond = await Steward.open('/tmp/my-pond');
   * const outcome = await pond.write(({ fs }) => fs.write('/hello.txt', Buffer.from('hello\n')));
   * await pond.close();
   */
  open: async (directory: string, options: LibraryOptions = {}): Promise<PromisedSteward> =>
    promisedSteward(await settle(TaskSteward.open(directory, options))),

  /**
   * Checks a pond and reports what is wrong, also one that cannot be opened.
   *
   * @example
   * const { ok, findings, contentRoot } = await Steward.fsck('/tmp/my-pond');
   */
  fsck: (directory: string, options: LibraryOptions & FsckOptions = {}): Promise<FsckReport> =>
    settle(TaskSteward.fsck(directory, options)),
};

export type * from './pond-types.js';
export type {
  Promised,
  PromisedReader,
  PromisedRecord,
  PromisedSteward,
  PromisedWriter,
} from './promised-steward.js';
export { PondFailure } from './promised-steward.js';
export type { LibraryOptions };
