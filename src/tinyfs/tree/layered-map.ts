/**
 * A map that begins as another one, which stays what it is. Making it takes no time, and copying it takes as long as
 * what was changed in it is long, however many entries there are. It is in no particular order, and no value is
 * `undefined`.
 */
export interface LayeredMap<K, V> {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => void;
  readonly delete: (key: K) => void;
  /** Entries that were ever in it, those that are gone included. */
  readonly size: () => number;
  readonly entries: () => Iterable<readonly [K, V]>;
  readonly values: () => Iterable<V>;
  /** The same map: what becomes of either is nothing to the other. */
  readonly copy: () => LayeredMap<K, V>;
}

/** `changed`: what is otherwise than in `base`; undefined: not there. */
export const layeredMap = <K, V>(
  base: ReadonlyMap<K, V>,
  changed: Map<K, V | undefined> = new Map(),
): LayeredMap<K, V> => {
  function* changedEntries(): Generator<readonly [K, V]> {
    for (const entry of base) if (!changed.has(entry[0])) yield entry;
    for (const [key, value] of changed) if (value !== undefined) yield [key, value];
  }
  function* changedValues(): Generator<V> {
    for (const [, value] of changedEntries()) yield value;
  }
  const entries = (): Iterable<readonly [K, V]> => (changed.size === 0 ? base.entries() : changedEntries());
  return {
    get: (key) => (changed.has(key) ? changed.get(key) : base.get(key)),
    set: (key, value) => {
      changed.set(key, value);
    },
    delete: (key) => {
      if (base.has(key)) changed.set(key, undefined);
      else changed.delete(key);
    },
    size: () => base.size + changed.size,
    entries,
    values: () => (changed.size === 0 ? base.values() : changedValues()),
    copy: () =>
      changed.size > mostChanges(base.size)
        ? layeredMap(new Map(entries()))
        : layeredMap(base, new Map(changed)),
  };
};

/** Changes that are kept apart at most, so that neither copying them nor, now and then, everything takes long. */
const mostChanges = (size: number): number => 16 + 2 * Math.sqrt(size);
