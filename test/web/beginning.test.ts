// The page of a pond in which little is yet, and of what is not there: every view leads on.

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { launchChromium, type Served, servedPond, watched } from './browsing.js';

const pond = `${temporaryFolder('web')}/young`;

let browser: Browser;
let served: Served;
let page: Page;
let faults: () => readonly string[];

const run = async (args: readonly string[], input?: string): Promise<void> => {
  const { code, stderr } = await callPond(args, { pond, ...(input === undefined ? {} : { input }) });
  if (code !== 0) throw new Error(`pond ${args.join(' ')}: ${stderr}`);
};

beforeAll(async () => {
  await run(['init']);
  await run(['mkdir', '/empty']);
  browser = await launchChromium();
  served = await servedPond(pond);
  page = await (await browser.newContext()).newPage();
  faults = watched(page, () => served.port);
  await page.goto(served.link);
  await page.getByText('live').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

afterEach(() => {
  expect(faults()).toEqual([]);
});

const open = (view: string) => page.goto(`http://127.0.0.1:${served.port}/young/${view}`);

test.each([
  ['overview', '/etc/system.d', 'begin with a'],
  ['entries', '/etc/system.d', 'Nothing runs by itself yet'],
  ['schedules', '/etc/schedule.d', 'Nothing is scheduled'],
])('where nothing runs by itself yet, %s leads to a new entry of %s', async (view, directory, words) => {
  await open(view);
  // Parts of a view come as their answers do.
  await page.locator('p', { hasText: words }).getByRole('link', { name: 'new entry' }).click();
  await page.getByRole('heading', { name: 'New entry', level: 2 }).waitFor();
  await expect.poll(() => page.locator('main').innerText()).toContain(`${directory}/`);
});

test('a directory without entries says so, and what is not there leads to what is', async () => {
  await open('files?path=/empty');
  await page.getByText('Nothing is in this directory.').waitFor();
  await open('files?path=/empty/gone.csv');
  await page.getByRole('link', { name: 'what is in the directory' }).click();
  await page.getByText('Nothing is in this directory.').waitFor();
});

test('a commit that is not there is said once and leads to those that are; the newest one leads to none after it', async () => {
  await open('commit/999');
  await page.getByRole('link', { name: 'newest commits' }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(1);
  await page.getByRole('link', { name: 'newest commits' }).click();
  await page.locator('tbody a').first().click();
  await page.getByRole('link', { name: '← 1' }).waitFor();
  expect(await page.getByRole('link', { name: '→' }).count()).toBe(0);
});

test('a write that brought nothing new has no number in the list: that is another commit’s', async () => {
  await run(['copy', '-', '/in/a.txt'], 'the same');
  await run(['copy', '-', '/in/a.txt'], 'the same');
  await open('commits');
  await page.getByLabel('also what brought nothing new').check();
  await expect.poll(() => page.locator('tbody tr').count()).toBe(4);
  const [unchanged, written] = await page.locator('tbody tr').allInnerTexts();
  expect(unchanged).toMatch(/^–/);
  expect(written).toMatch(/^3/);
});

test('an error in several lines stays in lines: one of them points into another', async () => {
  await open('sql');
  await page.locator('textarea').fill('SELECT nothing FROM (SELECT 1 AS something)');
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.getByRole('alert').waitFor();
  expect((await page.getByRole('alert').innerText()).split('\n').length).toBeGreaterThan(1);
});
