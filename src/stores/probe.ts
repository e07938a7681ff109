import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { ReliableStore } from './reliable-store.js';
import type { StoreError } from './store-error.js';

/** Writers of one object at once. */
const RACERS = 16;

/**
 * Finds out whether a store heeds the conditions of writes, on which every push relies: of several writers of one new
 * object exactly one must be told that it was the first. `name`: a key that nobody else uses; it is removed again.
 */
export const probeStore = (store: ReliableStore, name: string): TaskEither<StoreError, void> =>
  steps(async ({ run, take, fail }) => {
    const key = `_probe/${name}`;
    const racers = await Promise.all(
      Array.from({ length: RACERS }, (_, racer) =>
        store.put({ key, content: Buffer.from(`${name} ${racer}\n`), condition: { _tag: 'Absent' } })(),
      ),
    );
    const winners = racers.filter(isRight).length;
    const failed = racers.find((racer) => isLeft(racer) && racer.left._tag !== 'ConditionFailed');
    await run(store.delete(key));
    if (failed !== undefined) take(failed);
    if (winners !== 1) {
      await fail({ _tag: 'ConditionsIgnored', store: store.url, racers: RACERS, winners });
    }
  });
