import * as t from 'io-ts';

/** A path or a pattern of the pond in a configuration. */
export const SourceCodec = new t.Type<string, string, unknown>(
  'a path or a pattern such as /sensors/north',
  (input): input is string => typeof input === 'string' && /^\/[^\0]+$/.test(input),
  (input, context) =>
    typeof input === 'string' && /^\/[^\0]+$/.test(input) ? t.success(input) : t.failure(input, context),
  t.identity,
);

/** Name of a column in a configuration. */
export const ColumnCodec = new t.Type<string, string, unknown>(
  'the name of a column',
  (input): input is string => typeof input === 'string' && input !== '',
  (input, context) =>
    typeof input === 'string' && input !== '' ? t.success(input) : t.failure(input, context),
  t.identity,
);
