import { describeStoreError, type StoreError } from '../stores/store-error.js';
import type { TLogError } from '../tlogfs/tlog.js';

/** Errors between a pond and a remote, besides what goes wrong in the pond. */
export type RemoteFailure =
  | StoreError
  /** No pond's log is there. */
  | { readonly _tag: 'NotARemote'; readonly store: string }
  | { readonly _tag: 'OtherPond'; readonly store: string; readonly found: string; readonly expected: string }
  /** The log of the one does not continue that of the other. Nothing was changed on either side. */
  | {
      readonly _tag: 'Diverged';
      readonly store: string;
      /** The newest version at which both were compared. */
      readonly version: number;
      /**
       * `differs`: both have a version of that number, and not the same one. `ahead`: the remote has more. `behind`: it has less than
       * was there before. `unknown`: its newest version is no longer in the log here, so that nothing tells.
       */
      readonly how: 'differs' | 'ahead' | 'behind' | 'unknown';
    }
  /** What is there is not what was pushed. */
  | {
      readonly _tag: 'RemoteDamaged';
      readonly store: string;
      readonly key: string;
      readonly problem: string;
    }
  /** The texts of the remote's log are more than is read of a log that somebody else may have written. */
  | { readonly _tag: 'RemoteTooLarge'; readonly store: string; readonly maxLogBytes: number }
  /** The remote no longer has all files of a commit's state. */
  | {
      readonly _tag: 'NotWhole';
      readonly store: string;
      readonly txnSeq: number;
      /** The commits nearest to it that are whole, before and after it. */
      readonly whole: readonly number[];
    };

export type RemoteError = RemoteFailure | TLogError;

const MIB = 1024 * 1024;

/** A failure as one sentence without a full stop. */
export const describeRemoteFailure = (error: RemoteFailure): string => {
  switch (error._tag) {
    case 'NotARemote':
      return `there is no pond at ${error.store}`;
    case 'OtherPond':
      return `${error.store} has the pond ${error.found}, not ${error.expected}`;
    case 'Diverged':
      return `${error.store} and this pond have diverged: ${HOW[error.how](error.version)}; nothing was changed`;
    case 'RemoteDamaged':
      return `${error.store}: ${error.key} is damaged: ${error.problem}`;
    case 'RemoteTooLarge':
      return `${error.store}: its log entries have more than ${Math.floor(error.maxLogBytes / MIB)} MiB, the most that is read of a log that somebody else may have written`;
    case 'NotWhole':
      return `${error.store} no longer has all files of commit ${error.txnSeq}${
        error.whole.length === 0 ? '' : `; it has those of ${error.whole.join(' and ')}`
      }`;
    default:
      return describeStoreError(error);
  }
};

const HOW: Readonly<
  Record<Extract<RemoteFailure, { _tag: 'Diverged' }>['how'], (version: number) => string>
> = {
  differs: (version) => `version ${version} is not the same one`,
  ahead: (version) => `the remote goes on after version ${version}, which is the newest here`,
  behind: (version) => `the remote ends with version ${version}, and there is more here`,
  unknown: (version) =>
    `the remote ends with version ${version}, whose log entry another engine has removed here, so that nothing tells whether this pond continues it (push to an empty place)`,
};
