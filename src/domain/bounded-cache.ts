/** Remembers values up to a total weight; what was used longest ago is forgotten first. */
export interface BoundedCache<A> {
  readonly get: (key: string) => A | undefined;
  readonly put: (key: string, value: A, weight: number) => void;
  /** Forgets a value and returns it. */
  readonly take: (key: string) => A | undefined;
}

export const boundedCache = <A>(limit: number): BoundedCache<A> => {
  // A Map keeps the order of insertion: the first key is the one that was used longest ago.
  const kept = new Map<string, { readonly value: A; readonly weight: number }>();
  let total = 0;
  const drop = (key: string) => {
    total -= kept.get(key)?.weight ?? 0;
    kept.delete(key);
  };
  return {
    get: (key) => {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found.value;
    },
    take: (key) => {
      const found = kept.get(key);
      drop(key);
      return found?.value;
    },
    put: (key, value, weight) => {
      drop(key);
      kept.set(key, { value, weight });
      total += weight;
      for (const oldest of kept.keys()) {
        if (total <= limit || oldest === key) break;
        drop(oldest);
      }
    },
  };
};
