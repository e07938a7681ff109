import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['mknod', 'file', '/in/a.csv', '--config', 'id,v\n1,a\n2,b\n2,b\n3,c\n']);
  await pond.run(['copy', '-', '/in/a.csv'], { input: 'id,v\n1,a\n2,b\n3,x\n4,d\n' });
  await pond.run(['copy', '-', '/in/notes'], { input: 'no rows\n' });
});
afterAll(() => pond.remove());

const rows = async (...argv: readonly string[]) =>
  JSON.parse((await pond.run(['diff', '2', '--rows', '--json', ...argv])).stdout).differences;

it('the rows that differ are found as multisets', async () => {
  const [changed, added] = await rows();
  expect(changed).toMatchObject({ kind: 'changed', path: '/in/a.csv' });
  expect(changed.rows).toHaveLength(4);
  expect(changed.rows).toEqual(
    expect.arrayContaining([
      { change: 'removed', times: 1, id: 2, v: 'b' },
      { change: 'removed', times: 1, id: 3, v: 'c' },
      { change: 'added', times: 1, id: 3, v: 'x' },
      { change: 'added', times: 1, id: 4, v: 'd' },
    ]),
  );
  expect(added).toMatchObject({ kind: 'added', path: '/in/notes' });
  expect(added).not.toHaveProperty('rows');
});

it('a key pairs the rows before and after', async () => {
  const [{ rows: found }] = await rows('/in/a.csv', '--key', 'id');
  expect(found).toEqual([
    { change: 'removed', times: 1, id: 2, v: 'b' },
    { change: 'before', times: 1, id: 3, v: 'c' },
    { change: 'after', times: 1, id: 3, v: 'x' },
    { change: 'added', times: 1, id: 4, v: 'd' },
  ]);
});

it('a key that a content does not have is an error with its path and its columns', async () => {
  const { stderr } = await pond.run(['diff', '2', '/in/a.csv', '--rows', '--key', 'station'], { expect: 1 });
  expect(stderr).toContain('/in/a.csv has no column station, which is to be the key\n  try: a key of id, v,');
});

it('people see the rows below each path', async () => {
  const { stdout } = await pond.run(['diff', '2', '/in/a.csv', '--rows']);
  expect(stdout).toMatch(/^changed {2}\/in\/a\.csv/);
  expect(stdout).toMatch(/added +1 +4 +d/);
});
