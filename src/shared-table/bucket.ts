import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystem } from '../ports/file-system.js';
import type { Ids } from '../ports/ids.js';
import type { RemoteError } from '../remotes/remote-error.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import { describeStoreError, type StoreError } from '../stores/store-error.js';
import type { PersistenceError } from '../tinyfs/persistence.js';
import type { TLogError } from '../tlogfs/tlog.js';

/** A table in a store, and the directory that holds a copy of what of it was used here. */
export interface Bucket {
  readonly store: ReliableStore;
  readonly files: FileSystem;
  /** The directory of the copy: it has the layout of a pond's `data`, and may be deleted at any moment. */
  readonly dataDir: string;
  readonly ids: Ids;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when everything else that is due in this process has had its turn. */
  readonly giveWay: () => Promise<void>;
}

/** Waits for a call of the store; what goes wrong is thrown as a failure of the storage. */
export const asked = async <A>(call: TaskEither<StoreError, A>): Promise<A> => {
  const outcome = await call();
  if (isLeft(outcome)) throw failureOf(outcome.left);
  return outcome.right;
};

/** The same; null where there is no such object. */
export const askedIfAny = async <A>(call: TaskEither<StoreError, A>): Promise<A | null> => {
  const outcome = await call();
  if (!isLeft(outcome)) return outcome.right;
  if (outcome.left._tag === 'ObjectMissing') return null;
  throw failureOf(outcome.left);
};

/** A store's failure as one of the storage that the table is kept in. */
export const failureOf = (error: StoreError): PersistenceError => {
  switch (error._tag) {
    case 'StoreFailed':
      return {
        _tag: 'StorageFailed',
        path: `${error.store}/${error.key}`,
        call: error.call,
        code: error.message.includes(error.code) ? error.message : `${error.code}: ${error.message}`,
        ...(error.isTransient ? { unreached: error.store } : {}),
      };
    case 'ObjectMissing':
      return {
        _tag: 'StorageFailed',
        path: `${error.store}/${error.key}`,
        call: 'get',
        code: 'it is missing',
      };
    default:
      return {
        _tag: 'StorageFailed',
        path: 'store' in error ? error.store : error.url,
        call: 'use',
        code: describeStoreError(error),
      };
  }
};

/** The failure of fetching, which is that of a remote, as one of the table. */
export const tableFailureOf = (error: RemoteError): TLogError => {
  switch (error._tag) {
    case 'StoreFailed':
    case 'ObjectMissing':
    case 'ConditionFailed':
    case 'InvalidPlace':
    case 'BudgetSpent':
    case 'ConditionsIgnored':
      return failureOf(error);
    case 'RemoteDamaged':
      return { _tag: 'CorruptData', path: `${error.store}/${error.key}`, problem: error.problem };
    case 'RemoteTooLarge':
      return {
        _tag: 'CorruptData',
        path: error.store,
        problem: `its log entries have more than ${error.maxLogBytes} bytes`,
      };
    case 'NotARemote':
      return { _tag: 'NotAPond', path: error.store };
    case 'OtherPond':
    case 'Diverged':
    case 'NotWhole':
      return { _tag: 'CorruptData', path: error.store, problem: 'it is not the table that was there before' };
    default:
      return error;
  }
};
