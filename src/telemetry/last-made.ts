/** The same function, which makes nothing again for what it was given last: most calls are about the same provider, and the same parent. */
export const lastMade = <Given extends object, Made>(
  make: (given: Given) => Made,
): ((given: Given) => Made) => {
  let last: { readonly given: Given; readonly made: Made } | null = null;
  return (given) => {
    if (last?.given !== given) last = { given, made: make(given) };
    return last.made;
  };
};
