import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { RemoteFailure } from './remote-error.js';

/**
 * Bytes of the log entries of a remote that are read at once, unless somebody says that it is longer: they are held in memory,
 * and whoever may write the remote says how many they are. A commit has about one KiB.
 */
const MOST_LOG_BYTES = 256 * 1024 * 1024;

/** Room for the log entries of one remote. */
export interface LogRoom {
  /** Takes some of the room, or fails with `RemoteTooLarge`. */
  readonly take: (bytes: number) => TaskEither<RemoteFailure, void>;
}

export const logRoom = (store: { readonly url: string }, maxBytes: number = MOST_LOG_BYTES): LogRoom => {
  let left = maxBytes;
  return {
    take: (bytes) =>
      steps<RemoteFailure, void>(async ({ fail }) => {
        left -= bytes;
        if (!(left >= 0)) return fail({ _tag: 'RemoteTooLarge', store: store.url, maxLogBytes: maxBytes });
      }),
  };
};
