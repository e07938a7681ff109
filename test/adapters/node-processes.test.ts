import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildSync } from 'esbuild';
import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterEach, describe, expect, it } from 'vitest';
import { groupMembers, membersByPs } from '../../src/adapters/node/processes/group-members.js';
import { nodeProcesses } from '../../src/adapters/node/processes/node-processes.js';
import { processIsAlive } from '../../src/adapters/node/processes/process-liveness.js';
import type { ChildSpec, ProcessGroup } from '../../src/ports/processes.js';
import { eventually } from '../support/condition.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const strangers: number[] = [];
afterEach(() => {
  for (const pid of strangers.splice(0)) if (processIsAlive(pid)) process.kill(-pid, 'SIGKILL');
});

const directory = (): string => temporaryFolder('processes');
let marks = 0;

const childOf = (script: string, parts: Partial<ChildSpec> = {}) => {
  marks += 1;
  const lines: string[] = [];
  const spec: ChildSpec = {
    program: '/bin/sh',
    args: ['-c', script],
    cwd: directory(),
    env: { PATH: process.env.PATH ?? '' },
    stdin: new Uint8Array(),
    marker: `test-${process.pid}-${marks}`,
    onLine: (stream, line) => lines.push(`${stream}: ${line}`),
    signal: new AbortController().signal,
    graceMs: 5_000,
    ...parts,
  };
  return { spec, lines };
};

const allowed = () => TE.right<never, void>(undefined);
const readPid = (path: string): number => (existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0);

/** Runs it, and knows its group as soon as it is known. */
const start = (spec: ChildSpec) => {
  let group: ProcessGroup | null = null;
  const running = nodeProcesses.run(spec, (started) => {
    group = started;
    return allowed();
  })();
  return { running, group: (): ProcessGroup => group ?? { pgid: 0, marker: 'none' } };
};

/** The port as a file that processes of their own can import. */
const bundledIn = (folder: string): string => {
  const bundle = join(folder, 'processes.mjs');
  buildSync({
    entryPoints: ['src/adapters/node/processes/node-processes.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
  });
  return bundle;
};

describe('a child', () => {
  it('returns its exit code and its lines, its input read and its marker in its environment', async () => {
    const { spec, lines } = childOf('cat; echo "$POND_ATTEMPT_ID" >&2; printf last; exit 3', {
      stdin: Buffer.from('one\ntwo\r\n'),
    });
    expect(await nodeProcesses.run(spec, allowed)()).toEqual(right({ _tag: 'Exited', code: 3 }));
    expect(lines).toContain(`stderr: ${spec.marker}`);
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual([
      'stdout: one',
      'stdout: two',
      'stdout: last',
    ]);
  });

  it('that is killed returns the signal', async () => {
    const { spec } = childOf('kill -9 $$');
    expect(await nodeProcesses.run(spec, allowed)()).toEqual(right({ _tag: 'Killed', signal: 'SIGKILL' }));
  });

  it('that does not read a large input is not a failure', async () => {
    const { spec } = childOf('exit 0', { stdin: new Uint8Array(4_000_000) });
    expect(await nodeProcesses.run(spec, allowed)()).toEqual(right({ _tag: 'Exited', code: 0 }));
  });

  it('has all of its output read, however much it is', async () => {
    const { spec, lines } = childOf('seq 200000');
    await nodeProcesses.run(spec, allowed)();
    expect(lines.length).toBe(200_000);
    expect(lines.at(-1)).toBe('stdout: 200000');
  });

  it('leads a group of its own, and does not get the pipe of its gate', async () => {
    const { spec, lines } = childOf('test -e /proc/$$/fd/3 || echo no gate; ps -o pgid= -p $$');
    const { running, group } = start(spec);
    await running;
    expect(lines.map((line) => line.replace('stdout: ', '').trim())).toEqual([
      'no gate',
      String(group().pgid),
    ]);
  });
});

describe('a program that cannot be run is SpawnFailed', () => {
  const attempt = async (parts: Partial<ChildSpec>) =>
    nodeProcesses.run(childOf('', { args: [], ...parts }).spec, allowed)();

  it('when it is not in PATH, or not at its path', async () => {
    for (const program of ['no-such-program-anywhere', './missing.sh', '/no/such/program']) {
      expect(await attempt({ program })).toEqual(left({ _tag: 'SpawnFailed', program, reason: 'ENOENT' }));
    }
  });

  it('when it is not executable, or a directory', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'plain.txt'), 'echo no', { mode: 0o644 });
    for (const program of ['./plain.txt', '/tmp']) {
      expect(await attempt({ program, cwd })).toMatchObject({ left: { reason: 'EACCES' } });
    }
  });

  it('when the working directory is missing, and says that it is the directory', async () => {
    expect(await attempt({ program: '/bin/true', cwd: '/no/such/directory' })).toMatchObject({
      left: { reason: 'working directory /no/such/directory: ENOENT' },
    });
  });

  it('and a relative one is found from the working directory', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'here.sh'), '#!/bin/sh\nexit 7\n');
    chmodSync(join(cwd, 'here.sh'), 0o755);
    expect(await attempt({ program: './here.sh', cwd })).toEqual(right({ _tag: 'Exited', code: 7 }));
  });
});

describe('before beforeStart has succeeded, a child', () => {
  it('exists, marked, and has done nothing', async () => {
    const cwd = directory();
    const { spec } = childOf('touch ran', { cwd });
    let seen: unknown = null;
    await nodeProcesses.run(spec, (group) => {
      seen = { members: groupMembers(group.pgid, group.marker), ran: existsSync(join(cwd, 'ran')) };
      return allowed();
    })();
    expect(seen).toMatchObject({ members: [{ marked: true }], ran: false });
    expect(existsSync(join(cwd, 'ran'))).toBe(true);
  });

  it('ends without having run when beforeStart fails', async () => {
    const cwd = directory();
    const { spec } = childOf('touch ran', { cwd });
    let pid = 0;
    const outcome = await nodeProcesses.run(spec, (group) => {
      pid = group.pgid;
      return TE.left('not recorded');
    })();
    expect(outcome).toEqual(left('not recorded'));
    expect(processIsAlive(pid)).toBe(false);
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
  });

  it('ends without having run when it was aborted meanwhile', async () => {
    const cwd = directory();
    const abort = new AbortController();
    const { spec } = childOf('touch ran', { cwd, signal: abort.signal });
    const outcome = await nodeProcesses.run(spec, () => {
      abort.abort();
      return allowed();
    })();
    expect(outcome).toMatchObject({ right: { _tag: 'Killed' } });
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
  });

  it('never runs when its parent is killed with SIGKILL', async () => {
    const cwd = directory();
    const bundle = bundledIn(cwd);
    writeFileSync(
      join(cwd, 'parent.mjs'),
      `import { nodeProcesses } from ${JSON.stringify(bundle)};
       import { writeFileSync, renameSync } from 'node:fs';
       const spec = { program: '/bin/sh', args: ['-c', 'touch ran'], cwd: ${JSON.stringify(cwd)}, env: process.env,
         stdin: new Uint8Array(), marker: 'killed-parent', onLine() {}, signal: new AbortController().signal, graceMs: 1000 };
       await nodeProcesses.run(spec, ({ pgid }) => () => {
         writeFileSync('pid.part', String(pgid));
         renameSync('pid.part', 'pid');
         return new Promise(() => setInterval(() => {}, 1000));
       })();`,
    );
    const parent = spawn(process.execPath, ['parent.mjs'], { cwd, stdio: 'inherit' });
    await eventually('the child is there', () => existsSync(join(cwd, 'pid')));
    const pgid = readPid(join(cwd, 'pid'));
    expect(groupMembers(pgid, 'killed-parent')).toMatchObject([{ pid: pgid, marked: true }]);
    parent.kill('SIGKILL');
    await eventually('the child has ended', () => groupMembers(pgid, 'killed-parent').length === 0);
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
  });
});

describe('at an abort', () => {
  it('the whole group is ended, grandchildren included', async () => {
    const cwd = directory();
    const abort = new AbortController();
    const { spec } = childOf('sleep 1000 & sleep 1000 & echo $! > pid; wait', { cwd, signal: abort.signal });
    const { running, group } = start(spec);
    await eventually('the grandchildren run', () => readPid(join(cwd, 'pid')) > 0);
    expect(groupMembers(group().pgid, spec.marker).length).toBe(3);
    abort.abort();
    expect(await running).toEqual(right({ _tag: 'Killed', signal: 'SIGTERM' }));
    expect(groupMembers(group().pgid, spec.marker)).toEqual([]);
  });

  it('what ignores SIGTERM gets SIGKILL after the grace period', async () => {
    const cwd = directory();
    const abort = new AbortController();
    const script = "trap '' TERM; touch ready; while :; do sleep 0.05; done";
    const { spec } = childOf(script, { cwd, signal: abort.signal, graceMs: 200 });
    const { running, group } = start(spec);
    await eventually('the trap is set', () => existsSync(join(cwd, 'ready')));
    abort.abort();
    expect(await running).toEqual(right({ _tag: 'Killed', signal: 'SIGKILL' }));
    expect(groupMembers(group().pgid, spec.marker)).toEqual([]);
  });

  it('what handles SIGTERM may tidy up within the grace period', async () => {
    const cwd = directory();
    const abort = new AbortController();
    const script = "trap 'echo tidied; exit 9' TERM; touch ready; while :; do sleep 0.05; done 2>/dev/null";
    const { spec, lines } = childOf(script, { cwd, signal: abort.signal });
    const { running } = start(spec);
    await eventually('the trap is set', () => existsSync(join(cwd, 'ready')));
    abort.abort();
    expect(await running).toEqual(right({ _tag: 'Exited', code: 9 }));
    expect(lines).toContain('stdout: tidied');
  });
});

describe('when the child has ended', () => {
  it('what it left in its group is ended, also when it holds the pipes', async () => {
    const cwd = directory();
    const { spec, lines } = childOf('sleep 1000 & echo $! > pid; echo done', { cwd });
    const { running, group } = start(spec);
    expect(await running).toEqual(right({ _tag: 'Exited', code: 0 }));
    expect(lines).toEqual(['stdout: done']);
    expect(readPid(join(cwd, 'pid'))).toBeGreaterThan(0);
    expect(groupMembers(group().pgid, spec.marker)).toEqual([]);
  });

  it('a process that has left the group and holds the pipes is not waited for', async () => {
    const cwd = directory();
    const script =
      "setsid sh -c 'echo $$ > pid; sleep 1000' & while [ ! -s pid ]; do sleep 0.01; done; printf part";
    const { spec, lines } = childOf(script, { cwd });
    const outcome = await nodeProcesses.run(spec, allowed)();
    strangers.push(readPid(join(cwd, 'pid')));
    expect(outcome).toEqual(right({ _tag: 'Exited', code: 0 }));
    expect(lines).toEqual(['stdout: part']);
  });

  it('a process that is about to end anyhow may print its last lines', async () => {
    const { spec, lines } = childOf('(sleep 0.05; echo late) & echo early');
    await nodeProcesses.run(spec, allowed)();
    expect(lines).toEqual(['stdout: early', 'stdout: late']);
  });
});

describe('endGroup', () => {
  /** A group as a runner that was killed leaves it: nobody reads it, nobody waits for it. */
  const orphanGroup = (marker: string, script = 'sleep 1000 & wait'): ProcessGroup => {
    const child = spawn('/bin/sh', ['-c', script], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, POND_ATTEMPT_ID: marker },
    });
    const pgid = child.pid ?? 0;
    strangers.push(pgid);
    return { pgid, marker };
  };

  it('ends what is left of a group and says so; a second time there is nothing', async () => {
    const group = orphanGroup('orphan-1');
    await eventually('both run', () => groupMembers(group.pgid, group.marker).length === 2);
    expect(await nodeProcesses.endGroup(group, 5_000)()).toEqual(right(true));
    expect(groupMembers(group.pgid, group.marker)).toEqual([]);
    expect(await nodeProcesses.endGroup(group, 5_000)()).toEqual(right(false));
  });

  it('ends what is left when the leader has ended', async () => {
    const group = orphanGroup('orphan-2', 'sleep 1000 & exit 0');
    await eventually('only the leftover runs', () => {
      const members = groupMembers(group.pgid, group.marker);
      return members.length === 1 && members[0]?.pid !== group.pgid;
    });
    expect(await nodeProcesses.endGroup(group, 5_000)()).toEqual(right(true));
  });

  it('ends a stopped process, too', async () => {
    const group = orphanGroup('orphan-3', 'kill -STOP $$; sleep 1000');
    await eventually('it is stopped', () =>
      readFileSync(`/proc/${group.pgid}/stat`, 'utf8').includes(') T '),
    );
    expect(await nodeProcesses.endGroup(group, 5_000)()).toEqual(right(true));
  });

  it('leaves a stranger alone that has the pid now', async () => {
    const stranger = orphanGroup('somebody-else');
    await eventually('it runs', () => groupMembers(stranger.pgid, stranger.marker).length === 2);
    const outcome = await nodeProcesses.endGroup({ pgid: stranger.pgid, marker: 'orphan-4' }, 5_000)();
    expect(outcome).toEqual(right(false));
    expect(groupMembers(stranger.pgid, stranger.marker).length).toBe(2);
  });

  it('finds the same members, and their marks, where there is only ps', async () => {
    const group = orphanGroup('orphan-5');
    await eventually('both run', () => groupMembers(group.pgid, group.marker).length === 2);
    const byPid = (members: ReturnType<typeof groupMembers>) => [...members].sort((a, b) => a.pid - b.pid);
    await eventually('they are the same', () =>
      isDeepStrictEqual(
        byPid(membersByPs(group.pgid, group.marker)),
        byPid(groupMembers(group.pgid, group.marker)),
      ),
    );
    expect(membersByPs(group.pgid, 'orphan').map(({ marked }) => marked)).toEqual([false, false]);
  });

  it('of a number that means all processes, one’s own or one by itself ends nothing', async (context) => {
    // In a namespace of its own, where the one that asks is process 1 and leads group 1, and carries the mark.
    const inNamespace = ['--pid', '--fork', '--mount-proc', 'setsid'];
    context.skip(
      spawnSync('unshare', [...inNamespace, 'true']).status !== 0,
      'no namespace can be made here',
    );
    const cwd = directory();
    const bundle = bundledIn(cwd);
    writeFileSync(
      join(cwd, 'asking.mjs'),
      `import { nodeProcesses } from ${JSON.stringify(bundle)};
       import { spawn } from 'node:child_process';
       const bystander = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
       await new Promise((begun) => bystander.once('spawn', begun));
       const outcomes = [];
       for (const pgid of [1, 0, -1, -bystander.pid, 1.5, Number.NaN])
         outcomes.push(await nodeProcesses.endGroup({ pgid, marker: 'forged' }, 100)());
       await new Promise((later) => setTimeout(later, 50));
       const lives = bystander.exitCode === null && bystander.signalCode === null;
       console.log(JSON.stringify({ pid: process.pid, lives, ended: outcomes.map((outcome) => outcome.right) }));
       process.exit(0);`,
    );
    const asked = spawnSync('unshare', [...inNamespace, process.execPath, 'asking.mjs'], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, POND_ATTEMPT_ID: 'forged' },
    });
    const ended = Array.from({ length: 6 }, () => false);
    expect(JSON.parse(asked.stdout)).toEqual({ pid: 1, lives: true, ended });
  });

  it('of a group that never was is nothing to do', async () => {
    const outcome = await nodeProcesses.endGroup({ pgid: 2_000_000_000, marker: 'nobody' }, 5_000)();
    expect(isRight(outcome) && outcome.right).toBe(false);
  });
});

it('a process is alive until it has ended', async () => {
  expect(processIsAlive(process.pid)).toBe(true);
  const { spec } = childOf('exit 0');
  const { running, group } = start(spec);
  expect(isLeft(await running)).toBe(false);
  expect(processIsAlive(group().pgid)).toBe(false);
});
