import * as t from 'io-ts';

const isTexts = (input: unknown): input is readonly string[] =>
  Array.isArray(input) && input.length > 0 && input.every((item) => typeof item === 'string' && item !== '');

/** One string or a list of strings in a configuration, none of them empty; decoded as a list. */
export const TextListCodec = new t.Type<readonly string[], unknown, unknown>(
  'a text or a list of texts',
  isTexts,
  (input, context) => {
    const items: readonly unknown[] = Array.isArray(input) ? input : [input];
    if (items.length === 0)
      return t.failure(input, context, 'expected a text or a list of texts, got an empty list');
    const errors = items.flatMap((item, index): t.Errors => {
      if (typeof item === 'string' && item !== '') return [];
      const place = { key: String(index), type: t.string, actual: item };
      const message = item === '' ? 'expected a text, got an empty one' : undefined;
      const where = Array.isArray(input) ? [...context, place] : context;
      return [{ value: item, context: where, ...(message === undefined ? {} : { message }) }];
    });
    return errors.length > 0
      ? t.failures(errors)
      : t.success(items.filter((item) => typeof item === 'string'));
  },
  t.identity,
);
