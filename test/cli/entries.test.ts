import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-index.js';
import type { ExecutableFactory } from '../../src/factories/factory.js';
import { type CliPond, cliPond } from './on-memory-pond.js';

const writerOnly: ExecutableFactory<unknown> = {
  name: 'writes',
  description: 'Runs in write transactions only.',
  kind: 'executable',
  modes: ['InTransactionWriter'],
  config: t.unknown,
  execute: () => TE.right(undefined),
};

let given: CliPond;
beforeEach(async () => {
  given = await cliPond({ factories: [writerOnly] });
});

const isThere = async (path: string) => (await given.pond(['ls', '-d', path])).code === 0;

describe('a plain file that is to be an entry of /etc/system.d', () => {
  const broken: readonly (readonly [string, string, string])[] = [
    ['is not YAML', 'factory: [\n', 'YAML'],
    ['names an unknown factory', 'factory: test-executer\n', 'did you mean test-executor'],
    ['has a misspelt key', 'factory: test-executor\ncondtion: {}\n', 'condtion'],
    ['has a wrong configuration', 'factory: test-executor\nconfig: { message: 7 }\n', 'config.message'],
    [
      'has a pattern that does not begin with /',
      'factory: test-executor\ncondition: { path_pattern: [/a, in/**] }\nconfig: { message: m }\n',
      'condition.path_pattern[1]: expected a pattern that begins with /, got "in/**": write "/in/**"',
    ],
    [
      'excludes such a pattern',
      'factory: test-executor\ncondition: { exclude: "{in,/out}/**" }\nconfig: { message: m }\n',
      'condition.exclude: expected a pattern that begins with /',
    ],
  ];

  it.each(broken)('is refused by copy where it %s, and nothing is committed', async (_, text, says) => {
    given.hostFile('/20-x.yaml', text);
    const copied = await given.pond(['copy', 'host:///20-x.yaml', '/etc/system.d/']);
    expect(copied).toMatchObject({ code: 4, stderr: expect.stringContaining(says) });
    expect(copied.stderr.match(/\/etc\/system\.d\/20-x\.yaml/g)).toHaveLength(1);
    expect(await isThere('/etc/system.d/20-x.yaml')).toBe(false);
  });

  it.each(broken)('is refused by copy into /etc/gate.d, too, where it %s', async (_, text, says) => {
    given.hostFile('/20-x.yaml', text);
    const copied = await given.pond(['copy', 'host:///20-x.yaml', '/etc/gate.d/']);
    expect(copied).toMatchObject({ code: 4, stderr: expect.stringContaining(says) });
    expect(await isThere('/etc/gate.d/20-x.yaml')).toBe(false);
  });

  it('with a key of another directory is told where an entry with it belongs, with an envelope and without', async () => {
    const says = (directory: string) => `; an entry that runs at times of its own lies in ${directory}`;
    given.hostFile('/20-x.yaml', 'factory: test-executor\nschedule: "0 6 * * *"\nconfig: { message: m }\n');
    given.hostFile('/bare.yaml', 'message: m\nschedule: "0 6 * * *"\n');
    given.hostFile('/later.yaml', 'factory: test-executor\nschedule: "0 6 * * *"\nrun_when: change\n');
    const copied = await given.pond(['copy', 'host:///20-x.yaml', '/etc/system.d/']);
    expect(copied).toMatchObject({ code: 4, stderr: expect.stringContaining(says('/etc/schedule.d')) });
    const made = (path: string, from: string) =>
      given.pond(['mknod', 'test-executor', path, '--config-path', from]);
    for (const from of ['/20-x.yaml', '/bare.yaml']) {
      const refused = await made('/etc/system.d/20-x', from);
      expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining(says('/etc/schedule.d')) });
    }
    expect(await made('/etc/schedule.d/20-x', '/later.yaml')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('; an entry that follows commits lies in /etc/system.d'),
    });
    expect(await made('/etc/schedule.d/20-x', '/20-x.yaml')).toMatchObject({ code: 0 });
  });

  it('is warned of in /etc/gate.d where its factory cannot be asked before commits', async () => {
    given.hostFile('/20-x.yaml', 'factory: writes\n');
    given.hostFile('/30-x.yaml', 'factory: command\nconfig: { run: [a] }\n');
    expect(await given.pond(['copy', 'host:///20-x.yaml', '/etc/gate.d/'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect((await given.pond(['copy', 'host:///30-x.yaml', '/etc/gate.d/', '--no-gates'])).stderr).toContain(
      '/etc/gate.d/30-x.yaml will be skipped: the factory command does not run before commits',
    );
  });

  it.each(broken)('is refused by mknod where it %s', async (_, text, says) => {
    const made = await given.pond(['mknod', 'file', '/etc/system.d/20-x.yaml', '--config', text]);
    expect(made).toMatchObject({ code: 4, stderr: expect.stringContaining(says) });
    expect(await isThere('/etc/system.d/20-x.yaml')).toBe(false);
  });

  it.each(broken)('is refused by mv and cp of a file of the pond where it %s', async (_, text, says) => {
    await given.pond(['mknod', 'file', '/drafts/20-x.yaml', '--config', text]);
    for (const [command, to] of [
      ['mv', '/etc/system.d'],
      ['cp', '/etc/system.d/20-x.yaml'],
      ['cp', '/etc/gate.d/20-x.yaml'],
    ] as const) {
      await given.pond(['mkdir', '/etc/gate.d']);
      const moved = await given.pond([command, '/drafts/20-x.yaml', to]);
      expect(moved).toMatchObject({ code: 4, stderr: expect.stringContaining(says) });
    }
    expect(await isThere('/drafts/20-x.yaml')).toBe(true);
    expect(await isThere('/etc/system.d/20-x.yaml')).toBe(false);
  });

  it.each(broken)('is refused by apply where it %s', async (_, text, says) => {
    given.hostFile(
      '/pond.yaml',
      `files: [{ path: /etc/system.d/20-x.yaml, content: ${JSON.stringify(text)} }]`,
    );
    for (const more of [[], ['--dry-run']])
      expect(await given.pond(['apply', '/pond.yaml', ...more])).toMatchObject({
        code: 4,
        stderr: expect.stringContaining(says),
      });
    expect(await isThere('/etc/system.d/20-x.yaml')).toBe(false);
  });

  it('is taken where it is right, where it is none, and where it is not an entry', async () => {
    given.hostFile('/20-x.yaml', 'factory: test-executor\nconfig: { message: hello }\n');
    given.hostFile('/README.md', '# factories\n');
    given.hostFile('/30-x.yaml', 'factory: [\n');
    expect(
      await given.pond(['copy', 'host:///20-x.yaml', 'host:///README.md', '/etc/system.d/']),
    ).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect((await given.pond(['copy', 'host:///30-x.yaml', '/drafts/'])).code).toBe(0);
  });

  it('is refused where it is the schedule and not one', async () => {
    given.hostFile('/config.yaml', 'shedule: graph\n');
    expect(await given.pond(['copy', 'host:///config.yaml', '/etc/system.d/'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('shedule'),
    });
  });

  it('is not read whole where it is larger than any configuration', async () => {
    given.hostFile('/20-x.yaml', `# ${'x'.repeat(1024 * 1024)}\n`);
    expect(await given.pond(['copy', 'host:///20-x.yaml', '/etc/system.d/'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('too large'),
    });
  });
});

describe('an entry whose factory cannot run after commits', () => {
  const warning =
    'warning: /etc/system.d/20-x will be skipped: the factory writes does not run after commits';

  it('is made with a warning that says so', async () => {
    expect(await given.pond(['mknod', 'writes', '/etc/system.d/20-x', '--config', '{}'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(warning),
    });
    given.hostFile('/30-x.yaml', 'factory: test-file\nconfig: { content: a }\n');
    expect((await given.pond(['copy', 'host:///30-x.yaml', '/etc/system.d/'])).stderr).toContain(
      '/etc/system.d/30-x.yaml will be skipped: the factory test-file cannot be executed',
    );
  });

  it('is moved, copied and applied with the same warning', async () => {
    await given.pond(['mknod', 'writes', '/jobs/20-x', '--config', '{}']);
    expect((await given.pond(['cp', '/jobs/20-x', '/etc/system.d'])).stderr).toContain(warning);
    await given.pond(['rm', '/etc/system.d/20-x']);
    expect((await given.pond(['mv', '/jobs/20-x', '/etc/system.d/20-x'])).stderr).toContain(warning);
    await given.pond(['rm', '/etc/system.d/20-x']);
    given.hostFile('/pond.yaml', 'nodes: [{ path: /etc/system.d/20-x, factory: writes, config: {} }]');
    expect((await given.pond(['apply', '/pond.yaml'])).stderr).toContain(warning);
  });

  it('is made without a word elsewhere', async () => {
    expect((await given.pond(['mknod', 'writes', '/jobs/x', '--config', '{}'])).stderr).toBe('');
  });
});

it('a node whose condition has a pattern without its / is refused by mknod and apply, with the pattern that is meant', async () => {
  const config = 'factory: test-executor\ncondition: { path_pattern: in/** }\nconfig: { message: m }';
  const says = 'condition.path_pattern: expected a pattern that begins with /, got "in/**": write "/in/**"';
  const refused = { code: 4, stderr: expect.stringContaining(says) };
  expect(
    await given.pond(['mknod', 'test-executor', '/etc/system.d/20-x', '--config', config]),
  ).toMatchObject(refused);
  given.hostFile(
    '/pond.yaml',
    'nodes: [{ path: /etc/system.d/20-x, factory: test-executor, condition: { path_pattern: in/** }, config: { message: m } }]',
  );
  expect(await given.pond(['apply', '/pond.yaml'])).toMatchObject(refused);
  given.hostFile('/20-x.yaml', config);
  expect(await given.pond(['plan', '--with', '/20-x.yaml'])).toMatchObject(refused);
});

it('an entry that an older version took with such a pattern runs as it did', async () => {
  await given.steward.write(({ fs }) =>
    fs.createDynamicPath(
      '/etc/system.d/20-x',
      'file:dynamic',
      'test-executor',
      Buffer.from('factory: test-executor\ncondition: { path_pattern: in/** }\nconfig: { message: m }'),
    ),
  )();
  const { stdout } = await given.pond(['mkdir', '/in/a', '-p', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    tasks: [{ config_path: '/etc/system.d/20-x', state: 'completed' }],
  });
});

it('plan --with exits with 4 where a file is wrong, says why, and shows the commits all the same', async () => {
  given.hostFile('/20-x.yaml', 'factory: test-executor\nconfig: { message: 7 }\n');
  const { code, stdout, stderr } = await given.pond(['plan', '--with', '/20-x.yaml']);
  expect(code).toBe(4);
  expect(stderr).toContain('/etc/system.d/20-x.yaml: config.message: ');
  expect(stdout).toContain('commit 1');
});

it('a failed task is told with its path and its factory once', async () => {
  await given.pond([
    'mknod',
    'test-executor',
    '/etc/system.d/10-x',
    '--config',
    '{ message: m, fail: true }',
  ]);
  const { code, stderr } = await given.pond(['mkdir', '/in']);
  expect(code).toBe(3);
  expect(stderr).toBe(
    'pond: warning: /etc/system.d/10-x (test-executor) failed after commit 3: told to fail: m\n  pond control retry 3.1\n',
  );
  const { stdout } = await given.pond(['control']);
  expect(
    stdout
      .split('\n')
      .find((line) => line.includes('told to fail'))
      ?.match(/test-executor/g),
  ).toHaveLength(1);
});

it('nothing is copied over what is the pond itself', async () => {
  await given.pond(['mknod', 'file', '/a', '--config', 'a']);
  for (const target of [
    'host:///pond/data/',
    'host:///pond/control/control.db',
    'host:///pond/data/deep/er',
  ]) {
    expect(await given.pond(['copy', '/a', target])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("which is the pond's own"),
    });
  }
  expect((await given.pond(['copy', '/a', 'host:///pond/a'])).code).toBe(0);
});

it('help speaks of no factory that does not exist', async () => {
  const known = await given.promises.factories();
  const named = (await Promise.all(COMMANDS.map(({ load }) => load()))).flatMap(({ command }) =>
    command.examples.flatMap(([typed]) => [
      ...[...(/(?:^mknod|--factory) ([a-z-]+) /.exec(`${typed} `)?.slice(1) ?? [])],
    ]),
  );
  expect(named.length).toBeGreaterThan(2);
  for (const name of named.filter((name) => name !== 'file'))
    expect(right(known.facts(name))).not.toEqual(right(null));
});

describe("the pond's settings as a file", () => {
  it.each([
    ['is not YAML', 'remotes: [\n', 'YAML'],
    ['has an unknown key', 'max_concurrency: 12\n', 'max_concurrency: unknown key'],
    ['has a wrong value', 'post_commit: later\n', 'post_commit'],
  ])('are refused by copy, mv and cp where it %s, and nothing is committed', async (_, text, says) => {
    const refused = { code: 4, stderr: expect.stringContaining(says) };
    given.hostFile('/settings.yaml', text);
    expect(await given.pond(['copy', 'host:///settings.yaml', '/etc/pond.yaml'])).toMatchObject(refused);
    await given.pond(['copy', 'host:///settings.yaml', '/drafts/pond.yaml']);
    expect(await given.pond(['mv', '/drafts/pond.yaml', '/etc'])).toMatchObject(refused);
    expect(await given.pond(['cp', '/drafts/pond.yaml', '/etc/pond.yaml'])).toMatchObject(refused);
    expect(await isThere('/etc/pond.yaml')).toBe(false);
  });

  it('are taken where they can be read', async () => {
    given.hostFile('/settings.yaml', 'post_commit: wait\n');
    expect(await given.pond(['copy', 'host:///settings.yaml', '/etc/pond.yaml'])).toMatchObject({ code: 0 });
    expect((await given.pond(['config', 'list'])).stdout).toContain('post_commit');
  });
});

describe('the example of a factory', () => {
  const placeOf = (name: string): string =>
    ({ freshness: '/etc/schedule.d/x', watch: '/etc/watch.d/x' })[name] ?? `/etc/made.d/${name}`;

  it('is taken as it is, of every factory that comes with the product', async () => {
    const listed = JSON.parse((await given.pond(['factories', '--json'])).stdout) as { name: string }[];
    const names = listed.map(({ name }) => name).filter((name) => name !== 'writes');
    expect(names.length).toBeGreaterThan(18);
    for (const name of names) {
      const { code, stderr } = await given.pond(['mknod', name, placeOf(name), '--example']);
      expect([name, code, stderr]).toEqual([name, 0, '']);
    }
  });

  it('that has a schedule says where entries with a schedule stand', async () => {
    const made = await given.pond(['mknod', 'freshness', '/etc/system.d/20-silence', '--example']);
    expect(made).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('try: what has a schedule stands in /etc/schedule.d'),
    });
  });
});
