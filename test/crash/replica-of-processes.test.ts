// Commits, pushes and pulls by processes of their own, ended by SIGKILL on both sides at requests chosen by a seed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Steward } from '../../src/promises.js';
import { type FakeS3, startFakeS3 } from '../support/fake-s3.js';
import { memoryStore } from '../support/memory-store.js';
import { builtExecutable, plainEnvironment } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';
import { chosenSeed } from './machinery/chosen-seed.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;
const COMMITS = 200;
/** Commits between two rounds of a push and a pull. */
const ROUND = 8;
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
const URL = 's3://bucket/pond';

let folder = '';
let server: FakeS3;
/** Hears of every request to the store. */
let onRequest: () => void = () => undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-replica-'));
  server = await startFakeS3(
    memoryStore({
      fault: () => {
        onRequest();
        return null;
      },
    }),
  );
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const done = async (pond: string, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await callPond(args, { pond, env: CREDENTIALS });
  expect([args, code, code === 0 ? '' : stdout + stderr]).toEqual([args, 0, '']);
  return stdout;
};

const rootOf = async (pond: string): Promise<string> =>
  JSON.parse(await done(pond, 'fsck', '--json')).content_root;

/** What a killed pull may leave until the next one: what it has staged, files that have arrived before the entries that name them, history that is to be fetched. */
const LEFT_BY_KILL: ReadonlySet<string> = new Set(['StagedLeftover', 'OrphanedDataFile', 'HistoryNotPulled']);

/** Checks all of a pond beside which a process was killed. */
const checkKilled = async (pond: string): Promise<void> => {
  const { stdout, stderr } = await callPond(['fsck', '--json'], { pond, env: CREDENTIALS });
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly tag: string }[] };
  const others = findings.filter(({ tag }) => !LEFT_BY_KILL.has(tag));
  expect([others, stderr]).toEqual([[], '']);
};

/** Runs `pond` as a process that is killed when it has made so many requests; returns whether it was. */
const killedAt = async (count: number, pond: string, ...args: readonly string[]): Promise<boolean> => {
  const child = spawn(process.execPath, [builtExecutable(), ...args], {
    env: { ...plainEnvironment(), ...CREDENTIALS, POND: pond },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  let left = count;
  onRequest = () => {
    left -= 1;
    if (left <= 0) child.kill('SIGKILL');
  };
  const [code, signal] = await once(child, 'close');
  onRequest = () => undefined;
  if (signal === null) expect([args, code, said]).toEqual([args, 0, expect.any(String)]);
  return signal === 'SIGKILL';
};

const seed = chosenSeed();

it(`a replica that another machine pulls again and again during two hundred commits, with kills on both sides, is whole, and ends as the pond is; deleted, the pond is restored as of three commits (seed ${seed})`, {
  timeout: LONG,
}, async () => {
  let state = (Math.abs(seed) % 2_147_483_646) + 1;
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  const laptop = join(folder, 'laptop');
  const replica = join(folder, 'replica');
  await Steward.init(laptop);
  const pond = await Steward.open(laptop);
  await done(laptop, 'remote', 'add', 'backup', URL, '--endpoint', server.endpoint);
  await done(laptop, 'push');
  await done(replica, 'replicate', URL, replica, '--endpoint', server.endpoint);
  const roots = new Map<number, string>();
  let kills = 0;
  for (let commit = 1; commit <= COMMITS; commit += 1) {
    const { txnSeq } = await pond.write(({ fs }) =>
      fs.write(`/f-${commit % 40}`, Buffer.alloc(commit % 15 === 0 ? 70_000 : 100, `${commit}`)),
    );
    if ([60, 120, 180].includes(commit) && txnSeq !== null) {
      // A commit can be restored whose push has ended before its files were merged away.
      await done(laptop, 'push');
      roots.set(txnSeq, await rootOf(laptop));
    }
    if (commit === 100) await done(laptop, 'maintain', '--retention', '0s');
    if (commit % ROUND !== 0) continue;
    const atPush = 1 + below(24);
    const atPull = 1 + below(24);
    if (await killedAt(atPush, laptop, 'push')) kills += 1;
    if (await killedAt(atPull, replica, 'pull')) kills += 1;
    // What a killed pull leaves is whole.
    if (below(3) === 0) await checkKilled(replica);
  }
  await pond.close();
  expect(kills).toBeGreaterThan(COMMITS / ROUND / 2);
  await done(laptop, 'push');
  expect(await done(laptop, 'verify')).toContain('up to date');
  await done(replica, 'pull');
  const root = await rootOf(laptop);
  expect(await rootOf(replica)).toBe(root);
  await rm(laptop, { recursive: true });
  for (const [txnSeq, expected] of roots) {
    const restored = join(folder, `as-of-${txnSeq}`);
    await done(restored, 'restore', URL, restored, '--at', `${txnSeq}`, '--endpoint', server.endpoint);
    expect([seed, txnSeq, await rootOf(restored)]).toEqual([seed, txnSeq, expected]);
  }
  expect(roots.size).toBe(3);
  const whole = join(folder, 'whole');
  await done(whole, 'restore', URL, whole, '--endpoint', server.endpoint);
  expect(await rootOf(whole)).toBe(root);
});
