/**
 * Folds of records, each kept with the number of records that it is made of. Records are only ever added, so a fold is what it was
 * as long as there are no more of them: whoever looks again and again, as a server does, reads what has changed.
 */
export interface KeptFolds<A> {
  /** Returns a fold of so many records; null: it is not known. */
  readonly get: (key: string, records: number) => A | null;
  /** Keeps a fold. `weight`: about how many bytes it holds. Those that were not looked at for the longest time make room. */
  readonly keep: (key: string, fold: { readonly records: number; readonly weight: number }, value: A) => void;
}

/** Keeps folds that weigh at most so much together. */
export const keptFolds = <A>(most: number): KeptFolds<A> => {
  const kept = new Map<string, { readonly records: number; readonly weight: number; readonly value: A }>();
  let weighs = 0;
  const remove = (key: string): void => {
    weighs -= kept.get(key)?.weight ?? 0;
    kept.delete(key);
  };
  return {
    get: (key, records) => {
      const known = kept.get(key);
      if (known?.records !== records) return null;
      kept.delete(key);
      kept.set(key, known);
      return known.value;
    },
    keep: (key, fold, value) => {
      remove(key);
      kept.set(key, { ...fold, value });
      weighs += fold.weight;
      for (const oldest of kept.keys()) {
        if (weighs <= most) break;
        remove(oldest);
      }
    },
  };
};
