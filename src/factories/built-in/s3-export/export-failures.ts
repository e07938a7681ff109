import { describeStoreError, type StoreError } from '../../../stores/store-error.js';
import type { FactoryContext, FactoryError } from '../../factory.js';

/** The failure of an export, in words. */
export const failure = (
  { path }: Pick<FactoryContext, 'path'>,
  message: string,
): Extract<FactoryError, { readonly _tag: 'FactoryFailed' }> => ({
  _tag: 'FactoryFailed',
  path,
  factory: 's3-export',
  message,
});

/** A failure that another attempt would have, too. */
export const refusal = (context: Pick<FactoryContext, 'path'>, message: string): FactoryError => ({
  ...failure(context, message),
  retryable: false,
});

/** The failure of an export whose store did not do what it was asked to. */
export const storeFailed = (context: Pick<FactoryContext, 'path'>, error: StoreError): FactoryError => ({
  ...failure(context, describeStoreError(error)),
  retryable: error._tag === 'ConditionFailed' || (error._tag === 'StoreFailed' && error.isTransient),
});
