/** A value that is made when it is first asked for, and not again. */
export const madeOnce = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};
