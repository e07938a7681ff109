import * as fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import { executable, type Given, worldOf } from '../../test/host/machinery/arbitrary-plan.js';
import type { Fate } from '../../test/host/machinery/dying-ports.js';
import { NEVER, planOf, type World, withoutTimes } from '../../test/host/machinery/memory-world.js';
import { testLaw } from '../../test/planner/law.js';

/** What the product runs on; faults are planted in it. */
type Surroundings = (given: Given) => World;

const sound: Surroundings = worldOf;

/** A filesystem on which one kind of call claims to have worked, and has not. */
const withoutEffectOf =
  (...calls: readonly (keyof HostFileSystem)[]): Surroundings =>
  (given) => {
    const world = worldOf(given);
    const { memory } = world;
    for (const call of calls) Object.assign(memory.files, { [call]: () => () => ({ _tag: 'Right' }) });
    return world;
  };

const execute = (world: World, { operations }: Given, fate: Fate | null, concurrency = 1) => {
  const { plans, ports } = world.process(fate);
  return {
    done: plans.execute(planOf(operations), { concurrency, signal: NEVER })(),
    calls: ports.calls,
  };
};

const leftovers = (world: World) => world.tree().filter((line) => line.includes('.pond-host-plan'));

const callsOf = async (given: Given): Promise<number> => {
  const { done, calls } = execute(worldOf(given), given, null);
  await done;
  return calls();
};

testLaw(
  'a failure of any call is followed by the exact tree from before, unless everything had been done',
  (surroundings: Surroundings) =>
    fc.asyncProperty(executable, fc.nat(), async (given, seed) => {
      const at = 1 + (seed % (await callsOf(given)));
      const world = surroundings(given);
      const before = world.tree();
      const done = await execute(world, given, { at, what: 'fail' }).done;
      return isRight(done) || JSON.stringify(world.tree()) === JSON.stringify(before);
    }),
  sound,
  {
    'links and files that cannot be removed': withoutEffectOf('removeFile'),
    'directories that cannot be removed': withoutEffectOf('removeDirectory'),
  },
);

testLaw(
  'recovery after a crash at any call gives the old tree or the new one, and repeating it changes nothing',
  (surroundings: Surroundings) =>
    fc.asyncProperty(executable, fc.nat(), async (given, seed) => {
      const after = worldOf(given);
      await execute(after, given, null).done;
      const at = 1 + (seed % (await callsOf(given)));
      const world = surroundings(given);
      const before = JSON.stringify(world.tree());
      await execute(world, given, { at, what: 'die-after' }).done.catch(() => undefined);
      await world.process().plans.recover({ again: true })();
      const once = world.tree();
      await world.process().plans.recover({ again: true })();
      return (
        JSON.stringify(world.tree()) === JSON.stringify(once) &&
        leftovers(world).length === 0 &&
        (JSON.stringify(once) === before ||
          JSON.stringify(withoutTimes(once)) === JSON.stringify(withoutTimes(after.tree())))
      );
    }),
  sound,
  {
    'links and files that cannot be removed': withoutEffectOf('removeFile'),
    'a world that nobody recovers': (given) => {
      const world = worldOf(given);
      const recover = () => async () => ({ _tag: 'Right' as const, right: [] });
      return {
        ...world,
        process: (fate) => {
          const process = world.process(fate);
          return { ...process, plans: { ...process.plans, recover } };
        },
      };
    },
  },
);

testLaw(
  'what prepare accepts is executed, side by side as one after another',
  (surroundings: Surroundings) =>
    fc.asyncProperty(executable, async (given) => {
      const one = surroundings(given);
      const four = surroundings(given);
      const sequential = await execute(one, given, null, 1).done;
      const parallel = await execute(four, given, null, 4).done;
      return (
        !isLeft(sequential) &&
        !isLeft(parallel) &&
        leftovers(one).length === 0 &&
        JSON.stringify({ ...sequential.right, durations: {} }) ===
          JSON.stringify({ ...parallel.right, durations: {} }) &&
        JSON.stringify(withoutTimes(one.tree())) === JSON.stringify(withoutTimes(four.tree()))
      );
    }),
  sound,
  { 'names that cannot be given': withoutEffectOf('link') },
);
