import type { SchemaConflict } from '../domain/series/series-fit.js';
import type { MisfitValue } from '../ports/query-engine.js';
import type { TinyFsError } from '../tinyfs/errors.js';

type NotParquet = Extract<TinyFsError, { _tag: 'NotParquet' }>;

/** The error with the value that is the reason for it, where one was found when its version was made of CSV. */
export const withMisfit =
  (misfits: readonly MisfitValue[]) =>
  <E extends { readonly _tag: string }>(error: E): E | SchemaConflict | NotParquet => {
    if (lacksTimes(error)) {
      const [misfit] = misfits;
      return misfit === undefined ? error : { ...error, misfit };
    }
    if (!isConflict(error)) return error;
    const misfit = misfits.find(({ column }) => column.toLowerCase() === error.column.toLowerCase());
    return misfit === undefined ? error : { ...error, value: { text: misfit.text, line: misfit.line } };
  };

const isConflict = (error: { readonly _tag: string }): error is SchemaConflict =>
  error._tag === 'SchemaConflict';

const lacksTimes = (error: { readonly _tag: string }): error is NotParquet =>
  error._tag === 'NotParquet' && 'lacksTimes' in error;
