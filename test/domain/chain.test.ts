import { expect, test } from 'vitest';
import { type Chain, countOfSameCause } from '../../src/domain/plans/chain.js';

const link = (task: string, config_path = '/etc/system.d/a', pond_id = 'p') => ({
  pond_id,
  task,
  config_path,
});

test('commits are counted by the commit whose task is outermost, whatever is inside it', () => {
  const chain: Chain = [link('4.1'), link('5.1', '/etc/system.d/b')];
  const commits = [
    [link('4.1')],
    [link('4.1'), link('9.2')],
    [link('4.2')],
    [link('3.1'), link('4.1')],
    [link('4.1', '/etc/system.d/a', 'q')],
    [],
  ];
  expect(
    countOfSameCause(
      chain,
      commits.map((causedBy) => ({ causedBy })),
    ),
  ).toBe(3);
});
