import type { ConditionFailed, InvalidPlace, ObjectMissing, StoreFailed } from '../ports/object-store.js';

/** A store's budget of the day is used up: the request was not made. */
export interface BudgetSpent {
  readonly _tag: 'BudgetSpent';
  /** Address of the store, without secrets. */
  readonly store: string;
  readonly what: 'bytes' | 'requests';
  /** Number that a day may have. */
  readonly limit: number;
}

/** A store lets several writers at once believe that each of them was the only one. */
export interface ConditionsIgnored {
  readonly _tag: 'ConditionsIgnored';
  /** Address of the store, without secrets. */
  readonly store: string;
  /** Writers that tried to be the only one. */
  readonly racers: number;
  /** Writers of one key that were told that they had won. */
  readonly winners: number;
}

/** Reason why something with a store did not succeed. */
export type StoreError =
  | StoreFailed
  | ObjectMissing
  | ConditionFailed
  | InvalidPlace
  | BudgetSpent
  | ConditionsIgnored;

/** An error of a store as one sentence without a full stop. */
export const describeStoreError = (error: StoreError): string => {
  switch (error._tag) {
    case 'StoreFailed':
      return `${error.store}: ${error.call} ${error.key}: ${error.message}${error.message.includes(error.code) ? '' : ` (${error.code})`}`;
    case 'ObjectMissing':
      return `${error.store}: there is no object ${error.key}`;
    case 'ConditionFailed':
      return `${error.store}: somebody else has written ${error.key} meanwhile`;
    case 'InvalidPlace':
      return `${error.url} is not the address of a store: ${error.problem}`;
    case 'BudgetSpent':
      return `${error.store}: today's budget of ${error.limit} ${error.what} is used up`;
    case 'ConditionsIgnored':
      return `${error.store} ignores the conditions of writes: ${error.winners} of ${error.racers} writers of one object were told that they were the first, so that two pushes at once could destroy each other's history`;
  }
};
