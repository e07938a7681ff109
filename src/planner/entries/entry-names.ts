/** Meaning of a name: the one entry, by its index, or why it is not one. (A number, because there are many.) */
export type NameMeaning =
  | number
  | { readonly _tag: 'Nothing' }
  | { readonly _tag: 'Several'; readonly entries: readonly number[] };

const NOTHING: NameMeaning = { _tag: 'Nothing' };

/**
 * Finds entries by the names that people write: as they are, or else with or without the extension `.yaml` or `.yml`.
 * A name that is an entry's own never means another.
 */
export const entryNames = (names: readonly string[]): ((written: string) => NameMeaning) => {
  const exact = new Map<string, number>();
  for (let entry = 0; entry < names.length; entry += 1) exact.set(names[entry] ?? '', entry);
  let byStem: ReadonlyMap<string, readonly number[]> | null = null;
  return (written) => {
    const entry = exact.get(written);
    if (entry !== undefined) return entry;
    // Few names are written otherwise than they are.
    byStem ??= entriesByStem(names);
    const entries = byStem.get(stemOf(written)) ?? [];
    const [first] = entries;
    if (first === undefined) return NOTHING;
    return entries.length === 1 ? first : { _tag: 'Several', entries };
  };
};

const entriesByStem = (names: readonly string[]): ReadonlyMap<string, readonly number[]> => {
  const byStem = new Map<string, number[]>();
  for (const [entry, name] of names.entries()) {
    const stem = stemOf(name);
    const entries = byStem.get(stem);
    if (entries === undefined) byStem.set(stem, [entry]);
    else entries.push(entry);
  }
  return byStem;
};

const stemOf = (name: string): string => name.replace(/\.ya?ml$/i, '');
