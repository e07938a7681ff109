// Who approves what, when, and where: commits that one makes oneself and `pond trust` do, and nothing else does.

import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildPonds } from '../../crash/machinery/built-ponds.js';
import { directoryOf, isRoot, newcomer, type Somebody, somebody } from '../../support/pond-as.js';
import { builtExecutable, type PondResult } from '../../support/pond-cli.js';
import { callPondAs as pondAs } from '../../support/pond-in-process.js';

let own: Somebody;
let pond: string;
beforeEach(async () => {
  own = newcomer();
  pond = join(own.home, 'pond');
  await must(pondAs(own, pond, ['init']));
});

const must = async (pending: Promise<PondResult>, code = 0): Promise<string> => {
  const result = await pending;
  expect([result.code, result.code === code ? '' : result.stderr]).toEqual([code, '']);
  return result.stdout + result.stderr;
};

/** `npm run test:security` tries everything; `npm test` some of it. */
const isWhole = process.env.POND_TEST_SECURITY === 'whole';

const entry = (name: string, ...run: readonly string[]): readonly string[] => [
  ...['mknod', 'command', `/etc/system.d/${name}`, '--config', JSON.stringify({ run })],
];

const write = (name: string, code = 0, who = own, env: Record<string, string> = {}): Promise<string> =>
  must(pondAs(who, pond, ['mkdir', `/${name}`], env), code);

describe('a commit that one makes oneself', () => {
  it('has approved what it changes once it has landed, at whatever step it is killed', async () => {
    const { dying } = await buildPonds({ fewDie: true });
    const begun = (directory: string, how: Readonly<Record<string, string>>): void => {
      execFileSync(process.execPath, [dying, ...entry('10-x', 'true')], {
        cwd: new URL('../../..', import.meta.url).pathname,
        env: { PATH: process.env.PATH, HOME: own.home, POND: directory, ...how },
        stdio: 'pipe',
      });
    };
    const copyOf = (name: string): string => {
      const copy = join(own.home, name);
      cpSync(pond, copy, { recursive: true });
      return copy;
    };
    const log = join(own.home, 'steps');
    begun(copyOf('whole'), { POND_TEST_STEPS_FILE: log });
    const steps = readFileSync(log, 'utf8').trim().split('\n');
    const first = steps.findIndex((step) => step.includes('keep approvals'));
    const count = steps.length - first;
    const landing = steps.findIndex((step) => step.startsWith('link _staging')) - first + 2;
    const killedAt = (step: number, directory: string): void => {
      try {
        begun(directory, { POND_TEST_DIE_FROM: 'keep approvals', POND_TEST_DIE_AT: String(step) });
        throw new Error(`step ${step} was not reached`);
      } catch (error) {
        if (!(error instanceof Error && 'signal' in error && error.signal === 'SIGKILL')) throw error;
      }
    };
    let landed = 0;
    for (const step of isWhole ? Array.from({ length: count }, (_, index) => index + 1) : [3, landing]) {
      const copy = copyOf(`killed-${step}`);
      const state = join(own.home, '.local/state/pond-steward/approvals');
      rmSync(state, { recursive: true, force: true });
      killedAt(step, copy);
      const approved = existsSync(state);
      await must(pondAs(own, copy, ['mkdir', '/after']));
      const there = (await pondAs(own, copy, ['list', '/etc/system.d/10-x'])).code === 0;
      landed += there ? 1 : 0;
      expect([step, there && !approved]).toEqual([step, false]);
      await must(pondAs(own, copy, ['fsck']));
    }
    expect(landed).toBeGreaterThan(0);
  });

  it('approves nothing on a base that is only trusted for once', async () => {
    await must(pondAs(own, pond, entry('10-x', 'true')));
    const other = newcomer();
    await must(pondAs(other, pond, [...entry('20-x', 'true'), '--trust']));
    await write('asked', 7, other);
    await must(pondAs(other, pond, [...entry('30-x', 'true'), '--no-post-commit']));
    await write('asked', 7, other);
    // And to the owner it has become a pond that somebody else has changed.
    await write('asked', 7);
  });
});

describe('what is not one’s own doing approves nothing:', () => {
  it('a commit inside a task', async () => {
    const script = '"$0" "$1" mknod command /etc/system.d/20-sneaked --config "run: [touch, $2]"';
    const witness = join(own.home, 'witness');
    await must(
      pondAs(own, pond, entry('10-x', 'sh', '-c', script, process.execPath, builtExecutable(), witness)),
    );
    await write('sets-it-off');
    await must(pondAs(own, pond, ['list', '/etc/system.d/20-sneaked']));
    expect(await write('asked', 7)).toContain(`touch ${witness}`);
    expect(existsSync(witness)).toBe(false);
  });

  it('a commit inside a task of another pond', async () => {
    const other = join(own.home, 'other');
    await must(pondAs(own, other, ['init']));
    const script = '"$0" "$1" --pond "$2" mknod command /etc/system.d/20-x --config "run: [\\"true\\"]"';
    await must(
      pondAs(own, pond, entry('10-x', 'sh', '-c', script, process.execPath, builtExecutable(), other)),
    );
    await write('sets-it-off');
    await must(pondAs(own, other, ['list', '/etc/system.d/20-x']));
    await must(pondAs(own, other, ['mkdir', '/asked']), 7);
  });

  it('what a factory writes that one runs by hand', async () => {
    const module = join(own.home, 'writer.mjs');
    writeFileSync(
      module,
      `export default {
        name: 'writer', kind: 'executable', modes: ['InTransactionWriter'], config: (input) => input,
        async execute({ files }) { await files.write('/etc/system.d/20-x', Buffer.from('factory: command\\nconfig: { run: ["true"] }')); },
      };`,
    );
    await must(pondAs(own, pond, ['config', 'set', 'factories', `[${module}]`]));
    await must(pondAs(own, pond, ['mknod', 'writer', '/writer', '--config', '{}']));
    await must(pondAs(own, pond, ['run', '/writer']));
    await must(pondAs(own, pond, ['list', '/etc/system.d/20-x']));
    await write('asked', 7);
  });

  it('recovery', async () => {
    await must(pondAs(own, pond, entry('10-x', 'false')));
    await write('failed', 3);
    const other = newcomer();
    await must(pondAs(other, pond, ['recover', '--failed']), 7);
    expect((await pondAs(other, pond, ['recover', '--failed', '--trust'])).code).not.toBe(7);
    await must(pondAs(other, pond, ['recover', '--failed']), 7);
    await write('asked', 7, other);
  });
});

describe('a task that is approved', () => {
  it('reads no node that is not', async () => {
    const target = directoryOf(own, 'target');
    const reference = ['"$', '{env:API_TOKEN}"'].join('');
    await must(pondAs(own, pond, ['mkdir', '/out']));
    await must(pondAs(own, pond, ['mknod', 'test-file', '/out/in', '--config', `content: ${reference}`]));
    const config = JSON.stringify({ source: '/out/**', target });
    await must(pondAs(own, pond, ['mknod', 'host-export', '/etc/system.d/10-x', '--config', config]));
    const list = JSON.parse(await must(pondAs(own, pond, ['trust', '--list', '--json']))) as Record<
      string,
      string
    >[];
    const node = list.find(({ of, by }) => of === 'node' && by?.includes('/out/in'));
    await must(pondAs(own, pond, ['trust', '--revoke', node?.digest ?? 'none']));
    const env = { API_TOKEN: 'correct-horse' };
    expect(await write('refused', 3, own, env)).toContain('not approved');
    expect(existsSync(join(target, 'in'))).toBe(false);
    await must(pondAs(own, pond, ['trust', '--yes']));
    await write('approved', 0, own, env);
    expect(readFileSync(join(target, 'out/in'), 'utf8')).toContain('correct-horse');
  });
});

describe('a retry', () => {
  it('needs the approval of the configuration that it uses, however old', async () => {
    const flag = join(own.home, 'flag');
    await must(pondAs(own, pond, entry('10-x', 'test', '-e', flag)));
    await write('failed', 3);
    const { last_txn_seq: failed } = JSON.parse(await must(pondAs(own, pond, ['status', '--json']))) as {
      last_txn_seq: number;
    };
    await must(pondAs(own, pond, ['rm', '/etc/system.d/10-x']));
    await must(pondAs(own, pond, entry('20-other', 'true')));
    writeFileSync(flag, '');
    const commit = String(failed);
    const other = newcomer();
    await must(pondAs(other, pond, ['trust', '--yes']));
    const approvals = JSON.parse((await pondAs(other, pond, ['trust', '--list', '--json'])).stdout) as {
      digest: string;
    }[];
    expect(approvals).toHaveLength(2);
    const shown = (await pondAs(other, pond, ['trust', '--yes', '--at', commit, '--json'])).stdout;
    const { ponds } = JSON.parse(shown) as {
      ponds: readonly { readonly approved: readonly { readonly digest: string; readonly place: number }[] }[];
    };
    const old = ponds[0]?.approved.find(({ place }) => place === failed)?.digest ?? 'none';
    await must(pondAs(other, pond, ['trust', '--revoke', old]));
    await write('newest', 0, other);
    await must(pondAs(other, pond, ['control', 'retry', commit]), 7);
    await must(pondAs(other, pond, ['trust', '--yes', '--at', commit]));
    await must(pondAs(other, pond, ['control', 'retry', commit]));
  });
});

describe('recover.on_open: auto', () => {
  it('runs nothing of what is not approved, and says that there is something', async () => {
    const ran = join(own.home, 'ran');
    const script = 'echo $$ >> "$0"; [ $(wc -l < "$0") -gt 1 ] || exec sleep 60';
    await must(pondAs(own, pond, ['config', 'set', 'recover.on_open', 'auto']));
    await must(pondAs(own, pond, [...entry('10-x', 'sh', '-c', script, ran), '--no-post-commit']));
    const child = spawn(process.execPath, [builtExecutable(), 'mkdir', '/killed'], {
      env: { PATH: process.env.PATH, HOME: own.home, POND: pond },
      stdio: 'ignore',
    });
    while (!existsSync(ran) || readFileSync(ran, 'utf8') === '') await setTimeout(20);
    child.kill('SIGKILL');
    await new Promise((done) => child.once('close', done));
    process.kill(Number(readFileSync(ran, 'utf8')), 'SIGKILL');
    const copy = join(own.home, 'copy');
    cpSync(pond, copy, { recursive: true });
    const other = newcomer();
    expect(await must(pondAs(other, copy, ['list']))).toContain('unfinished_work');
    expect(readFileSync(ran, 'utf8').trim().split('\n')).toHaveLength(1);
    await must(pondAs(other, copy, ['trust', '--yes']));
    await must(pondAs(other, copy, ['list']));
    expect(readFileSync(ran, 'utf8').trim().split('\n')).toHaveLength(2);
  });
});

describe('a pond in a place of others', () => {
  const OPENED: readonly (readonly [string, string])[] = [
    ['whose directory anybody may write', 'chmod 777 "$0"'],
    ['whose data anybody may write', 'chmod 777 "$0/data"'],
    ['whose directory is another user’s', 'chown 60001 "$0"'],
    ['whose data is another user’s', 'chown 60001 "$0/data"'],
    ['whose data another group may write', 'chgrp 60001 "$0/data" && chmod g+w "$0/data"'],
  ];
  it.each(OPENED.filter((_, index) => (isRoot || index < 2) && (isWhole || index === 1 || index === 2)))(
    '%s is approved by pond trust only',
    async (_, script) => {
      execFileSync('sh', ['-c', script, pond]);
      await must(pondAs(own, pond, entry('10-x', 'true')));
      await write('asked', 7);
      expect(await must(pondAs(own, pond, ['trust', '--yes']))).toContain(
        'Others may write in its directory',
      );
      await write('fine');
      await must(pondAs(own, pond, entry('20-x', 'true')));
      await write('asked', 7);
    },
  );

  it('belongs to whom it belongs: another user reads it, and is asked for everything that would run', async () => {
    await must(pondAs(own, pond, entry('10-x', 'true')));
    const bob = somebody(60_002);
    chmodSync(own.home, 0o755);
    cpSync(pond, join(bob.home, 'pond'), { recursive: true });
    if (isRoot) execFileSync('chown', ['-R', '60002', join(bob.home, 'pond')]);
    await must(pondAs(bob, join(bob.home, 'pond'), ['list', '-l', '/**/*']));
    await must(pondAs(bob, join(bob.home, 'pond'), ['mkdir', '/x']), 7);
    // Root trusts nobody's pond for being root, also where sudo has left it the other's home.
    const root = newcomer();
    const sudo = { POND_STATE_DIR: join(root.home, 'state'), HOME: bob.home };
    await must(pondAs(root, join(bob.home, 'pond'), ['mkdir', '/x'], sudo), 7);
    await must(pondAs(bob, join(bob.home, 'pond'), ['trust', '--yes']));
    await must(pondAs(bob, join(bob.home, 'pond'), ['mkdir', '/x']));
    await must(pondAs(root, join(bob.home, 'pond'), ['mkdir', '/y'], sudo), 7);
    if (isRoot) {
      const kept = { XDG_STATE_HOME: join(bob.home, '.local/state') };
      expect(await must(pondAs(root, join(bob.home, 'pond'), ['mkdir', '/y'], kept), 7)).toContain(
        'belongs to another user',
      );
    }
  });
});

describe('a pond that is the work tree of a git repository', () => {
  it('is asked about after each use of git, and told why; one in a directory of the repository is not', async () => {
    await must(pondAs(own, pond, entry('10-x', 'true')));
    const git = (directory: string) =>
      execFileSync('git', ['init', '-q'], {
        cwd: directory,
        env: { PATH: process.env.PATH, HOME: own.home },
      });
    git(own.home);
    await write('fine');
    git(pond);
    expect(await write('asked', 7)).toContain('keep the pond in a directory of the repository');
  });
});

describe('for one process', () => {
  beforeEach(async () => {
    await must(pondAs(own, pond, entry('10-x', 'true')));
  });

  it('--trust and POND_TRUST trust the pond, by whatever path it is reached, and keep nothing', async () => {
    const other = newcomer();
    const link = join(other.home, 'link');
    symlinkSync(own.home, link);
    await must(pondAs(other, pond, ['mkdir', '/1', '--trust']));
    await write('2', 0, other, { POND_TRUST: `/elsewhere:${pond}/` });
    await write('3', 0, other, { POND_TRUST: `https://host:7117/p:${link}/pond` });
    await write('4', 0, other, { POND_TRUST: JSON.stringify(['/a:b', `${link}/pond`]) });
    await write('5', 0, other, { POND_TRUST: '*' });
    await must(pondAs(other, join(link, 'pond'), ['mkdir', '/6'], { POND_TRUST: pond }));
    await write('7', 7, other);
    expect(existsSync(join(other.home, '.local/state/pond-steward/approvals'))).toBe(false);
  });

  it('POND_TRUST trusts no directory beside those that it names, and is said to be wrong where it is', async () => {
    const other = newcomer();
    for (const elsewhere of [own.home, `${pond}x`, '/', `${pond}/data`, ':', '']) {
      await write('x', 7, other, { POND_TRUST: elsewhere });
    }
    for (const wrong of [`["${pond}"`, `{"a":"${pond}"}`, 'pond', '.']) {
      expect(await write('x', 7, other, { POND_TRUST: wrong })).toContain('pond_trust_ignored');
    }
  });
});

describe('where approvals cannot be kept', () => {
  /** A user without a home directory, as in many containers. */
  const homeless = (): Somebody => ({ ...somebody(60_009), home: '/nonexistent' });
  const nowhere = (): Record<string, string> => (isRoot ? {} : { POND_STATE_DIR: 'relative' });

  it('init goes on and says what the next commands need; they work with --trust, or where there is a place', async () => {
    const place = directoryOf(somebody(60_009), 'place');
    const who = homeless();
    const at = join(place, 'pond');
    expect(await must(pondAs(who, at, ['init'], nowhere()))).toContain('POND_STATE_DIR');
    expect(await must(pondAs(who, at, entry('10-x', 'true'), nowhere()))).toContain('not approved');
    expect(await must(pondAs(who, at, ['mkdir', '/x'], nowhere()), 7)).toContain('set POND_STATE_DIR');
    await must(pondAs(who, at, ['mkdir', '/x', '--trust'], nowhere()));
    await must(pondAs(who, at, ['list'], nowhere()));
    const volume = { POND_STATE_DIR: join(place, 'volume') };
    await must(pondAs(who, at, ['trust', '--yes'], volume));
    await must(pondAs(who, at, ['mkdir', '/y'], volume));
    await must(pondAs(who, at, entry('20-x', 'true'), volume));
    await must(pondAs(who, at, ['mkdir', '/z'], volume));
  });

  it('a state directory that others could exchange, or that lies in a pond, is refused by its name', async () => {
    await must(pondAs(own, pond, entry('10-x', 'true')));
    const open = join(own.home, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    for (const place of [join(open, 'state'), join(pond, 'state')]) {
      expect(await write('x', 7, own, { POND_STATE_DIR: place })).toContain(place);
      expect(existsSync(place)).toBe(false);
    }
    renameSync(join(own.home, '.local/state/pond-steward'), join(own.home, 'moved'));
    await write('x', 0, own, { POND_STATE_DIR: join(own.home, 'moved') });
    expect(lstatSync(join(own.home, 'moved')).mode & 0o777).toBe(0o700);
  });
});

describe('approvals', () => {
  it('are listed with when, by which command and where, without what is secret in it', async () => {
    await must(
      pondAs(own, pond, [
        ...entry('10-x', 'sh', '-c', 'true', 'hunter22'),
        '--otlp',
        'http://u:hunter22@127.0.0.1:1/',
      ]),
    );
    const list = await must(pondAs(own, pond, ['trust', '--list', '--json']));
    const approvals = JSON.parse(list) as readonly Record<string, string>[];
    const approval = approvals.find(({ of }) => of === 'configuration');
    expect(approval?.directory).toBe(pond);
    expect(approval?.by).toMatch(/^pond mknod command \/etc\/system\.d\/10-x --config \*\*\*/);
    expect(Date.parse(approval?.approved_at ?? '')).toBeGreaterThan(0);
    expect(list).not.toContain('hunter22');
  });

  it('are not given where nobody can be asked', async () => {
    await must(pondAs(own, pond, entry('10-x', 'true')));
    const other = newcomer();
    expect(await must(pondAs(other, pond, ['trust']), 2)).toContain('pond trust --yes');
    await write('asked', 7, other);
  });
});
