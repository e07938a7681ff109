import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import { RECOVER, type Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { bytes, type HostFile, hostFile, plainPond, prepare } from './base-ponds.js';

/** Commands that bring a pond from a remote. */
export interface RemoteScenarios {
  readonly restore: Scenario;
  /** The same as of a commit that is not the newest. */
  readonly restoreAt: Scenario;
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
    restore: await restoreScenario(ponds, folder, pushed, 'restore', []),
    restoreAt: await restoreScenario(ponds, folder, pushed, 'restore-at', ['--at', '4']),
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
