import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callPond } from '../support/pond-in-process.js';
import { type OtlpReceiver, otlpReceiver } from '../support/receivers/otlp-receiver.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { launchChromium, picture, type Served, seriousFindings, servedPond, watched } from './browsing.js';

const folder = temporaryFolder('web');
const pond = `${folder}/weather`;

const SCRIPT = '<img src=x onerror=alert(1)>';
const HOSTILE = `${SCRIPT}.txt`;

let browser: Browser;
let served: Served;
let collector: OtlpReceiver;
let context: BrowserContext;
let page: Page;
let faults: () => readonly string[];

/** The environment of a server whose traces are kept, and shown somewhere. */
const traced = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  POND_TRACE_URL: 'http://127.0.0.1:16686/trace/{trace_id}',
});

const run = async (args: readonly string[], input?: string): Promise<string> => {
  const result = await callPond(args, { pond, ...(input === undefined ? {} : { input }) });
  if (result.code !== 0 && result.code !== 3) throw new Error(`pond ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
};

const readings = (day: number): string =>
  `time,temperature,wind\n${Array.from(
    { length: 96 },
    (_, at) =>
      `2026-11-${String(day).padStart(2, '0')}T${String(Math.floor(at / 4)).padStart(2, '0')}:${String((at % 4) * 15).padStart(2, '0')}:00Z,${(8 + day / 4 + 5 * Math.sin((at - 30) / 15)).toFixed(2)},${(3 + 2 * Math.cos(at / 9 + day)).toFixed(2)}\n`,
  ).join('')}`;

const entry = (config: string, more = ''): string => `factory: test-executor\n${more}config: { ${config} }\n`;

/** What the readings must be like. */
const RULES = `factory: validate
condition: { path_pattern: "/in/*.csv" }
config:
  files: /in/readings.csv
  columns:
    - { name: time, type: timestamp, required: true, unique: true }
    - { name: temperature, type: double, min: -40, max: 50 }
    - { name: wind, type: double, min: 0 }
  checks:
    - { name: a whole day, metric: rowCount, mustBe: 96 }
`;
const REPORT = `factory: command
depends_on: [10-validate]
config:
  run: [sh, -c, "for day in 1 2 3; do echo day $day has 96 readings; done; echo the wind was weak >&2"]
`;
/** What fires while the other tests run. */
const PULSE = 'factory: test-executor\nschedule: "* * * * *"\nconfig: { message: one more minute }\n';
const inbox = `${folder}/inbox`;
/** Arrivals of which one is refused: it has no times. */
const WATCH = `folder: ${inbox}\ninto: /arrived/\nas: series\ntime_column: time\nsettle: 0s\n`;
/** A program that says something, and goes on when the test has seen it. */
const slow = (gate: string): string => `factory: command
condition: { path_pattern: "/slow/*" }
config:
  run: [sh, -c, "echo it has begun; while [ ! -e ${gate} ]; do sleep 0.1; done; echo it is at its end"]
`;

beforeAll(async () => {
  await run(['init']);
  await run(['copy', '-', '/etc/system.d/10-validate'], RULES);
  await run(['copy', '-', '/etc/system.d/20-report'], REPORT);
  await run(
    ['copy', '-', '/etc/system.d/30-export'],
    entry('message: no room on the disk, fail: true', 'depends_on: [10-validate]\n'),
  );
  await run(
    ['copy', '-', '/etc/system.d/40-notify'],
    entry('message: notified', 'depends_on: [20-report]\n'),
  );
  for (const day of [1, 2, 3]) await run(['copy', '-', '/in/readings.csv'], readings(day));
  await run(['copy', '-', '/etc/schedule.d/70-pulse'], PULSE);
  mkdirSync(inbox);
  writeFileSync(`${inbox}/a.csv`, readings(1));
  writeFileSync(`${inbox}/${HOSTILE}.csv`, 'place,value\nhere,1\n');
  await run(['copy', '-', '/etc/watch.d/80-inbox'], WATCH);
  await run(['copy', '-', `/in/${HOSTILE}`], `<script>alert(1)</script>${SCRIPT}\n\u202eevil\n`);
  browser = await launchChromium();
  collector = await otlpReceiver();
  served = await servedPond(pond, { env: traced() });
  context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  page = await context.newPage();
  faults = watched(page, () => served.port);
  await page.goto(served.link);
  await page.getByText('live').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await served?.stop();
  await collector?.close();
});

afterEach(() => {
  expect(faults()).toEqual([]);
});

const open = async (view: string): Promise<void> => {
  await page.goto(`http://127.0.0.1:${served.port}/weather/${view}`);
  await page.locator('.panel, .figures').first().waitFor();
};

/** Code that makes a page believe that somebody sees it, or nobody. */
const seenAs = (isSeen: boolean): string =>
  `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${!isSeen} });
   document.dispatchEvent(new Event('visibilitychange'));`;

describe('the page', () => {
  test('takes the token out of its address, and needs no other way in afterwards', async () => {
    expect(page.url()).toBe(`http://127.0.0.1:${served.port}/`);
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${served.port}/weather/commits`);
    await other.getByRole('heading', { name: 'Commits', level: 2 }).waitFor();
    await other.close();
  });

  test('is closed to a browser without the link', async () => {
    const stranger = await browser.newContext();
    const closed = await stranger.newPage();
    await closed.goto(`http://127.0.0.1:${served.port}/weather/overview`);
    await closed.getByRole('alert').waitFor();
    expect(await closed.locator('body').innerText()).toContain('open the link that pond serve has printed');
    expect(await closed.locator('body').innerText()).not.toContain('10-validate');
    await stranger.close();
  });

  test('says first what fails and since when', async () => {
    await open('overview');
    const first = page.locator('.standings li').first();
    expect(await first.innerText()).toMatch(
      /30-export[\s\S]*failed\s+for[\s\S]*times[\s\S]*no room on the disk/,
    );
    await picture(page, 'overview-light-wide');
  });

  test('shows a commit: what it changed, its plan as a graph, its tasks in time', async () => {
    await open('commit/7');
    await page.locator('svg.graph .node').nth(3).waitFor();
    expect(await page.locator('svg.graph path').count()).toBe(3);
    await expect.poll(() => page.locator('.waterfall .row').count()).toBe(1 + 4);
    await expect.poll(() => page.getByText('/in/readings.csv').count()).toBeGreaterThan(0);
    await picture(page, 'commit-light-wide');
  });

  test('shows of a commit the rows that it changed, what its tasks said, and what checks have found', async () => {
    await open('commit/8');
    await page.getByText('what differs').click();
    await page.locator('.changed.added').first().waitFor();
    expect(await page.locator('.changed.removed').first().innerText()).toContain('2026-11-02');
    const report = page.getByRole('article', { name: '/etc/system.d/20-report' });
    await report.getByText('output', { exact: true }).click();
    await expect
      .poll(() => report.locator('pre.said').innerText())
      .toMatch(/day 3 has 96 readings[\s\S]*|the wind was weak/);
    const checked = page.getByRole('article', { name: '/etc/system.d/10-validate' });
    await checked.getByText('report', { exact: true }).click();
    // What has passed stands behind what has not.
    expect(await checked.locator('.report table').first().isVisible()).toBe(false);
    await checked.locator('summary', { hasText: 'passed' }).click();
    await expect.poll(() => checked.locator('.report table').first().innerText()).toContain('a whole day');
    await page.locator('.task').last().scrollIntoViewIfNeeded();
    await picture(page, 'tasks-light-wide');
  });

  test('shows what a task says while it runs, in every tab, and what a later commit waits for', async () => {
    const gate = `${folder}/gate`;
    await run(['copy', '-', '/etc/system.d/50-slow'], slow(gate));
    const written = run(['copy', '-', '/slow/a.txt', '--json'], 'a');
    await open('overview');
    await page.getByText('Running now').waitFor();
    const tabs = [page, await context.newPage()];
    const [running] = await page.locator('.panel', { hasText: 'Running now' }).locator('a').allInnerTexts();
    const commit = running?.split('.')[0] ?? '';
    for (const tab of tabs) {
      await tab.goto(`http://127.0.0.1:${served.port}/weather/commit/${commit}`);
      await tab.locator('pre.said', { hasText: 'it has begun' }).waitFor();
      await tab.locator('svg.graph .node.started').waitFor();
    }
    writeFileSync(gate, '');
    for (const tab of tabs) {
      await tab.locator('pre.said', { hasText: 'it is at its end' }).waitFor();
      await tab.locator('svg.graph .node.completed').first().waitFor();
    }
    await tabs[1]?.close();
    expect(JSON.parse(await written).tasks.at(-1)).toMatchObject({ state: 'completed' });
    await run(['rm', '/etc/system.d/50-slow']);
  });

  test('compares versions of a text by lines, and goes through the past by single commits', async () => {
    for (const text of ['one\ntwo\nthree\n', 'one\n2\nthree\n']) await run(['copy', '-', '/notes.txt'], text);
    await open('files?path=/notes.txt');
    await page.getByRole('button', { name: 'what differs' }).click();
    await page.locator('pre.difference').waitFor();
    expect(await page.locator('pre.difference').innerText()).toMatch(/one\n− two\n\+ 2\n {2}three/);
    await page.getByRole('button', { name: 'one commit earlier' }).click();
    await expect.poll(() => page.locator('pre.content').innerText()).toContain('two');
    await page.getByRole('button', { name: 'now', exact: true }).click();
    await expect.poll(() => page.url()).not.toContain('at=');
  });

  test('shows schedules, and runs what is scheduled when it is told to', async () => {
    await run(
      ['mknod', 'freshness', '/etc/schedule.d/60-fresh', '--config-path', '-'],
      'factory: freshness\nschedule: "0 6 1 1 *"\nconfig: { expect: [ { path: "/in/*.csv", within: 2h } ] }\n',
    );
    await open('schedules');
    const panel = page.locator('.panel', { hasText: '60-fresh' });
    await panel.waitFor();
    expect(await panel.innerText()).toMatch(/0 6 1 1 \*\s+UTC\s+due in \d+ d/);
    await panel.getByRole('button', { name: 'Run now' }).click();
    expect(await page.getByRole('dialog').innerText()).toContain('That is not a firing');
    await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await picture(page, 'schedules-light-wide');
    await open('overview');
    await page.getByText('Due next').waitFor();
  });

  test('finds commits by a word', async () => {
    await open('commits');
    await page.getByRole('searchbox').fill('readings');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(3);
    await page.getByLabel('only what failed').check();
    await expect.poll(() => page.url()).toContain('state=failed');
  });

  test('lists writes that brought nothing new where they are asked for only', async () => {
    await run(['mkdir', '-p', '/in']);
    await open('commits');
    await page.locator('tbody tr').first().waitFor();
    expect(await page.locator('tbody').innerText()).not.toContain('pond mkdir -p /in');
    await page.getByLabel('also what brought nothing new').check();
    await page.locator('tbody tr', { hasText: 'pond mkdir -p /in' }).waitFor();
    await page.getByLabel('only what failed').check();
    await expect.poll(() => page.url()).toMatch(/state=failed.*empty=true/);
  });

  test('says how long ago something was as long as it is looked at', async () => {
    await run(['copy', '-', '/in/ago.txt'], 'now\n');
    await open('overview');
    const newest = page.locator('.newest', { hasText: '/in/ago.txt' }).locator('time');
    const first = Number.parseInt(await newest.innerText(), 10);
    await expect
      .poll(async () => Number.parseInt(await newest.innerText(), 10), { timeout: 10_000 })
      .toBeGreaterThan(first + 1);
  });

  test('shows files as they were at any commit, as a table and a chart', async () => {
    await open('files?path=/in/readings.csv');
    await page.locator('.chart canvas').waitFor();
    await picture(page, 'series-light-wide');
    expect(await page.locator('tbody tr').first().innerText()).toContain('2026-11-03');
    await page.getByRole('slider').fill('6');
    await expect
      .poll(() => page.locator('tbody tr').first().innerText(), { timeout: 10_000 })
      .toContain('2026-11-01');
    expect(page.url()).toContain('at=6');
  });

  test('shows hostile names and contents as the text that they are', async () => {
    await open('files?path=/in');
    await page.getByRole('link', { name: HOSTILE }).click();
    const content = page.locator('pre.content');
    await content.waitFor();
    expect(await content.innerText()).toContain(`<script>alert(1)</script>${SCRIPT}`);
    expect(await content.innerText()).toContain('\\u202eevil');
    expect(await page.locator('main img').count()).toBe(0);
  });

  test('evaluates a query and keeps its rows as a file', async () => {
    await open('sql');
    await page
      .getByRole('textbox', { name: 'Query' })
      .fill("SELECT time, temperature FROM '/in/readings.csv'");
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.locator('.chart canvas').waitFor();
    for (const format of ['CSV', 'Parquet', 'JSON']) {
      const kept = page.waitForEvent('download');
      await page.getByRole('button', { name: format, exact: true }).click();
      const file = `${folder}/result.${format.toLowerCase()}`;
      expect((await kept).suggestedFilename()).toBe(basename(file));
      await (await kept).saveAs(file);
      await run(['copy', `host://${file}`, '/kept/', '--no-post-commit']);
      const counted = await run(['sql', `SELECT count(*) AS n FROM '/kept/${basename(file)}'`, '--json']);
      expect(JSON.parse(counted)).toEqual([{ n: 96 }]);
    }
    await page.getByRole('textbox', { name: 'Query' }).fill("SELECT * FROM '/none.csv'");
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('alert').waitFor();
  });

  test('follows what happens without being loaded again', async () => {
    await open('overview');
    const before = await page.locator('.figure').first().innerText();
    await run(['copy', '-', '/in/live.txt'], 'something new\n');
    await expect
      .poll(() => page.locator('.figure').first().innerText(), { timeout: 10_000 })
      .not.toBe(before);
    expect(await page.locator('.panel').last().innerText()).toContain('/in/live.txt');
  });

  test('follows what happens more often than the server answers', async () => {
    await open('overview');
    const before = await page.locator('.figure').first().innerText();
    await page.route('**/overview', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await route.continue();
    });
    let isShown = false;
    for (let number = 0; number < 40 && !isShown; number += 1) {
      await run(['copy', '-', '/in/often.txt'], `${number}\n`);
      isShown = (await page.locator('.figure').first().innerText()) !== before;
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(isShown).toBe(true);
  });

  test('is shown in more tabs than a browser has connections: those that nobody sees hold none', async () => {
    const tabs: Page[] = [];
    for (let tab = 0; tab < 8; tab += 1) {
      const shown = await page.context().newPage();
      tabs.push(shown);
      await shown.goto(page.url());
      await shown.locator('.figure').first().waitFor();
      await shown.evaluate(seenAs(false));
    }
    const [first] = tabs;
    const before = await first?.locator('.figure').first().innerText();
    await run(['copy', '-', '/in/tabs.txt'], 'something for the tabs\n');
    await first?.evaluate(seenAs(true));
    await expect
      .poll(() => first?.locator('.figure').first().innerText(), { timeout: 10_000 })
      .not.toBe(before);
    for (const tab of tabs) await tab.close();
  });

  test('edits an entry after checking it, in one commit, with a confirmation that says what will happen', async () => {
    await open('entries?path=/etc/system.d/30-export');
    const text = page.getByRole('textbox', { name: 'Configuration' });
    await text.fill(entry('mesage: wrong'));
    await page.getByRole('button', { name: 'Check' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('mesage');
    await text.fill(entry('message: exported', 'depends_on: [10-validate]\n'));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('It is right.').waitFor();
    await page.getByRole('button', { name: 'Keep' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toContain('one commit');
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await run(['cat', '/etc/system.d/30-export'])).toContain('exported');
  });

  test('makes a new entry of a factory’s example, in one commit, once it is right', async () => {
    await open('entries');
    await page.getByRole('link', { name: 'new entry' }).click();
    await page.getByLabel('factory').selectOption('test-executor');
    const text = page.getByRole('textbox', { name: 'Configuration' });
    await expect.poll(() => text.inputValue()).toContain('factory: test-executor');
    await page.getByLabel('name').fill('90-hello');
    await text.fill(entry('mesage: wrong'));
    await page.getByRole('button', { name: 'Check' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('mesage');
    expect(await page.getByRole('button', { name: 'Keep' }).count()).toBe(0);
    await text.fill(entry('message: hello', 'condition: { path_pattern: "/greetings/*" }\n'));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('It is right.').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'new-entry-light-wide');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
    await expect.poll(() => page.url()).toContain('entries?path=%2Fetc%2Fsystem.d%2F90-hello');
    expect(await run(['cat', '/etc/system.d/90-hello'])).toContain('hello');
    await page.getByRole('link', { name: 'new entry' }).click();
    for (const when of [
      'at its times',
      'before a commit, which it may refuse',
      'when files arrive in a folder',
    ]) {
      await page.getByLabel('runs').selectOption(when);
      await expect.poll(() => text.inputValue()).not.toBe('');
    }
    await expect.poll(() => text.inputValue()).toContain('folder:');
  });

  test('offers to keep nothing that was written after what the answer is about', async () => {
    await open('new-entry');
    await page.getByLabel('factory').selectOption('test-executor');
    const text = page.getByRole('textbox', { name: 'Configuration' });
    await expect.poll(() => text.inputValue()).toContain('factory: test-executor');
    await page.getByLabel('name').fill('91-late');
    await text.fill(entry('message: hello'));
    let letAnswer: () => void = () => undefined;
    const mayAnswer = new Promise<void>((resolve) => (letAnswer = resolve));
    await page.route('**/entries/check', async (route) => {
      const response = await route.fetch();
      await mayAnswer;
      await route.fulfill({ response });
    });
    const answered = page.waitForResponse('**/entries/check');
    await page.getByRole('button', { name: 'Check' }).click();
    await text.fill(entry('mesage: wrong'));
    letAnswer();
    await (await answered).finished();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 100))');
    expect(await page.getByText('It is right.').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Keep' }).count()).toBe(0);
    await page.unroute('**/entries/check');
    await page.getByRole('button', { name: 'Check' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('mesage');
  });

  test('shows of a watched folder what came in, and what was refused and why', async () => {
    await open('schedules');
    const panel = page.getByRole('region', { name: '80-inbox', exact: true });
    await panel.getByRole('region', { name: /refused files/ }).waitFor({ timeout: 30_000 });
    expect(await panel.innerText()).toContain(`${inbox}/`);
    expect(await panel.getByRole('region', { name: /refused files/ }).innerText()).toContain(HOSTILE);
    await panel.getByRole('link', { name: /^\d+$/ }).first().click();
    await page.getByText('/arrived/a.parquet').first().waitFor();
  });

  test('shows a firing: when it was due, what ran for it, and what that said', async () => {
    await open('schedules');
    const firings = page.getByRole('region', { name: 'firings of 70-pulse' });
    await firings.waitFor({ timeout: 70_000 });
    await firings.getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Firing of /etc/schedule.d/70-pulse' }).waitFor();
    await page.locator('.waterfall .row').first().waitFor();
    const task = page.locator('.task').first();
    await task.getByText('output', { exact: true }).click();
    await task.locator('pre.said', { hasText: 'one more minute' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    const link = await page.getByRole('link', { name: 'trace', exact: true }).getAttribute('href');
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:16686\/trace\/[0-9a-f]{32}$/);
    await picture(page, 'firing-light-wide');
  });

  test('retries and dismisses failed tasks', async () => {
    await open('commit/8');
    const failed = page.locator('.task.failed');
    await failed.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Dismiss' }).click();
    await page.locator('.task.dismissed').waitFor();
    await open('commit/7');
    await failed.getByRole('button', { name: 'Retry' }).click();
    expect(await page.getByRole('dialog').innerText()).toContain('Runs task 7.');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await failed.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.locator('.task.failed').innerText()).toContain('no room on the disk');
  });

  test('comes back when its server does, also after a kill', async () => {
    await open('overview');
    const { port } = served;
    await served.kill();
    await page.getByText('not connected').waitFor();
    served = await servedPond(pond, { port, env: traced() });
    await page.locator('.live.on').waitFor();
  });

  test.each([
    ['overview', '.standings li'],
    ['commits', 'tbody tr'],
    ['commit/7', '.waterfall .row'],
    ['files?path=/in', 'tbody tr'],
    ['files?path=/in/readings.csv', '.chart canvas'],
    ['sql', 'textarea'],
    ['entries?path=/etc/system.d/10-validate', 'textarea'],
    ['schedules', 'tbody tr'],
  ])('has nothing in it that keeps anybody out: %s', async (view, whatComesLast) => {
    await open(view);
    await page.locator(whatComesLast).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('is used by keys alone', async () => {
    await open('overview');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('to the content');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('/commits');
  });

  test('begins at the name of what is shown for who goes on by keys, or hears it', async () => {
    const begins = () => page.evaluate('document.activeElement.textContent');
    await open('files');
    await page.getByRole('link', { name: 'in/', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(begins).toBe('Files of weather: /in');
    await page.getByRole('link', { name: 'readings.csv', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(begins).toBe('Files of weather: /in/readings.csv');
    await open('entries');
    await page.getByRole('link', { name: '/etc/system.d/10-validate' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(begins).toBe('Entries of weather: /etc/system.d/10-validate');
    await page.getByRole('button', { name: 'Run now' }).waitFor();
    await page.keyboard.press('Tab');
    await expect.poll(begins).toBe('Run now');
    await page.keyboard.press('Enter');
    await expect.poll(begins).toBe('Cancel');
    await page.keyboard.press('Escape');
    await expect.poll(begins).toBe('Run now');
  });
});

test('the page is right in the dark and on a narrow screen, and nothing is wider than the screen', async () => {
  for (const [name, width, colorScheme] of [
    ['dark-wide', 1280, 'dark'],
    ['light-narrow', 360, 'light'],
    ['dark-narrow', 360, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 860 });
    await page.emulateMedia({ colorScheme });
    for (const [title, view] of [
      ['overview', 'overview'],
      ['commit', 'commit/7'],
      ['series', 'files?path=/in/readings.csv&at=8'],
      ['schedules', 'schedules'],
      ['new-entry', 'new-entry'],
      ['commits', 'commits'],
      ['files', 'files?path=/in'],
      ['entries', 'entries'],
    ] as const) {
      await open(view);
      await page
        .locator('.standings li, svg.graph, .chart canvas, .facts, textarea, .folds tbody tr')
        .first()
        .waitFor();
      expect(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        `${title} ${name}`,
      ).toBe(true);
      // All that is not data is read without scrolling sideways, too.
      expect(
        await page.evaluate(
          '[...document.querySelectorAll(".folds")].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)',
        ),
        `${title} ${name}`,
      ).toEqual([]);
      expect(await seriousFindings(page), `${title} ${name}`).toEqual([]);
      await picture(page, `${title}-${name}`);
    }
  }
});

test('a page of a server that only shows has nothing to press that changes anything', async () => {
  const showing = await servedPond(pond, { more: ['--read-only'] });
  try {
    const other = await (await browser.newContext()).newPage();
    await other.goto(showing.link);
    await other.getByText('shows only').waitFor();
    await other.goto(`http://127.0.0.1:${showing.port}/weather/commit/7`);
    await other.locator('.task').first().waitFor();
    expect(await other.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  } finally {
    await showing.stop();
  }
});
