import { setImmediate as nextTurn } from 'node:timers/promises';
import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { diskPond } from '../serve/serving.js';
import { ok } from './memory-steward.js';

/** What work comes to, and how often something else of the process had a turn meanwhile. */
const turnsDuring = async <A>(work: Promise<A>): Promise<readonly [A, number]> => {
  let [isOver, turns] = [false, 0];
  const ended = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await nextTurn();
    turns += 1;
  }
  return [await ended, turns];
};

test('whoever asks something else of the same process has a turn while a long history is looked through', async () => {
  const pond = await diskPond();
  const steward = await pond.open();
  for (let at = 0; at < 110; at += 1)
    ok(await steward.write(({ fs }) => fs.write('/a', Buffer.from(`${at}`)))());
  const asked = () => steward.history('/a', {})();
  // Once before: what is read is kept, and no file system gives way the second time.
  expect(ok(await asked())).toHaveLength(110);
  const [answer, turns] = await turnsDuring(asked());
  expect(ok(answer)).toHaveLength(110);
  expect(turns).toBeGreaterThan(2);
  await steward.close()();
});

test('so it has while many differences are looked for', async () => {
  const pond = await diskPond();
  const steward = await pond.open();
  const many = 900;
  ok(
    await steward.write(({ fs }) => async () => {
      for (let at = 0; at < many; at += 1) ok(await fs.write(`/${at}`, Buffer.from(`${at}`))());
      return right(undefined);
    })(),
  );
  const asked = () => steward.compare({ from: 1, to: 2 })();
  expect(ok(await asked()).differences).toHaveLength(many);
  const [answer, turns] = await turnsDuring(asked());
  expect(ok(answer).differences).toHaveLength(many);
  // One for each two hundred of them.
  expect(turns).toBeGreaterThan(3);
  await steward.close()();
});
