// A pond in which everything is hostile, and pages of others that want something of it, in one browser.

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { launchChromium, type Served, servedPond, watched } from './browsing.js';

const MARKUP = '<img src=x onerror=alert(1)>';
const ATTRIBUTE = '"onfocus=alert(2) autofocus="';
const SCRIPT = '<script>alert(3)<∕script>';
/** The name of the pond is that of its directory. */
const NAME = `p${MARKUP}`;
const pond = `${temporaryFolder('web')}/${NAME}`;
const ENTRY = `/etc/system.d/10-${MARKUP}`;
const FILE = `/in/${SCRIPT}${ATTRIBUTE}.csv`;
const TEXT = `/in/${MARKUP}\u202e.txt`;
const SCHEDULE = `/etc/schedule.d/20-${MARKUP}`;

let browser: Browser;
let served: Served;
let context: BrowserContext;
let page: Page;
let faults: () => readonly string[];
let last = 0;

const run = async (args: readonly string[], input?: string): Promise<string> => {
  const result = await callPond(args, { pond, ...(input === undefined ? {} : { input }) });
  if (result.code !== 0 && result.code !== 3) throw new Error(`pond ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
};

beforeAll(async () => {
  await run(['init']);
  await run(
    ['copy', '-', ENTRY],
    [
      'factory: command',
      `description: ${JSON.stringify(MARKUP)}`,
      'config:',
      '  run:',
      '    - sh',
      '    - -c',
      `    - ${JSON.stringify(`echo '${MARKUP}'; echo 'POND_REPORT {"${MARKUP}":[{"${SCRIPT}":"${MARKUP}"}]}'; echo '${MARKUP}' >&2; exit 3`)}`,
      '',
    ].join('\n'),
  );
  await run(
    ['copy', '-', SCHEDULE],
    `factory: test-executor\nschedule: "0 0 1 1 *"\ndescription: ${JSON.stringify(MARKUP)}\nconfig: { message: ${JSON.stringify(MARKUP)} }\n`,
  );
  await run(['copy', '-', TEXT], `${MARKUP}\n${SCRIPT}\n`);
  await run(['copy', '-', FILE], `"${MARKUP}","${SCRIPT}"\n1,"${MARKUP}"\n`);
  await run(['copy', '-', FILE], `"${MARKUP}","${SCRIPT}"\n1,"${SCRIPT}"\n`);
  last = Number(JSON.parse(await run(['status', '--json'])).last_txn_seq);
  browser = await launchChromium();
  served = await servedPond(pond);
  context = await browser.newContext();
  page = await context.newPage();
  faults = watched(page, () => served.port);
  await page.goto(served.link);
  await page.getByText('live').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

const origin = () => `http://127.0.0.1:${served.port}`;
const address = (view: string) => `${origin()}/${encodeURIComponent(NAME)}/${view}`;
const query = (path: string) => encodeURIComponent(path);

describe('what is hostile is text in every view', () => {
  afterEach(() => {
    expect(faults()).toEqual([]);
  });

  /** Elements that only the pond could have put there. */
  const foreign = (): Promise<readonly string[]> =>
    page.evaluate(
      `[...document.querySelectorAll('img, iframe, object, embed, script:not([src^="/assets/"]), [onerror], [onfocus], [autofocus]')].map((one) => one.outerHTML)`,
    );

  test.each([
    ['overview', 'overview', MARKUP],
    ['commits', 'commits', MARKUP],
    ['a search', `commits?search=${query(MARKUP)}`, MARKUP],
    ['a commit', () => `commit/${last}`, MARKUP],
    ['a number that is none', `commit/${query(MARKUP)}`, MARKUP],
    ['a directory', `files?path=/in`, SCRIPT],
    ['rows', `files?path=${query(FILE)}`, SCRIPT],
    ['a text', `files?path=${query(TEXT)}`, SCRIPT],
    ['a path that is not there', `files?path=${query(`/none${MARKUP}`)}`, MARKUP],
    ['schedules', 'schedules', MARKUP],
    ['a firing that is not there', `firing?firing=${query(`${SCHEDULE}@2026-01-01T00:00Z`)}`, MARKUP],
    ['a query', `sql?sql=${query(`SELECT '${MARKUP}'`)}`, ''],
    ['entries', 'entries', MARKUP],
    ['an entry', `entries?path=${query(ENTRY)}`, MARKUP],
    ['a view that is none', query(MARKUP), ''],
    ['a pond that is none', `../${query(MARKUP)}/overview`, ''],
  ])('%s', async (_, view, text) => {
    await page.goto(address(typeof view === 'function' ? view() : view));
    await page.locator('main').waitFor();
    if (text !== '') await page.getByText(text).first().waitFor();
    expect(await foreign()).toEqual([]);
  });

  test('what a task says and reports, and what differs', async () => {
    await page.goto(address(`commit/${last}`));
    const said = page.locator('pre.said');
    await said.waitFor();
    expect(await said.innerText()).toContain(MARKUP);
    await page.locator('.report table').waitFor();
    expect(await page.locator('.report').first().innerText()).toContain(MARKUP);
    await page.getByText('what differs').first().click();
    await page.locator('.changed').first().waitFor();
    expect(await page.locator('.changed').first().innerText()).toMatch(/alert/);
    expect(await foreign()).toEqual([]);
  });

  test('rows of a query, and its error', async () => {
    await page.goto(address('sql'));
    const typed = page.getByRole('textbox', { name: 'Query' });
    await typed.fill(`SELECT '${MARKUP}' AS "${MARKUP}"`);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.locator('tbody tr').first().waitFor();
    expect(await page.locator('thead').innerText()).toContain(MARKUP);
    await typed.fill(`SELECT * FROM '/none${MARKUP}.csv'`);
    await page.getByRole('button', { name: 'Ask' }).click();
    expect(await page.getByRole('alert').innerText()).toContain(MARKUP);
    expect(await foreign()).toEqual([]);
  });
});

test('the token is in no address that is asked, and no page of others is told where one comes from', async () => {
  const token = served.link.split('token=')[1] ?? 'none';
  const asked: string[] = [];
  const other = await context.newPage();
  other.on('request', (request) => {
    asked.push(`${request.url()} ${JSON.stringify(request.headers())}`);
  });
  await other.goto(served.link);
  await other.getByText('live').waitFor();
  const addresses = asked.filter((one) => one.includes(token));
  // The page itself is asked for without what stands behind the #.
  expect(addresses).toEqual([]);
  expect(other.url()).not.toContain(token);
  const told: IncomingHttpHeaders[] = [];
  const elsewhere = await otherSite(
    () => '<p>elsewhere</p>',
    ({ headers }) => told.push(headers),
  );
  await other.evaluate(`location.href = 'http://127.0.0.1:${elsewhere.port}/'`);
  await other.getByText('elsewhere').waitFor();
  expect(told.map(({ referer }) => referer)).toEqual(told.map(() => undefined));
  elsewhere.close();
  await other.close();
});

test('a page of another port can neither read nor change anything, by whatever it asks', async () => {
  const before = await run(['control', '--json']);
  const api = `${origin()}/api/v1/ponds/${encodeURIComponent(NAME)}`;
  const elsewhere = await otherSite(() =>
    PAGE_OF_OTHERS.replaceAll('API', api).replaceAll('ORIGIN', origin()),
  );
  for (const host of ['127.0.0.1', 'localhost']) {
    const other = await context.newPage();
    await other.goto(`http://${host}:${elsewhere.port}/`);
    await other.waitForFunction('document.title === "done"');
    const outcomes = await other.evaluate<Record<string, string>>('outcomes');
    expect(Object.keys(outcomes)).toHaveLength(9);
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'nothing')).toEqual([]);
    await other.close();
  }
  elsewhere.close();
  // The same deeds get something where they may.
  const own = await otherSite(() => PAGE_OF_OTHERS.replaceAll('API', '').replaceAll('ORIGIN', ''));
  const other = await context.newPage();
  await other.goto(`http://127.0.0.1:${own.port}/`);
  await other.waitForFunction('outcomes.post !== undefined');
  expect(await other.evaluate('[outcomes.fetch, outcomes.post].every((one) => one.includes("trying"))')).toBe(
    true,
  );
  await other.close();
  own.close();
  const tasks = (text: string) =>
    JSON.parse(text).transactions.map(({ txn_seq, tasks }: { txn_seq: number; tasks: unknown }) => [
      txn_seq,
      tasks,
    ]);
  const writes = (text: string) =>
    JSON.parse(text).transactions.filter(
      ({ transaction_type }: { transaction_type: string }) => transaction_type === 'write',
    );
  expect(writes(await run(['control', '--json']))).toEqual(writes(before));
  expect(tasks(before).length).toBeGreaterThan(0);
});

/** A server of somebody else on this machine: for a browser the same site, but another origin. */
const otherSite = async (
  html: () => string,
  asked: (request: { readonly headers: IncomingHttpHeaders }) => void = () => undefined,
) => {
  const server = createServer((request, answer) => {
    if (request.url === '/') asked(request);
    answer.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' });
    answer.end(html());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** Tries everything by which a page asks others; each outcome is `nothing`, or what it has got. */
const PAGE_OF_OTHERS = `<!doctype html><title>trying</title><body><script>
const outcomes = {};
const body = JSON.stringify({ task: '5.1' });
const read = async (name, ask) => {
  try { const answer = await ask(); outcomes[name] = answer === null ? 'nothing' : String(answer); }
  catch { outcomes[name] = 'nothing'; }
};
const text = async (answer) => (answer.type === 'opaque' ? null : (await answer.text()) || null);
const element = (name, attributes, reach) => new Promise((resolve) => {
  const made = document.createElement(name);
  made.onload = () => resolve(reach(made));
  made.onerror = () => resolve(null);
  Object.assign(made, attributes);
  document.body.append(made);
});
const form = (type) => new Promise((resolve) => {
  const frame = document.createElement('iframe');
  frame.name = 'frame' + type;
  document.body.append(frame);
  const made = document.createElement('form');
  Object.assign(made, { method: 'post', enctype: type, action: 'API/dismiss', target: frame.name });
  const field = document.createElement('input');
  Object.assign(field, { name: '{"task":"5.1","reason":"', value: '"}' });
  made.append(field);
  document.body.append(made);
  frame.onload = () => {
    let inside = null;
    try { inside = frame.contentDocument?.body?.textContent || null; } catch { inside = null; }
    if (inside !== '') resolve(inside);
  };
  made.submit();
});
(async () => {
  await read('fetch', () => fetch('API/status', { credentials: 'include' }).then(text));
  await read('fetch without looking', () => fetch('API/status', { credentials: 'include', mode: 'no-cors' }).then(text));
  await read('post', () => fetch('API/dismiss', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body }).then(text));
  await read('post as text', () => fetch('API/dismiss', { method: 'POST', credentials: 'include', mode: 'no-cors', body }).then(text));
  await read('image', () => element('img', { src: 'API/status' }, () => 'loaded'));
  await read('script', () => element('script', { src: 'API/status' }, () => 'loaded'));
  await read('events', () => new Promise((resolve) => {
    const events = new EventSource('ORIGIN/api/v1/events', { withCredentials: true });
    events.onopen = () => resolve('open');
    events.onerror = () => { events.close(); resolve(null); };
  }));
  await read('form as text', () => form('text/plain'));
  await read('the page in a frame', () => element('iframe', { src: 'ORIGIN/' }, (made) => {
    try { return made.contentDocument?.body?.innerHTML || null; } catch { return null; }
  }));
  document.title = 'done';
})();
</script>`;
