import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let [told, other]: TempPond[] = [];
beforeAll(async () => {
  [told, other] = [await tempPond(callPond), await tempPond(callPond)];
});
afterAll(async () => {
  await told?.remove();
  await other?.remove();
});

const run = (args: readonly string[], expect: number) => {
  if (told === undefined || other === undefined) throw new Error('there is no pond');
  // The environment names another one, which a command that does not say the pond would be about.
  return other.run(['--pond', told.pond, ...args], { expect });
};

it('what is typed as it was advised is about the pond that the command line named', async () => {
  const directory = told?.pond ?? '';
  await run(
    ['mknod', 'test-executor', '/etc/system.d/10-fail', '--config', '{ message: hello, fail: true }'],
    0,
  );
  const { stderr } = await run(['mkdir', '/in'], 3);
  expect(stderr).toContain(`\n  pond --pond ${directory} control retry 3.1\n`);
  for (const args of [
    ['control', '--incomplete'],
    ['status', '--post-commit'],
  ])
    expect((await run(args, 0)).stdout).toContain(`\n    pond --pond ${directory} control retry 3.1`);
  expect((await run(['control', 'retry', '3.1'], 3)).stderr).toContain(
    `\n  pond --pond ${directory} control retry 3.1\n`,
  );
  expect((await run(['cat', '/in/nothing'], 1)).stderr).toContain(
    `\n  try: pond --pond ${directory} list shows what is there\n`,
  );
  expect((await run(['cat', '/in/nothing', '--json'], 1)).stdout).toContain(
    '"pond list shows what is there"',
  );
});
