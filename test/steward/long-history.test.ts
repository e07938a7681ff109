import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { diskPond } from '../serve/serving.js';
import { ok } from './memory-steward.js';

test('whoever asks something else of the same process has a turn while a long history is looked through', async () => {
  const pond = await diskPond();
  const steward = await pond.open();
  for (let at = 0; at < 110; at += 1)
    ok(await steward.write(({ fs }) => fs.write('/a', Buffer.from(`${at}`)))());
  const asked = () => steward.history('/a', {})();
  // Once before: what is read is kept, and no file system gives way the second time.
  expect(ok(await asked())).toHaveLength(110);
  let [isOver, turns] = [false, 0];
  const answer = asked().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await nextTurn();
    turns += 1;
  }
  expect(ok(await answer)).toHaveLength(110);
  expect(turns).toBeGreaterThan(2);
  await steward.close()();
});
