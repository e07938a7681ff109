import * as fc from 'fast-check';
import { layeredMap } from '../src/tinyfs/tree/layered-map.js';
import { testLaw } from '../test/planner/law.js';

type MakeMap = typeof layeredMap<number, string>;

type Step =
  | { readonly _tag: 'set'; readonly map: number; readonly key: number; readonly value: string }
  | { readonly _tag: 'delete'; readonly map: number; readonly key: number }
  | { readonly _tag: 'copy'; readonly map: number };

const key = fc.nat({ max: 60 });
const map = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ _tag: fc.constant('set' as const), map, key, value: fc.string({ maxLength: 2 }) }),
  fc.record({ _tag: fc.constant('delete' as const), map, key }),
  fc.record({ _tag: fc.constant('copy' as const), map }),
);
const start = fc.uniqueArray(fc.tuple(key, fc.string({ maxLength: 2 })), { selector: ([one]) => one });

/** Every map, copied from another or not, is at every moment what a plain map would be. */
const isAMap = (make: MakeMap) =>
  fc.property(start, fc.array(step, { size: 'max', maxLength: 200 }), (initial, steps) => {
    const maps = [{ layered: make(new Map(initial)), plain: new Map(initial) }];
    for (const step of steps) {
      const { layered, plain } = maps[step.map % maps.length] ?? { layered: null, plain: null };
      if (layered === null) return false;
      if (step._tag === 'set') {
        layered.set(step.key, step.value);
        plain.set(step.key, step.value);
      } else if (step._tag === 'delete') {
        layered.delete(step.key);
        plain.delete(step.key);
      } else maps.push({ layered: layered.copy(), plain: new Map(plain) });
    }
    return maps.every(
      ({ layered, plain }) =>
        JSON.stringify([...layered.entries()].sort(([a], [b]) => a - b)) ===
          JSON.stringify([...plain].sort(([a], [b]) => a - b)) &&
        [...layered.values()].length === plain.size &&
        Array.from({ length: 61 }, (_, one) => one).every((one) => layered.get(one) === plain.get(one)),
    );
  });

/** A fault: a copy that goes on with what the other goes on with. */
const sharing: MakeMap = (base, changed) => {
  const made = layeredMap(base, changed);
  const copy = (): typeof made => ({ ...made, copy });
  return { ...made, copy };
};

testLaw('a layered map is a map, and its copies are maps of their own', isAMap, layeredMap, {
  'copies share their changes': sharing,
});
