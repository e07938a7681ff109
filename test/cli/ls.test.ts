import { beforeAll, describe, expect, it } from 'vitest';
import { type CliPond, cliPond } from './on-memory-pond.js';

let given: CliPond;
beforeAll(async () => {
  given = await cliPond();
  await given.promises.write(async ({ fs }) => {
    await fs.mkdirAll('/in/deep');
    await fs.write('/in/a.csv', Buffer.from('a\n'));
    await fs.write('/in/deep/b.csv', Buffer.from('b\n'));
    await fs.symlink('/in', '/link');
  });
});

const ls = async (...argv: readonly string[]) =>
  (await given.pond(['ls', ...argv])).stdout.split('\n').slice(0, -1);

describe('pond ls', () => {
  it('lists what is in a directory and not below it, by default in /', async () => {
    expect(await ls()).toEqual(['/etc', '/in', '/link']);
    expect(await ls('/in')).toEqual(['/in/a.csv', '/in/deep']);
    expect(await ls('/in/')).toEqual(['/in/a.csv', '/in/deep']);
  });

  it('with -d shows the own entry of a directory, and of a file always', async () => {
    expect(await ls('-d', '/in')).toEqual(['/in']);
    expect(await ls('/in/a.csv')).toEqual(['/in/a.csv']);
  });

  it('looks behind a symlink, and with -d at the link', async () => {
    expect(await ls('/link')).toEqual(['/link/a.csv', '/link/deep']);
    expect(await ls('-d', '/link')).toEqual(['/link']);
  });

  it('shows what a pattern matches', async () => {
    expect(await ls('/in/*')).toEqual(['/in/a.csv', '/in/deep']);
  });

  it('refuses what is not there, and a file that is called a directory', async () => {
    expect(await given.pond(['ls', '/none'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('/none'),
    });
    expect(await given.pond(['ls', '/in/a.csv/'])).toMatchObject({ code: 1 });
    expect(await given.pond(['ls', 'in'])).toMatchObject({ code: 2 });
  });
});

it('pond list shows everything, and of an exact path the entry', async () => {
  expect((await given.pond(['list', '/in'])).stdout).toBe('/in\n');
  expect((await given.pond(['list'])).stdout).toContain('/in/deep/b.csv\n');
});
