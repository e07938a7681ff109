import * as t from 'io-ts';

/** A list in a configuration with at least one item. What is wrong with an item is said of that item. */
export const listOf = <A>(item: t.Type<A>, name: string): t.Type<readonly A[], unknown, unknown> =>
  new t.Type(
    name,
    (input): input is readonly A[] => Array.isArray(input) && input.length > 0 && input.every(item.is),
    (input, context) => {
      if (!Array.isArray(input) || input.length === 0) return t.failure(input, context);
      const errors = input.flatMap((each: unknown, index): t.Errors => {
        const place = { key: String(index), type: item, actual: each };
        return item.is(each) ? [] : [{ value: each, context: [...context, place] }];
      });
      return errors.length > 0 ? t.failures(errors) : t.success(input.filter(item.is));
    },
    t.identity,
  );

/** One item or a list of them, decoded as a list. */
export const oneOrMore = <A>(item: t.Type<A>, name: string): t.Type<readonly A[], unknown, unknown> => {
  const list = listOf(item, name);
  return new t.Type(
    name,
    list.is,
    (input, context) => {
      if (Array.isArray(input)) return list.validate(input, context);
      return item.is(input) ? t.success([input]) : t.failure(input, context);
    },
    t.identity,
  );
};
