import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

let own: TempPond;
beforeAll(async () => {
  own = await tempPond(callPond);
  await own.run(['mknod', 'command', '/etc/system.d/20-say', '--config', 'run: [echo, said]']);
});
afterAll(() => own.remove());

const asOther = () => ({ pond: own.pond, env: { POND_STATE_DIR: join(own.host, 'other') } });

describe('a pond whose configuration this user has made', () => {
  it('asks nothing, and neither does its copy', async () => {
    await own.run(['mkdir', '/a']);
    await cp(own.pond, join(own.host, 'copy'), { recursive: true });
    const copied = await callPond(['mkdir', '/b'], { pond: join(own.host, 'copy') });
    expect(copied.code).toBe(0);
  });
});

describe('a pond whose configuration this user has not approved', () => {
  it('refuses a write before anything happens, and says what would run', async () => {
    const refused = await callPond(['mkdir', '/refused'], asOther());
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain('/etc/system.d/20-say: runs echo said');
    expect((await callPond(['list', '/refused'], asOther())).code).toBe(1);
  });

  it('takes a write that is followed by nothing, and is approved by pond trust until that is taken back', async () => {
    const landed = await callPond(['mkdir', '/landed', '--no-post-commit', '--json'], asOther());
    expect(JSON.parse(landed.stdout)).toMatchObject({ suppressed: 'not-trusted', tasks: [] });
    expect((await callPond(['trust'], asOther())).code).toBe(2);
    expect((await callPond(['trust', '--yes'], asOther())).code).toBe(0);
    expect((await callPond(['mkdir', '/trusted'], asOther())).code).toBe(0);
    expect((await callPond(['trust', '--revoke', own.pond], asOther())).code).toBe(0);
    expect(await callPond(['trust', '--revoke', own.pond], asOther())).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^pond: nothing is approved for .+\n {2}try: pond trust --list/),
    });
    expect((await callPond(['mkdir', '/again'], asOther())).code).toBe(7);
    expect((await callPond(['mkdir', '/again', '--trust'], asOther())).code).toBe(0);
  });
});
