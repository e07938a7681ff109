// A real Chromium that looks at a real `pond serve`.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { source as axeSource } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { eventually } from '../support/condition.js';
import { builtExecutable, plainEnvironment, projectRoot } from '../support/pond-cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Paths at which packages put it. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const launchChromium = async (): Promise<Browser> => {
  const executablePath = process.env.POND_TEST_CHROMIUM ?? CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      'no Chromium is installed: apt-get install -y chromium, or say where in POND_TEST_CHROMIUM',
    );
  // Its own sandbox wants another user than root; what it is shown here is ours.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
};

export interface Served {
  readonly link: string;
  readonly port: number;
  /** Milliseconds of the processor that it has used. */
  readonly processorMs: () => number;
  /** Bytes that it holds once it has let go of what nobody needs: on its heap and beside it, and all that Linux counts as its own. */
  readonly memory: () => Promise<{ readonly held: number; readonly resident: number }>;
  readonly stop: () => Promise<void>;
  /** Ends it as a crash does. */
  readonly kill: () => Promise<void>;
}

/** A `pond serve` of its own process. */
export const servedPond = async (
  pond: string,
  {
    port = 0,
    env = {},
    more = [],
  }: { port?: number; env?: Record<string, string>; more?: readonly string[] } = {},
): Promise<Served> => {
  const args = [builtExecutable(), 'serve', pond, '--listen', `127.0.0.1:${port}`, ...more];
  const memoryFile = join(temporaryFolder('memory'), 'memory.json');
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: projectRoot,
    env: {
      ...plainEnvironment(),
      NODE_OPTIONS: `--require ${join(projectRoot, 'test/support/tell-memory.cjs')}`,
      POND_TEST_MEMORY: memoryFile,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const link = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      const [, found] = /open (\S+)/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`pond serve has ended: ${said}`)));
  });
  return {
    link,
    port: Number(new URL(link).port),
    processorMs: () => {
      const [, after = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ');
      const fields = after.split(' ');
      // In hundredths of a second, by itself and for the system.
      return 10 * (Number(fields[11]) + Number(fields[12]));
    },
    memory: async () => {
      rmSync(memoryFile, { force: true });
      child.kill('SIGUSR2');
      await eventually('the server has said what it holds', () => existsSync(memoryFile));
      const { heapUsed, external, rss } = JSON.parse(readFileSync(memoryFile, 'utf8'));
      return { held: heapUsed + external, resident: rss };
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** Deeds of a page that are none of its own: errors, warnings of its policy, requests that leave its server. */
export const watched = (page: Page, port: () => number): (() => readonly string[]) => {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`threw: ${error.message}`));
  page.on('console', (message) => {
    // That a server is not there, or refuses, is told by the browser, too.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`asked: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'blob:' && url.host !== `127.0.0.1:${port()}`) faults.push(`asked ${request.url()}`);
  });
  return () => faults;
};

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Findings of axe that keep somebody from using the page. */
export const seriousFindings = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(
    'axe.run(document)',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
};

const PICTURES = process.env.POND_PICTURES ?? join(projectRoot, 'dist/pictures');

export const picture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
};
