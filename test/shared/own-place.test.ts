// What would be written into the store that a pond lies in, or is said of a store where there is none, is refused.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder('own-place');
afterAll(() => removeFolder(folder));

const env = (POND: string) => ({
  POND,
  POND_STATE_DIR: `${folder}/state`,
  POND_CACHE: `${folder}/copies`,
  POND_CONTROL: `file://${folder}/control`,
});

const address = `file://${folder}/store`;

const call = (args: readonly string[], pond = address) =>
  callPond(args, { env: env(pond), workingDirectory: folder });

const done = async (args: readonly string[], pond?: string) => {
  const { code, stdout, stderr } = await call(args, pond);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
};

/** Calls what is to be refused; returns what was said. */
const refused = async (args: readonly string[], pond?: string) => {
  const { code, stderr } = await call(args, pond);
  expect(code, args.join(' ')).toBe(2);
  return stderr;
};

it('a pond in a directory that is a store is copied neither into that directory nor out of it', async () => {
  mkdirSync(`${folder}/in`);
  writeFileSync(`${folder}/in/_pond.json`, 'not a pond');
  await done(['init']);
  await done(['copy', `host://${folder}/in/_pond.json`, '/_pond.json']);
  const before = readFileSync(`${folder}/store/_pond.json`, 'utf8');
  for (const target of ['store', 'store/', 'store/_pond.json', 'store/below/x'])
    expect(await refused(['copy', '/_pond.json', `host://${folder}/${target}`])).toContain("the pond's own");
  expect(await refused(['copy', `host://${folder}/store/_pond.json`, '/x'])).toContain("the pond's own");
  expect(readFileSync(`${folder}/store/_pond.json`, 'utf8')).toBe(before);
  await done(['copy', '/_pond.json', `host://${folder}/out.json`]);
});

it('exports are not in it, and watched folders neither', async () => {
  const entries = {
    '/etc/system.d/10-site': `factory: host-export\nhost: ${hostname()}\nconfig: { source: "/**", target: ${folder}/store/site }`,
    '/etc/system.d/11-figures': `factory: metrics\nconfig: { paths: ["/**"], prometheus: ${folder}/store/x.prom }`,
    '/etc/watch.d/10-in': `factory: watch\nhost: ${hostname()}\nconfig: { folder: ${folder}/store, into: /in/ }`,
  };
  const before = readdirSync(`${folder}/store`);
  for (const [path, config] of Object.entries(entries))
    await done(['mknod', '--factory', factoryOf(config), path, '--config', config, '--no-post-commit']);
  const { code } = await call(['mkdir', '/a']);
  expect(code).toBe(3);
  const said = await done(['show-post-commit', '--json']);
  for (const place of ['store/site', 'store/x.prom'])
    expect(said).toContain(`${place} is in ${folder}/store`);
  const { stdout, stderr } = await call(['watch']);
  expect(stdout + stderr).toContain("is in the pond's own directory");
  expect(readdirSync(`${folder}/store`).filter((name) => !name.startsWith('part-'))).toEqual(
    before.filter((name) => !name.startsWith('part-')),
  );
  for (const path of Object.keys(entries)) await done(['rm', path, '--no-post-commit']);
});

const factoryOf = (config: string) => /^factory: (.*)/.exec(config)?.[1] ?? '';

it('is not a remote of its own, and nor is what lies below', async () => {
  for (const url of [address, `${address}/`, `${address}/below`])
    expect(await refused(['remote', 'add', 'me', url])).toContain('the pond itself lies at');
  await done(['remote', 'add', 'up', `${address}-beside`]);
  await done(['push']);
});

it('takes no history that a copy of it sends there', async () => {
  await done(['restore', address, `${folder}/copy`]);
  await done(['remote', 'add', '--replace', 'up', address], `${folder}/copy`);
  const before = readdirSync(`${folder}/store/_delta_log`);
  expect(await refused(['push'], `${folder}/copy`)).toContain('a pond lies there that takes writes itself');
  expect(readdirSync(`${folder}/store/_delta_log`)).toEqual(before);
});

it('what is only meant as an address makes no directory, and what is said of a store none either', async () => {
  const before = readdirSync(folder);
  for (const meant of ['S3://bucket/x', 's3:/bucket/x', 's3:bucket/x', `file:${folder}/x`, 'FILE:///x'])
    expect(await refused(['init', meant])).toContain('is not the address of a store');
  for (const option of ['control', 'endpoint', 'region', 'cache'])
    for (const args of [
      ['init', 'dir'],
      ['list', '--pond', 'dir'],
      ['worker', 'dir'],
    ])
      expect(await refused([...args, `--${option}`, 'http://here'])).toContain(
        `--${option} is for a pond in a store`,
      );
  expect(readdirSync(folder)).toEqual(before);
  await done(['init', 'dir']);
});

it('advice about a database that is not approved is to name it: what else the pond would run is known only with it', async () => {
  const { code, stderr } = await callPond(['list'], {
    env: { ...env(address), POND_CONTROL: undefined, POND_STATE_DIR: `${folder}/state-of-another` },
    workingDirectory: folder,
  });
  expect(code).toBe(7);
  expect(stderr).toContain('name it once with --control');
  expect(stderr).not.toContain('pond trust');
});
