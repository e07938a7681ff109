// However a pond comes to somebody, what it would run is asked about once, and nothing of it runs before.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { assemble } from '../../../src/composition-root.js';
import { livePorts } from '../../../src/live-ports.js';
import type { PondWriter } from '../../../src/tinyfs/tinyfs.js';
import { oldPond } from '../../migration/old-pond.js';
import { directoryOf, isRoot, newcomer, pondAs, type Somebody, somebody } from '../../support/pond-as.js';

let alice: Somebody;
let bob: Somebody;
let witness: string;
beforeEach(() => {
  alice = somebody(60_001);
  bob = somebody(60_002);
  witness = join(directoryOf(bob, 'witness'), 'ran');
});

/** A pond in which an entry of Alice's runs after each commit. */
const pondOfAlice = (): string => {
  const pond = join(alice.home, 'pond');
  must(pondAs(alice, pond, ['init']));
  must(pondAs(alice, pond, entry('10-ran', `touch ${witness}; true`)));
  return pond;
};

const entry = (name: string, script: string): readonly string[] => [
  ...['mknod', 'command', `/etc/system.d/${name}`],
  ...['--config', JSON.stringify({ run: ['sh', '-c', script] })],
];

const must = (result: ReturnType<typeof pondAs>, code = 0): string => {
  expect([result.code, result.code === code ? '' : result.stderr]).toEqual([code, '']);
  return result.stdout + result.stderr;
};

const variable = (name: string): string => ['"$', `{env:${name}}"`].join('');

/** A shell line of somebody's. */
const shell = ({ id, home }: Somebody, line: string, env: Readonly<Record<string, string>> = {}): void => {
  execFileSync('sh', ['-c', line], {
    ...(id === null ? {} : { uid: id, gid: id }),
    cwd: home,
    env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
    stdio: 'pipe',
  });
};

const isWhole = process.env.POND_TEST_SECURITY === 'whole';
const REFUSED = [
  ['run', '/etc/system.d/10-ran'],
  ...(isWhole
    ? [
        ['copy', '-', '/asked'],
        ['rm', '/etc/system.d/10-ran'],
        ['config', 'set', 'max', '1'],
      ]
    : []),
];
const ALLOWED = [
  ['plan'],
  ['list', '-l', '/**/*'],
  ...(isWhole ? [['status'], ['control'], ['trace'], ['fsck'], ['sql', 'SELECT 1'], ['factories']] : []),
];

/** What is not approved is refused once for each thing that would run it, and works once it is approved. */
const expectToBeAskedOnce = (who: Somebody, pond: string): void => {
  const said = must(pondAs(who, pond, ['mkdir', '/asked']), 7);
  expect(said).toContain('/etc/system.d/10-ran: runs sh -c');
  expect(said).toContain(`pond trust ${pond}`);
  for (const args of REFUSED) must(pondAs(who, pond, args), 7);
  for (const args of ALLOWED) must(pondAs(who, pond, args));
  expect(existsSync(witness)).toBe(false);
  expect(must(pondAs(who, pond, ['trust', '--yes']))).toContain('runs sh -c');
  must(pondAs(who, pond, ['mkdir', '/approved']));
  must(pondAs(who, pond, ['mknod', 'test-file', '/t', '--config', 'content: x']));
};

describe('a pond of somebody else’s', () => {
  it('that came in an archive is asked about once', () => {
    const pond = pondOfAlice();
    shell(alice, `tar -cf ${alice.home}/pond.tar pond`);
    shell(bob, `tar -xf ${alice.home}/pond.tar`);
    expectToBeAskedOnce(bob, join(bob.home, 'pond'));
    expect(existsSync(join(pond, 'control'))).toBe(true);
  });

  it('that came as a git clone, alone or in a repository, is asked about once', () => {
    pondOfAlice();
    const commit = 'git add -A -f && git -c user.name=a -c user.email=a@b commit -qm x';
    shell(alice, `mkdir all && cp -r pond all/ && cd all && git init -q && ${commit}`);
    shell(alice, `cd pond && git init -q && ${commit}`);
    shell(bob, "git config --global --add safe.directory '*'");
    shell(bob, `git clone -q ${alice.home}/all all`);
    expectToBeAskedOnce(bob, join(bob.home, 'all/pond'));
    rmSync(witness, { force: true });
    const carol = somebody(60_003);
    shell(carol, `git config --global --add safe.directory '*' && git clone -q ${alice.home}/pond alone`);
    expectToBeAskedOnce(carol, join(carol.home, 'alone'));
  });

  it('that version 0.1.0 made is asked about once, and by the command that first needs it', () => {
    const pond = oldPond();
    const code = pondAs(bob, pond, ['list']).code;
    expect(isRoot ? [0, 1].includes(code ?? -1) : code === 0).toBe(true);
    const owner = newcomer();
    expect(must(pondAs(owner, pond, ['mkdir', '/x']), 7)).toContain(`pond trust ${pond}`);
    must(pondAs(owner, pond, ['trust', '--yes']));
    expect(pondAs(owner, pond, ['mkdir', '/x']).code).not.toBe(7);
    expect(pondAs(owner, pond, ['mkdir', '/y']).code).not.toBe(7);
  });

  it('is asked about again when what it would run has changed other than by one’s own commits', () => {
    pondOfAlice();
    const mine = join(bob.home, 'pond');
    shell(alice, `tar -cf ${alice.home}/pond.tar pond`);
    shell(bob, `tar -xf ${alice.home}/pond.tar`);
    must(pondAs(bob, mine, ['trust', '--yes']));
    must(pondAs(bob, mine, entry('20-mine', 'true')));
    must(pondAs(bob, mine, ['mkdir', '/mine']));
    must(pondAs(alice, join(alice.home, 'pond'), entry('15-theirs', `touch ${witness}`)));
    shell(alice, `tar -cf ${alice.home}/pond.tar pond`);
    shell(bob, `rm -r pond && tar -xf ${alice.home}/pond.tar`);
    rmSync(witness, { force: true });
    expect(must(pondAs(bob, mine, ['mkdir', '/again']), 7)).toContain('15-theirs');
    expect(existsSync(witness)).toBe(false);
  });

  it('whose module came along in its directory is asked about when that module has changed', () => {
    const pond = join(bob.home, 'pond');
    must(pondAs(bob, pond, ['init']));
    const module = (text: string) =>
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(witness)}, '${text}'); export default [];`;
    const write = (text: string) => shell(bob, `cat > pond/m.mjs <<'X'\n${module(text)}\nX`);
    write('one');
    must(pondAs(bob, pond, ['config', 'set', 'factories', '[./m.mjs]']));
    must(pondAs(bob, pond, ['trust', '--yes']));
    must(pondAs(bob, pond, ['factories']));
    expect(readFileSync(witness, 'utf8')).toBe('one');
    write('two');
    must(pondAs(bob, pond, ['list', '-l', '/**/*']));
    pondAs(bob, pond, ['factories']);
    must(pondAs(bob, pond, ['plan']));
    expect(readFileSync(witness, 'utf8')).toBe('one');
    must(pondAs(bob, pond, ['trust', '--yes']));
    must(pondAs(bob, pond, ['factories']));
    expect(readFileSync(witness, 'utf8')).toBe('two');
  });

  it('that reads a variable of the environment tells it to nobody before it is asked about', () => {
    const pond = join(alice.home, 'pond');
    must(pondAs(alice, pond, ['init']));
    must(
      pondAs(alice, pond, ['mknod', 'test-file', '/in.csv', '--config', `content: ${variable('API_TOKEN')}`]),
    );
    shell(alice, `tar -cf ${alice.home}/pond.tar pond`);
    shell(bob, `tar -xf ${alice.home}/pond.tar`);
    const mine = join(bob.home, 'pond');
    const env = { API_TOKEN: 'correct-horse' };
    for (const args of [
      ['cat', '/in.csv'],
      ['copy', '/in.csv', `host://${bob.home}/out`],
      ['sql', "SELECT * FROM '/in.csv'"],
    ]) {
      const { code, stdout, stderr } = pondAs(bob, mine, args, env);
      expect(code).toBe(7);
      expect(stdout + stderr).not.toContain('correct-horse');
    }
    must(pondAs(bob, mine, ['list', '-l']));
    must(pondAs(bob, mine, ['trust', '--yes']));
    expect(must(pondAs(bob, mine, ['cat', '/in.csv'], env))).toContain('correct-horse');
  });
});

describe('links in the configuration', () => {
  const within = async (
    pond: string,
    use: (fs: PondWriter) => TE.TaskEither<unknown, unknown>,
  ): Promise<void> => {
    const opened = await assemble(livePorts(silentLogger)).open(pond, {
      trust: 'all',
      postCommit: 'suppress',
    })();
    if (isLeft(opened)) throw new Error(JSON.stringify(opened.left));
    const done = await opened.right.write(({ fs }) => use(fs))();
    await opened.right.close()();
    if (isLeft(done)) throw new Error(JSON.stringify(done.left));
  };
  const plain = (...run: readonly string[]) =>
    Buffer.from(JSON.stringify({ factory: 'command', config: { run } }));

  it.each([
    ['/etc itself', '/etc', '/other/system.d/10-ran'],
    ['/etc/system.d', '/etc/system.d', '/other/10-ran'],
    ['an entry', '/etc/system.d/10-ran', '/other'],
  ])(
    'count for what they lead to, so %s as a link is asked about when that changes',
    async (_, link, file) => {
      const stranger = newcomer();
      const pond = join(stranger.home, 'pond');
      must(pondAs(stranger, pond, ['init']));
      await within(pond, (fs) =>
        pipe(
          fs.write('/etc/system.d/10-ran', plain('true')),
          TE.flatMap(() => fs.rename(link, '/other')),
          TE.flatMap(() => fs.symlink('/other', link)),
        ),
      );
      expect(must(pondAs(stranger, pond, ['mkdir', '/x']), 7)).toContain('/etc/system.d/10-ran: runs true');
      must(pondAs(stranger, pond, ['trust', '--yes']));
      must(pondAs(stranger, pond, ['mkdir', '/x']));
      await within(pond, (fs) => fs.write(file, plain('touch', witness)));
      expect(must(pondAs(stranger, pond, ['mkdir', '/y']), 7)).toContain(`touch ${witness}`);
      expect(existsSync(witness)).toBe(false);
      // One's own change of it is one's own, wherever the links lead.
      must(pondAs(stranger, pond, ['trust', '--yes']));
      const mine = join(stranger.home, 'mine');
      writeFileSync(mine, plain('true', 'mine'));
      must(pondAs(stranger, pond, ['copy', `host://${mine}`, file]));
      must(pondAs(stranger, pond, ['mkdir', '/w']));
      // What is left of an entry may be wrong with it; asked about it is not.
      for (const args of [
        ['rm', file],
        ['mkdir', '/z'],
      ])
        expect(pondAs(stranger, pond, args).code).not.toBe(7);
    },
  );
});

describe('one’s own pond', () => {
  it('asks nothing when it is moved, copied, put back as it was earlier, or cloned by oneself', () => {
    const pond = pondOfAlice();
    shell(alice, 'cp -r pond earlier');
    must(pondAs(alice, pond, entry('20-later', 'true')));
    must(pondAs(alice, join(alice.home, 'earlier'), ['mkdir', '/x']));
    shell(
      alice,
      'mv pond moved && cp -r moved copy && mkdir deep && tar -cf deep/p.tar moved && cd deep && tar -xf p.tar',
    );
    for (const place of ['moved', 'copy', 'deep/moved'])
      must(pondAs(alice, join(alice.home, place), ['mkdir', '/x']));
    shell(alice, 'rm -r moved/data moved/control && cp -r earlier/data earlier/control moved/');
    must(pondAs(alice, join(alice.home, 'moved'), ['mkdir', '/put-back']));
  });

  it('asks nothing for an afternoon of one’s own work', () => {
    const pond = join(bob.home, 'pond');
    const pondOf = (...args: readonly string[]) =>
      must(pondAs(bob, pond, args, { TOKEN_FILE: '/dev/null', GREETING: 'hello' }));
    pondOf('init');
    shell(bob, `printf 'export default [];' > m.mjs; printf 'a\\n1\\n' > a.csv`);
    pondOf('config', 'set', 'factories', `[${bob.home}/m.mjs]`);
    pondOf(...entry('10-a', 'cat > /dev/null'));
    pondOf('copy', `host://${bob.home}/a.csv`, '/in/a.csv');
    shell(bob, `printf 'export default [ ];' > m.mjs`);
    pondOf('mkdir', '/jobs');
    pondOf('mknod', 'command', '/jobs/by-hand', '--config', 'run: ["true"]');
    pondOf('run', '/jobs/by-hand');
    pondOf('mknod', 'test-file', '/hello', '--config', `content: ${variable('GREETING')}`);
    expect(pondOf('cat', '/hello')).toContain('hello');
    pondOf('mv', '/hello', '/jobs/hello');
    expect(pondOf('cat', '/jobs/hello')).toContain('hello');
    shell(bob, `printf 'factory: command\\nconfig: { run: [echo, plain] }' > plain.yaml`);
    pondOf('copy', `host://${bob.home}/plain.yaml`, '/jobs/plain.yaml');
    pondOf('run', '/jobs/plain.yaml');
    pondOf('copy', `host://${bob.home}/plain.yaml`, '/etc/system.d/20-plain');
    pondOf('mv', '/etc/system.d/20-plain', '/etc/system.d/30-plain');
    pondOf('rm', '/etc/system.d/10-a');
    pondOf('control', 'retry', '3');
    pondOf('recover');
    pondOf('maintain');
    renameSync(pond, join(bob.home, 'renamed'));
    must(pondAs(bob, join(bob.home, 'renamed'), ['mkdir', '/end']));
    symlinkSync(join(bob.home, 'renamed'), join(bob.home, 'link'));
    must(pondAs(bob, join(bob.home, 'link'), ['mkdir', '/link']));
    mkdirSync(join(bob.home, 'elsewhere'));
    cpSync(join(bob.home, 'renamed'), join(bob.home, 'elsewhere/p'), { recursive: true });
    if (isRoot) execFileSync('chown', ['-R', '60002', join(bob.home, 'elsewhere')]);
    must(pondAs(bob, join(bob.home, 'elsewhere/p'), ['mkdir', '/copy']));
  });
});
