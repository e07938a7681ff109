import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import { RECOVER, type Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { ask } from './asking.js';
import { bytes, type HostFile, hostFile, plainPond, prepare } from './base-ponds.js';

/** Commands between a pond and a remote. */
export interface RemoteScenarios {
  /** A push to a remote in which there is nothing. */
  readonly push: Scenario;
  /** The same of a pond whose older versions are no longer whole, so that the newest is sent alone. */
  readonly pushJump: Scenario;
  readonly pull: Scenario;
  readonly promote: Scenario;
  readonly verify: Scenario;
  readonly restore: Scenario;
  /** The same as of a commit that is not the newest. */
  readonly restoreAt: Scenario;
  /** A restore from where there is nothing, which takes back what it has made. */
  readonly restoreNothing: Scenario;
  /** A restore from a remote that lacks a content, which keeps what has come. */
  readonly restoreLacking: Scenario;
  readonly replicate: Scenario;
}

interface Pushed {
  readonly url: string;
  readonly old: HostFile;
  readonly blob: HostFile;
}

export const remoteScenarios = async (ponds: BuiltPonds, folder: string): Promise<RemoteScenarios> => {
  const pushed = await pushedPond(folder);
  return {
    push: await pushScenario(ponds, folder, 'push', []),
    pushJump: await pushScenario(ponds, folder, 'push-jump', ['maintain', '--retention', '0s']),
    ...(await replicaScenarios(ponds, folder, pushed)),
    restore: await restoreScenario(ponds, folder, pushed, 'restore', []),
    restoreAt: await restoreScenario(ponds, folder, pushed, 'restore-at', ['--at', '4']),
    restoreNothing: await failingRestore(ponds, folder, pushed, {
      name: 'restore-nothing',
      wrong: `file://${join(folder, 'misspelt')}`,
      isLeft: false,
    }),
    restoreLacking: await failingRestore(ponds, folder, pushed, {
      name: 'restore-lacking',
      wrong: await lackingRemote(folder),
      isLeft: true,
    }),
    replicate: await replicateScenario(ponds, folder, pushed),
  };
};

/** A pond with five commits that was pushed: its second file is a content outside of the rows. */
const pushedPond = async (folder: string): Promise<Pushed> => {
  const pond = await plainPond(join(folder, 'pushed'));
  const url = `file://${join(folder, 'remote')}`;
  const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
  const blob = await hostFile(join(folder, 'host'), 'blob.bin', bytes(70_000, 2));
  await prepare(pond, ['remote', 'add', 'backup', url]);
  await prepare(pond, ['copy', old.url, '/old.bin']);
  await prepare(pond, ['copy', blob.url, '/blob.bin']);
  await prepare(pond, ['copy', old.url, '/new.bin']);
  await prepare(pond, ['push']);
  return { url, old, blob };
};

const emptyBase = async (folder: string, name: string): Promise<string> => {
  const base = join(folder, `base-${name}`);
  await mkdir(base, { recursive: true });
  return base;
};

/** Tells whether what a command that fetches a pond has begun is still to be ended. */
const isFetching = (folder: string): boolean =>
  !existsSync(join(pondIn(folder), 'data/_delta_log')) ||
  existsSync(join(pondIn(folder), 'control/replica.json')) ||
  !existsSync(join(pondIn(folder), 'control/control.db'));

const restoreScenario = async (
  ponds: BuiltPonds,
  folder: string,
  { url, old, blob }: Pushed,
  name: string,
  options: readonly string[],
): Promise<Scenario> => {
  const newest = options.length === 0;
  return {
    ponds,
    base: await emptyBase(folder, name),
    scratch: join(folder, name),
    args: ['restore', url, '{folder}/pond', ...options],
    codes: [0],
    expected: {
      files: { '/old.bin': old.content, '/blob.bin': blob.content },
      writes: newest ? { '/new.bin': old.content } : {},
      txnSeq: newest ? 5 : 4,
      tasks: {},
    },
    opens: () => false,
    rescue: (run) => [
      { args: ['restore', url, pondIn(run), ...options], codes: [isFetching(run) ? 0 : 1] },
      RECOVER,
    ],
  };
};

/** A copy of the remote without its content. */
const lackingRemote = async (folder: string): Promise<string> => {
  const lacking = join(folder, 'lacking');
  await cp(join(folder, 'remote'), lacking, { recursive: true });
  await rm(join(lacking, '_blobs'), { recursive: true });
  return `file://${lacking}`;
};

/** A restore that fails, after which the right one into the same directory succeeds. */
const failingRestore = async (
  ponds: BuiltPonds,
  folder: string,
  pushed: Pushed,
  { name, wrong, isLeft }: { readonly name: string; readonly wrong: string; readonly isLeft: boolean },
): Promise<Scenario> => {
  const right = await restoreScenario(ponds, folder, pushed, name, []);
  return {
    ...right,
    args: ['restore', wrong, '{folder}/pond'],
    codes: [1],
    completed: (run) => (existsSync(pondIn(run)) === isLeft ? [] : [`there is a directory: ${!isLeft}`]),
    rescue: (run) => [{ args: ['restore', pushed.url, pondIn(run)], codes: [0] }, RECOVER],
  };
};

const replicateScenario = async (
  ponds: BuiltPonds,
  folder: string,
  { url, old, blob }: Pushed,
): Promise<Scenario> => ({
  ponds,
  base: await emptyBase(folder, 'replicate'),
  scratch: join(folder, 'replicate'),
  args: ['replicate', url, '{folder}/pond'],
  codes: [0],
  expected: {
    files: { '/old.bin': old.content, '/blob.bin': blob.content },
    writes: { '/new.bin': old.content },
    txnSeq: 5,
    tasks: {},
  },
  opens: () => false,
  // Where it was complete already, it says that there is a pond.
  rescue: (run) => [
    { args: ['replicate', url, pondIn(run)], codes: [0, 1] },
    { args: ['promote'], codes: [0] },
    RECOVER,
  ],
});

/** Small commits, enough of them that the pond merges their files. */
const COMMITS = 12;

/** `last`: what the pond has been told before it is pushed; nothing: everything is whole. Each run has a remote of its own. */
const pushScenario = async (
  ponds: BuiltPonds,
  folder: string,
  name: string,
  last: readonly string[],
): Promise<Scenario> => {
  const base = join(folder, `base-${name}`);
  const pond = await plainPond(base);
  const blob = await hostFile(join(folder, 'host'), 'pushed.bin', bytes(70_000, 3));
  await prepare(pond, ['copy', blob.url, '/blob.bin']);
  for (let count = 0; count < COMMITS; count += 1) await prepare(pond, ['mkdir', `/made-${count}`]);
  if (last.length > 0) await prepare(pond, last);
  const remoteOf = (run: string): string => `file://${join(run, 'remote')}`;
  return {
    ponds,
    base,
    scratch: join(folder, name),
    args: ['push'],
    codes: [0],
    expected: {
      files: { '/blob.bin': blob.content },
      writes: {},
      txnSeq: COMMITS + 3,
      tasks: {},
      mergedAway: 'may be gone',
    },
    furnish: async (run) => {
      if (!existsSync(join(run, 'remote'))) {
        await mkdir(join(run, 'remote'));
        await prepare(pondIn(run), ['remote', 'add', 'backup', remoteOf(run)]);
      }
      return {};
    },
    // Whoever restores directly after the crash gets a whole state, or learns that there is none yet.
    settle: async (run) => {
      const { code, err } = await ask(join(run, 'stranger'), 'restore', remoteOf(run), join(run, 'stranger'));
      if (code !== 0 && !err.includes('there is no pond at')) throw new Error(`a stranger's restore: ${err}`);
    },
    rescue: () => [{ args: ['push'], codes: [0] }, RECOVER],
    andThen: async (run) => {
      await prepare(pondIn(run), ['push']);
      const { out } = await ask(pondIn(run), 'verify', '--json');
      const [verified] = JSON.parse(out.toString()).remotes;
      const isSame = verified.relation === 'up-to-date' && verified.local_root === verified.remote_root;
      return isSame && verified.missing_blobs.length === 0 ? [] : [`verify: ${out.toString()}`];
    },
  };
};

const replicaScenarios = async (
  ponds: BuiltPonds,
  folder: string,
  { old, blob }: Pushed,
): Promise<Pick<RemoteScenarios, 'pull' | 'promote' | 'verify'>> => {
  const origin = await plainPond(join(folder, 'origin'));
  const url = `file://${join(folder, 'remote-of-origin')}`;
  await prepare(origin, ['remote', 'add', 'backup', url]);
  await prepare(origin, ['copy', old.url, '/old.bin']);
  await prepare(origin, ['push']);
  const base = await emptyBase(folder, 'replica');
  await prepare(pondIn(base), ['replicate', url, pondIn(base)]);
  await prepare(origin, ['copy', blob.url, '/blob.bin']);
  await prepare(origin, ['push']);
  const of = (name: string) => ({ ponds, scratch: join(folder, name), args: [name], codes: [0] });
  const files = { '/old.bin': old.content };
  return {
    pull: {
      ...of('pull'),
      base,
      expected: { files, writes: { '/blob.bin': blob.content }, txnSeq: 4, tasks: {} },
      // It takes no recovery before it is promoted, and the repeated pull brings what is new.
      opens: () => false,
      rescue: () => [{ args: ['pull'], codes: [0] }, { args: ['promote'], codes: [0] }, RECOVER],
    },
    promote: {
      ...of('promote'),
      base,
      expected: { files, writes: {}, txnSeq: 3, tasks: {} },
      rescue: () => [{ args: ['promote'], codes: [0] }, RECOVER],
    },
    verify: {
      ...of('verify'),
      base: join(folder, 'origin'),
      expected: { files: { ...files, '/blob.bin': blob.content }, writes: {}, txnSeq: 4, tasks: {} },
      rescue: () => [{ args: ['verify'], codes: [0] }, RECOVER],
    },
  };
};
