import { describe, expect, test } from 'vitest';
import type { Steward } from '../../src/steward/steward.js';
import { ok, writing } from '../steward/memory-steward.js';
import { eventually } from '../support/condition.js';
import { addEntry, diskPond, heldFactory, servedBy, tasksBecome } from './serving.js';

const notWaiting = async (steward: Steward, path: string) => ok(await writing(path)(steward)());

const conditionalEntry = async (steward: Steward, name: string, text: string) =>
  ok(await steward.write(({ fs }) => fs.write(`/etc/system.d/${name}`, Buffer.from(text)))());

describe('a write that does not wait', () => {
  test('leaves its tasks to a runner in the background, and ends before they do; who waits gets their outcome', async () => {
    const { factory, letGo } = heldFactory();
    const pond = await diskPond({ factories: [factory] });
    const steward = await pond.open({ tasks: 'background' });
    await addEntry(steward, '10-report', 'held');
    await addEntry(steward, '20-fail', 'test-executor', { message: 'no', fail: true });
    const server = await servedBy(pond.program().program, pond.directory, { factories: [factory] });

    const outcome = await notWaiting(steward, '/in/a');
    expect(outcome).toMatchObject({
      inBackground: true,
      tasks: [{ state: 'pending' }, { state: 'pending' }],
    });
    expect(ok(await steward.wait(4, { timeoutMs: 1 })())).toMatchObject({ hasEnded: false });
    const waited = steward.wait(4)();
    letGo();
    expect(ok(await waited)).toMatchObject({
      hasEnded: true,
      tasks: [{ state: 'completed' }, { state: 'failed' }],
    });
    await steward.close()();
    expect(await server.stop()).toEqual({ done: 2, failed: 1 });
  });

  test('runs its tasks itself where nobody lives who would, and says so', async () => {
    const pond = await diskPond();
    const { program, lines } = pond.program();
    const steward = ok(await program.open(pond.directory, { trust: 'all', tasks: 'background' })());
    await addEntry(steward, '10-report', 'test-executor', { message: 'hello' });
    expect(await notWaiting(steward, '/in/a')).toMatchObject({
      inBackground: false,
      tasks: [{ state: 'completed' }],
    });
    expect(lines.map(({ event }) => event)).toContain('no_background_runner');
    await steward.close()();
  });

  test('is what the setting post_commit asks for, unless the write says otherwise', async () => {
    const pond = await diskPond();
    const steward = await pond.open();
    await addEntry(steward, '10-report', 'test-executor', { message: 'hello' });
    ok(await steward.setSetting('post_commit', 'background')());
    const server = await servedBy(pond.program().program, pond.directory);
    expect(await notWaiting(steward, '/in/a')).toMatchObject({ inBackground: true });
    const waiting = ok(
      await steward.write(({ fs }) => fs.write('/in/b', Buffer.from('b')), { tasks: 'wait' })(),
    );
    expect(waiting).toMatchObject({ inBackground: false, tasks: [{ state: 'completed' }] });
    await tasksBecome(steward, 4, ['completed']);
    await steward.close()();
    await server.stop();
  });

  test('leaves commits of one entry to be run one after another, in their order', async () => {
    const { factory, begun, letGo } = heldFactory();
    const pond = await diskPond({ factories: [factory] });
    const steward = await pond.open({ tasks: 'background' });
    await addEntry(steward, '10-report', 'held');
    const server = await servedBy(pond.program().program, pond.directory, { factories: [factory] });
    for (const path of ['/in/a', '/in/b', '/in/c']) await notWaiting(steward, path);
    await eventually('the first one runs', () => begun().length > 0);
    expect(begun()).toEqual(['3.1']);
    letGo();
    for (const txnSeq of [3, 4, 5]) expect(ok(await steward.wait(txnSeq)()).hasEnded).toBe(true);
    expect(begun()).toEqual(['3.1', '4.1', '5.1']);
    await steward.close()();
    await server.stop();
  });

  test('keeps no commit of another entry waiting, however many commits wait for a long task', async () => {
    const { factory, begun, letGo } = heldFactory();
    const pond = await diskPond({ factories: [factory] });
    const steward = await pond.open({ tasks: 'background' });
    await conditionalEntry(
      steward,
      '10-slow',
      'factory: held\ncondition: { path_pattern: "/in/slow*" }\nconfig: {}\n',
    );
    const server = await servedBy(pond.program().program, pond.directory, { factories: [factory] });
    for (let at = 0; at < 60; at += 1) await notWaiting(steward, `/in/slow${at}`);
    await eventually('the first one runs', () => begun().length > 0);
    await conditionalEntry(
      steward,
      '20-quick',
      'factory: test-executor\ncondition: { path_pattern: "/in/quick" }\nconfig: { message: x }\n',
    );
    const { txnSeq } = await notWaiting(steward, '/in/quick');
    expect(ok(await steward.wait(txnSeq)())).toMatchObject({
      hasEnded: true,
      tasks: [{ state: 'completed' }],
    });
    expect(begun()).toHaveLength(1);
    letGo();
    await server.stop();
    await steward.close()();
  });
});

describe('processes that serve a pond', () => {
  test('stop when they are told to: what runs is ended and pending again, and those that come share it and run nothing twice', async () => {
    const { factory, begun, letGo } = heldFactory();
    const factories = [factory];
    const pond = await diskPond({ factories });
    const steward = await pond.open({ tasks: 'background' });
    await addEntry(steward, '10-report', 'held');
    await addEntry(steward, '20-publish', 'held');
    const first = await servedBy(pond.program().program, pond.directory, { factories });
    for (const path of ['/in/a', '/in/b', '/in/c']) await notWaiting(steward, path);
    await eventually('the first commit has begun', () => begun().length >= 1);
    expect(await first.stop()).toEqual({ done: 0, failed: 0 });
    const left = ok(await steward.incomplete()()).tasks;
    expect(left.map(({ state, runner }) => [state, runner])).toEqual(left.map(() => ['pending', null]));
    expect(left).toHaveLength(6);
    const interrupted = [...begun()];

    letGo();
    const servers = await Promise.all(
      [1, 2].map(() => servedBy(pond.program().program, pond.directory, { factories })),
    );
    for (const txnSeq of [4, 5, 6]) expect(ok(await steward.wait(txnSeq)()).hasEnded).toBe(true);
    const all = [4, 5, 6].flatMap((txnSeq) => [`${txnSeq}.1`, `${txnSeq}.2`]);
    expect([...begun()].toSorted()).toEqual([...interrupted, ...all].toSorted());
    await steward.close()();
    const done = await Promise.all(servers.map((server) => server.stop()));
    expect(done.reduce((sum, one) => sum + one.done, 0)).toBe(6);
  });

  test('are taken for nobody by writes as soon as they are told to stop', async () => {
    const pond = await diskPond();
    const steward = await pond.open({ tasks: 'background' });
    await addEntry(steward, '10-report', 'test-executor', { message: 'hello' });
    const server = await servedBy(pond.program().program, pond.directory);
    await server.stop();
    expect(await notWaiting(steward, '/in/a')).toMatchObject({
      inBackground: false,
      tasks: [{ state: 'completed' }],
    });
    await steward.close()();
  });
});
