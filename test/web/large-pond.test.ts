// A pond of years in a browser. By default a smaller one, which is made here; POND_TEST_LARGE=DIRECTORY tries one that
// test/web/large-pond.mjs has made, such as one of 10,000 commits and 100,000 files.

import { basename } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Steward } from '../../src/promises.js';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { launchChromium, type Served, servedPond } from './browsing.js';
import { makeLargePond } from './large-pond.mjs';

const given = process.env.POND_TEST_LARGE;
const pond = given ?? `${temporaryFolder('web')}/large`;

/** Bytes of everything that the first view needs, as it comes over the network. */
const FIRST_VIEW = 300 * 1024;
/** Milliseconds of the processor, of server and page together: less than half of it, and as much again where the machine is busy. */
const FIRST_VIEW_WORK = 1_000;
const HEAP = 100 * 1024 * 1024;

let browser: Browser;
let served: Served;
let page: Page;
let devtools: CDPSession;
/** Bytes that have come over the network. */
let received = 0;

beforeAll(async () => {
  if (given === undefined) {
    await makeLargePond(Steward, pond, { commits: 60, files: 6_000, withTasks: 20 });
  }
  browser = await launchChromium();
  served = await servedPond(pond, { env: { POND_TRUST: '*' } });
  page = await (await browser.newContext()).newPage();
  devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Performance.enable');
  last = Number(JSON.parse((await callPond(['status', '--json'], { pond })).stdout).last_txn_seq);
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    received += encodedDataLength;
  });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

/** Prints a measurement. */
const measured = (words: string): void => {
  process.stderr.write(`${words}\n`);
};

/** Milliseconds for which the page has worked so far. */
const workOfPage = async (): Promise<number> => {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
};

/** Bytes that the page holds, after what it has let go of is gone. */
const heap = async (): Promise<number> => {
  await devtools.send('HeapProfiler.collectGarbage');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize;
};

/** Number of the newest commit. */
let last = 0;
const name = encodeURIComponent(basename(pond));
const open = (view: string) => page.goto(`http://127.0.0.1:${served.port}/${name}/${view}`);

test('the first view needs few bytes and little of the processor', async () => {
  const [serverBefore, began] = [served.processorMs(), performance.now()];
  await page.goto(served.link);
  await page.locator('.standings li').first().waitFor();
  const [wall, server, client] = [
    performance.now() - began,
    served.processorMs() - serverBefore,
    await workOfPage(),
  ];
  measured(
    `first view: ${Math.round(wall)} ms; processor: server ${Math.round(server)} ms, page ${Math.round(client)} ms; ${received} bytes`,
  );
  expect(received).toBeLessThan(FIRST_VIEW);
  expect(server + client).toBeLessThan(FIRST_VIEW_WORK);
});

describe('no view holds much', () => {
  test.each([
    ['overview', '.standings li'],
    ['commits', 'tbody tr'],
    ['files?path=/flat', 'tbody tr'],
    ['files?path=/in/readings.csv', 'tbody tr'],
    ['schedules', '.panel'],
    ['sql', 'textarea'],
    ['entries', 'tbody tr'],
    [() => `commit/${last}`, '.task'],
    [() => 'commit/7', '.change'],
  ])('%s', async (view, shown) => {
    await open(typeof view === 'string' ? view : view());
    await page.locator(shown).first().waitFor();
    const bytes = await heap();
    measured(`${page.url().split('/').slice(4).join('/')}: ${(bytes / 1e6).toFixed(1)} MB`);
    expect(bytes).toBeLessThan(HEAP);
  });

  test('nor does one in which much is shown one after another', async () => {
    await open('files?path=/flat');
    for (let at = 0; at < 4; at += 1) {
      const before = await page.locator('tbody tr').first().innerText();
      await page.getByRole('button', { name: 'on', exact: true }).click();
      await expect.poll(() => page.locator('tbody tr').first().innerText()).not.toBe(before);
    }
    const moment = page.getByRole('slider');
    const least = Math.max(1, last - 10);
    for (let at = last - 1; at > least; at -= 1) await moment.fill(String(at));
    await expect.poll(() => page.url()).toContain(`at=${least + 1}`);
    expect(await heap()).toBeLessThan(HEAP);
  });
});

/** Bytes on the server's heap and beside it that a request may leave behind: none would, but code that is compiled comes to it. */
const LEFT_BY_A_REQUEST = 8 * 1024;
/** Bytes by which all of its memory may grow while it is asked; that is also what its allocator keeps for later. */
const RESIDENT = 64 * 1024 * 1024;
const ROUNDS = 60;

test('what the server holds does not grow with what is asked', async () => {
  const token = new URLSearchParams(new URL(served.link).hash.slice(1)).get('token') ?? '';
  const views = [
    'overview',
    'commits',
    'files?path=/flat',
    `commits/${last}`,
    `commits/${last}/plan`,
    'entries',
  ];
  const ask = async (rounds: number) => {
    for (let round = 0; round < rounds; round += 1)
      for (const view of views) {
        const answer = await fetch(`${new URL(served.link).origin}/api/v1/ponds/${name}/${view}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        expect(answer.status).toBe(200);
        await answer.arrayBuffer();
      }
  };
  await ask(ROUNDS);
  const before = await served.memory();
  await ask(2 * ROUNDS);
  const after = await served.memory();
  const grown = after.held - before.held;
  const requests = 2 * ROUNDS * views.length;
  measured(
    `the server holds ${(before.held / 1e6).toFixed(1)} MB of ${(before.resident / 1e6).toFixed(0)} MB, ${(grown / 1e3).toFixed(0)} kB more after ${requests} requests, and has ${((after.resident - before.resident) / 1e6).toFixed(1)} MB more`,
  );
  expect(grown).toBeLessThan(requests * LEFT_BY_A_REQUEST);
  expect(after.resident - before.resident).toBeLessThan(RESIDENT);
});
