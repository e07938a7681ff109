import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createWorld, pathsOf, put, versionsIn } from './world.js';

/** Machines whose process dies at one of the requests that a commit makes: nothing that it does comes after that. */
it('a writer that dies at any request leaves a pond whose every transaction has ended once the next has recovered it', {
  timeout: 240_000,
}, async () => {
  const world = createWorld(temporaryFolder('shared-killed'));
  await world.init();
  world.loseLocks();
  const expected: string[] = [];
  for (const dies of ['before', 'after'] as const) {
    let hasDied = true;
    // Merging and checkpoints come with every tenth commit: they are reached as the number of requests grows.
    for (let at = 1; hasDied; at += 1) {
      const pond = await world.open('dying', { control: `file://${world.folder}/control` });
      // Until the next commit merges files.
      await pathsOf(pond);
      while ((versionsIn(world.store).at(-1) ?? 0) % 10 !== 8) {
        const path = `/${dies}-${at}-${versionsIn(world.store).length}.txt`;
        await put(pond, path);
        expected.push(path);
      }
      const before = world.store.requests.length;
      let reached: () => void = () => undefined;
      const death = new Promise<'died'>((resolve) => {
        reached = () => resolve('died');
      });
      world.fail(({ count }) => {
        if (count - before < at) return null;
        reached();
        return count - before === at && dies === 'after' ? 'lost-for-ever' : 'stall';
      });
      const path = `/${dies}-${at}.txt`;
      const outcome = await Promise.race([death, put(pond, path).then(() => 'done' as const)]);
      hasDied = outcome === 'died';
      world.fail(null);
      if (!hasDied) expected.push(path);

      const next = await world.open('next', { control: `file://${world.folder}/control` });
      await next.recover();
      const paths = await pathsOf(next);
      if (hasDied && paths.includes(path)) expected.push(path);
      expect([...paths].sort()).toEqual([...expected].sort());
      const open = await next.incomplete();
      expect(open.transactions.filter(({ transactionType }) => transactionType === 'write')).toEqual([]);
      const versions = versionsIn(world.store);
      expect(versions).toEqual(versions.map((_, index) => index));
      await next.close();
    }
  }
  const last = await world.open('last', { control: `file://${world.folder}/control` });
  const { findings } = await last.fsck();
  expect(findings.filter(({ _tag }) => !/Orphaned|Leftover|Runner|Interrupted/.test(_tag))).toEqual([]);
  await last.close();
});

it('what a merge has left that died is removed by a recovery as soon as another entry has its version', async () => {
  const world = createWorld(temporaryFolder('shared-dead-merge'));
  await world.init();
  const pond = await world.open('one');
  for (let turn = 0; turn < 105; turn += 1) await put(pond, `/${turn}.txt`);
  const merged = (version: number) => `part-merged-${String(version).padStart(20, '0')}.parquet`;
  const isMerged = (key: string) => key.startsWith('part-merged-');
  const live = [...world.store.objects.keys()].filter(isMerged);
  expect(live.length).toBeGreaterThan(1);
  const newest = Math.max(...versionsIn(world.store));
  // However long ago it died.
  for (const version of [2, newest - 1, newest + 1])
    world.store.objects.set(merged(version), Buffer.from('half'));
  await pond.recover();
  const left = [...world.store.objects.keys()].filter(isMerged);
  expect(left.toSorted()).toEqual([...live, merged(newest + 1)].toSorted());
  // Whoever has sent it may be suspended, and publish it when he wakes up.
  const meanwhile = await pond.fsck();
  expect([meanwhile.ok, meanwhile.checked.unjudged_files]).toEqual([true, 1]);
  await put(pond, '/last.txt');
  await pond.recover();
  const { ok, findings } = await pond.fsck();
  expect({ ok, findings: findings.filter(({ _tag }) => /Orphan/.test(_tag)) }).toEqual({
    ok: true,
    findings: [],
  });
  await pond.close();
});
