import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/adapters/logging/silent-logger.js';
import { nodeModules } from '../../src/adapters/node/node-modules.js';
import type { Factory } from '../../src/factories/factory.js';
import { livePorts } from '../../src/live-ports.js';
import { knownFactories } from '../../src/steward/pond/factories/known-factories.js';
import { memoryLogger } from '../support/memory-logger.js';
import { memoryPond } from './memory-steward.js';

test('a setting that is set is listed, and the others with their defaults', async () => {
  const pond = await memoryPond();
  await pond.on((steward) => steward.setSetting('recover.on_open', 'auto'));
  await pond.on((steward) => steward.setSetting('factories', `[${import.meta.filename}]`));
  await pond.on((steward) => steward.setSetting('factory_modes.my.factory', 'pull'));
  expect(await pond.on((steward) => steward.settings())).toEqual(
    expect.arrayContaining([
      { key: 'recover.on_open', value: 'auto', isDefault: false },
      { key: 'factory_modes.my.factory', value: 'pull', isDefault: false },
      { key: 'factories', value: `[ ${import.meta.filename} ]`, isDefault: false },
      { key: 'secret_variables', value: '[]', isDefault: true },
    ]),
  );
});

test('the mode of a factory that nobody can know is refused, with the name that may have been meant', async () => {
  const pond = await memoryPond();
  expect(await pond.ask((steward) => steward.setSetting('factory_modes.comand', 'pull'))).toMatchObject({
    left: {
      _tag: 'InvalidSetting',
      key: 'factory_modes.comand',
      problem: expect.stringContaining('there is no factory "comand" (did you mean command?)'),
    },
  });
  expect((await pond.on((steward) => steward.status())).lastTxnSeq).toBe(1);
});

test('the same value again makes no commit, and the rest of the file stays as it is', async () => {
  const pond = await memoryPond();
  const text = '# ours\nrecover: { on_open: off } # quiet\n';
  await pond.on((steward) => steward.write(({ fs }) => fs.write('/etc/pond.yaml', Buffer.from(text))));
  const again = await pond.on((steward) => steward.setSetting('recover.on_open', 'off'));
  expect(again).toMatchObject({ _tag: 'Unchanged' });
  await pond.on((steward) => steward.setSetting('factory_modes.command', 'pull'));
  const bytes = await pond.on((steward) => steward.read(({ fs }) => fs.readBytes('/etc/pond.yaml')));
  expect(Buffer.from(bytes).toString()).toContain('# ours');
});

test('a remote whose address is none, or carries credentials, is not written into the history', async () => {
  const pond = await memoryPond();
  const places = [
    { url: 's3://key:pa55word@bucket/p' },
    { url: 's3://bucket/p', endpoint: 'https://user:pa55word@store:9000' },
    { url: 's3://Not_A_Bucket' },
    { url: 'file:///a/../b' },
  ];
  for (const place of places) {
    const refused = { left: { _tag: 'InvalidPlace', url: place.url } };
    expect(await pond.ask((steward) => steward.addRemote('up', place))).toMatchObject(refused);
    expect(
      await pond.ask((steward) => steward.setSetting('remotes', JSON.stringify({ up: place }))),
    ).toMatchObject(refused);
  }
  expect((await pond.on((steward) => steward.status())).lastTxnSeq).toBe(1);
  await pond.on((steward) =>
    steward.addRemote('up', { url: 's3://bucket/p', endpoint: 'https://store:9000' }),
  );
  expect((await pond.on((steward) => steward.status())).remotes).toMatchObject([{ name: 'up' }]);
});

test.each([
  ['recover.on_open', 'sometimes', 'recover.on_open'],
  ['no_such', '1', 'no_such'],
  ['recover..on_open', 'warn', 'recover..on_open'],
])('the setting %s: %s is refused, and the key is named', async (key, value, named) => {
  const pond = await memoryPond();
  const answer = await pond.ask((steward) => steward.setSetting(key, value));
  expect(answer).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidSetting', key: named } });
  expect((await pond.on((steward) => steward.status())).lastTxnSeq).toBe(1);
});

const moduleOf = (name: string, description: string) => ({
  factories: [{ name, description, kind: 'file', createFile: () => '' }],
});

const known = (modules: Readonly<Record<string, unknown>>, builtIn: readonly Factory[] = []) => {
  const { logger, lines } = memoryLogger();
  const loads: string[] = [];
  const ports = {
    ...livePorts(silentLogger),
    logger,
    modules: {
      load: (specifier: string, base: string) => {
        loads.push(`${base} ${specifier}`);
        return specifier in modules
          ? TE.right(modules[specifier] as object)
          : TE.left({ message: `no module ${specifier}` } as never);
      },
      within: nodeModules.within,
    },
  };
  return {
    registryFor: knownFactories(ports as never, () => builtIn, ['./named.js'], {
      directory: '/pond',
      hasManyMachines: false,
    }),
    lines,
    loads,
  };
};

test('of two factories with one name the one of the later module counts', async () => {
  const { registryFor } = known({
    './named.js': moduleOf('mine', 'of the process'),
    './set.js': moduleOf('mine', 'of the settings'),
  });
  const found = async (modules: readonly string[]) =>
    (await registryFor({ factoryModules: modules })())
      .list()
      .map(({ name, description }) => [name, description]);
  expect(await found([])).toEqual([['mine', 'of the process']]);
  expect(await found(['./set.js'])).toEqual([['mine', 'of the settings']]);
});

test('a module that cannot be loaded is warned of once, is tried once, and takes nothing else with it', async () => {
  const { registryFor, lines, loads } = known({ './named.js': moduleOf('mine', 'of the process') });
  for (const _ of ['once', 'twice']) {
    const registry = await registryFor({ factoryModules: ['./missing.js'] })();
    expect(registry.list().map(({ name }) => name)).toEqual(['mine']);
  }
  await registryFor({ factoryModules: ['./missing.js', './missing.js'] })();
  expect(lines.map(({ event }) => event)).toEqual(['factory_module_failed']);
  expect(loads.filter((load) => load === '/pond ./missing.js')).toHaveLength(1);
});
