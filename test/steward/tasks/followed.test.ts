import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { expect, test } from 'vitest';
import { asyncCauses } from '../../../src/adapters/node/own-process/async-causes.js';
import type { ExecutableFactory, Factory } from '../../../src/factories/factory.js';
import { createMemoryPond } from '../../../src/memory-pond.js';

test('what a task calls is followed, unless its factory calls nobody', async () => {
  const followed: Record<string, boolean> = {};
  const looking = (name: string, callsNobody: boolean): ExecutableFactory<unknown> => ({
    name,
    description: 'looks whether it is followed',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: t.unknown,
    callsNobody,
    execute: () =>
      TE.fromIO(() => {
        followed[name] = asyncCauses.current() !== null;
      }),
  });
  const factories = [looking('calling', false), looking('calling-nobody', true)];
  const pond = await createMemoryPond({ factories: factories as Factory[] });
  for (const { name } of factories)
    await pond.promises.write(({ fs }) =>
      fs.createDynamicPath(`/etc/system.d/${name}`, 'file:dynamic', name, Buffer.from('{}')),
    );
  await pond.promises.write(({ fs }) => fs.write('/data', Buffer.from('x')));
  expect(followed).toEqual({ calling: true, 'calling-nobody': false });
});
