// Secrets that a process is given reach nothing that it says: no log, span, metric, record, report, answer or error.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { builtExecutable, plainEnvironment, runPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { otlpReceiver } from '../../support/receivers/otlp-receiver.js';

/** Each of another way of being a secret; with characters that every encoding changes. */
const BY_NAME = 'c0rrect/horse+"battery&<staple>';
const BY_SETTINGS = 'tr0ub4dor\\3é ünd mehr';
const BY_REFERENCE = 'hunter2-hunter2';
const IN_URL = 's3cretInUrl';
const IN_QUERY = 's3cretInQuery';
/** Said over and over on one line, which is cut. */
const TORN = '0pen-sesame-or-not';
const ENCODED = [BY_NAME, BY_SETTINGS, BY_REFERENCE];
const SECRETS = [...ENCODED, IN_URL, IN_QUERY];

const bytes = (text: string) => Buffer.from(text);
const entities = (text: string, of: (code: number) => string) =>
  [...text].map((c) => of(c.codePointAt(0) ?? 0)).join('');

/** How programs print a value; the same forms in the module and in what the test looks for. */
const FORMS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  'json with escapes': (text) => entities(text, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
  url: (text) => encodeURIComponent(text),
  'url in lower case': (text) => encodeURIComponent(text).replace(/%../g, (two) => two.toLowerCase()),
  form: (text) => new URLSearchParams({ v: text }).toString().slice(2),
  'html by name': (text) =>
    text.replace(
      /[&<>"/+\\]/g,
      (c) =>
        ({
          '&': '&amp;',
          '<': '&lt;',
          '>': '&gt;',
          '"': '&quot;',
          '/': '&sol;',
          '+': '&plus;',
          '\\': '&bsol;',
        })[c] ?? c,
    ),
  'html in decimal': (text) => entities(text, (code) => `&#${code};`),
  'html in decimal, some': (text) => text.replace(/[^a-z0-9]/g, (c) => `&#0${c.codePointAt(0)};`),
  'html in hexadecimal': (text) => entities(text, (code) => `&#x${code.toString(16).toUpperCase()};`),
  hex: (text) => bytes(text).toString('hex'),
  'hex in capitals': (text) => bytes(text).toString('hex').toUpperCase(),
  ...Object.fromEntries(
    ['', 'u', 'us', 'user:'].flatMap((before) =>
      (['base64', 'base64url'] as const).map((encoding) => [
        `${encoding} after ${JSON.stringify(before)}`,
        (text: string) => bytes(`${before}${text}`).toString(encoding),
      ]),
    ),
  ),
};

/** What of an encoded secret may not be found: all of it, or of base64 what is in the middle. */
const tracesOf = (secret: string): readonly string[] =>
  ENCODED.includes(secret)
    ? Object.entries(FORMS).map(([name, form]) => {
        const text = form(secret);
        return name.startsWith('base64') ? text.slice(8, -6) : text;
      })
    : [secret];

/** Says what it is given wherever a factory can say anything, and fails with it. */
const MODULE = `
export default {
  name: 'chatty', kind: 'executable', modes: ['PostCommitReader'], config: (input) => input,
  async execute({ span, log }, { lines }) {
    const texts = [...lines, ...Object.values(process.env.POND_TEST_LINES ? JSON.parse(process.env.POND_TEST_LINES) : [])];
    for (const text of texts) {
      span.set({ said: text, ['key ' + text]: 1 });
      span.event('sent ' + text, { header: 'Bearer ' + text });
      log.log('warn', 'sent', { text, nested: { list: [text], [text]: 1 } });
    }
    throw new Error('refused: ' + texts.join(' | '));
  },
};
`;

/** Values for parameters of the interface, by their names; those of a route that are not required stay as they are. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  pond: ['pond'],
  txn_seq: ['5', '6'],
  factory: ['chatty', 'webhook'],
  task: ['6.1', '6.2'],
  path: ['/', '/a.csv', '/etc/system.d/10-chatty', '/etc/pond.yaml'],
  from: ['1'],
  to: ['6'],
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

type Paths = Readonly<Record<string, Readonly<Record<string, { parameters?: readonly Parameter[] }>>>>;

/** Addresses of all that the interface only shows, with every value of what has to be said. */
const targetsOf = (paths: Paths) =>
  Object.entries(paths).flatMap(([path, methods]) => {
    const required = (methods.get?.parameters ?? []).filter((parameter) => parameter.required === true);
    if (methods.get === undefined) return [];
    return required.reduce<readonly string[]>(
      (targets, { name, in: place }) =>
        targets.flatMap((target) =>
          (ASKED[name] ?? []).map((value) =>
            place === 'path'
              ? target.replace(`{${name}}`, encodeURIComponent(value))
              : `${target}${target.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`,
          ),
        ),
      [path],
    );
  });

/** Everything that a server of the pond says: each address that shows something, what is retried meanwhile, events, metrics and its own lines. */
const servedBy = async (pond: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const server = spawn(
    process.execPath,
    [builtExecutable(), 'serve', '--listen', '127.0.0.1:0', '--log-level', 'debug'],
    {
      env: { ...plainEnvironment(), ...env, POND: pond },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  const link = new Promise<URL>((found, failed) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        lines.push(text);
        const [, url] = /open (http:\S+)/.exec(lines.join('')) ?? [];
        if (url !== undefined) found(new URL(url));
      });
    }
    server.once('exit', () => failed(new Error(lines.join(''))));
  });
  try {
    const { origin, hash } = await link;
    const headers = { authorization: `Bearer ${hash.slice('#token='.length)}` };
    const said: string[] = [];
    const ask = async (target: string, body?: object): Promise<number> => {
      const posted = {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { ...headers, origin, 'content-type': 'application/json' },
      };
      const answer = await fetch(`${origin}${target}`, body === undefined ? { headers } : posted);
      said.push(await answer.text());
      return answer.status;
    };
    const events = new AbortController();
    const heard = fetch(`${origin}/api/v1/events`, { headers, signal: events.signal }).then(
      async ({ body }) => {
        for await (const chunk of body ?? []) said.push(Buffer.from(chunk).toString());
      },
    );
    const document = await fetch(`${origin}/api/v1/openapi.json`, { headers });
    const { paths } = (await document.json()) as { readonly paths: Paths };
    expect(await ask('/api/v1/ponds/pond/retry', { task: '6' })).toBe(200);
    const statuses = new Map<string, number>();
    for (const target of targetsOf(paths)) {
      // Heard above, and never at its end.
      if (!/\/(events|follow)(\?|$)/.test(target)) statuses.set(target, await ask(target));
    }
    await ask('/metrics');
    await ask('/api/v1/ponds/pond/sql', { sql: 'SELECT * FROM control_table' });
    await ask('/api/v1/ponds/pond/sql', {
      sql: `SELECT * FROM 'https://u:${IN_URL}@127.0.0.1:1/x.csv?k=${IN_QUERY}'`,
    });
    await ask('/api/v1/ponds/pond/run', { path: '/etc/system.d/10-chatty' });
    events.abort();
    await heard.catch(() => undefined);
    // Every kind of address has answered at least once.
    const routes = new Map<string, boolean>();
    for (const [target, status] of statuses) {
      const route = target.replace(/\?.*/, '').replace(/\/(\d+|chatty|webhook)(?=\/|$)/, '/*');
      routes.set(route, (routes.get(route) ?? false) || status === 200);
    }
    expect([...routes].filter(([, isAnswered]) => !isAnswered)).toEqual([]);
    expect(routes.size).toBeGreaterThan(20);
    return [...said, ...lines];
  } finally {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
};

test('a secret by its variable’s name, by the settings, by a reference or in a URL reaches nothing that is said, in no encoding', async () => {
  const collector = await otlpReceiver();
  const pond = await tempPond(callPond);
  onTestFinished(async () => {
    await pond.remove();
    await collector.close();
  });
  const said = ENCODED.flatMap((secret) => Object.values(FORMS).map((form) => form(secret)));
  const urls = [`https://user:${IN_URL}@127.0.0.1:1/x`, `see http://127.0.0.1/p?key=${IN_QUERY}&b=1#x, then`];
  const lines = join(pond.host, 'lines');
  writeFileSync(lines, [...said, ...urls, TORN.repeat(2_000)].join('\n'));
  writeFileSync(join(pond.host, 'chatty.mjs'), MODULE);
  await pond.run(['config', 'set', 'factories', `[${join(pond.host, 'chatty.mjs')}]`]);
  await pond.run(['config', 'set', 'secret_variables', '[MY_PIN, CORP_*]']);
  const reference = ['$', '{env:WORD}'].join('');
  const entry = (name: string, factory: string, config: object) =>
    pond.run(['mknod', factory, `/etc/system.d/${name}`, '--config', JSON.stringify(config)]);
  await entry('10-chatty', 'chatty', { lines: [reference] });
  // What a task inherits needs no reference in its configuration.
  await entry('20-cat', 'command', {
    run: ['sh', '-c', 'cat "$1"; cat "$1" >&2; exit 3', 'sh', lines],
    env: { W: reference },
  });

  const env = {
    MY_API_TOKEN: BY_NAME,
    CORP_LOGIN: BY_SETTINGS,
    WORD: BY_REFERENCE,
    MY_PIN: '71',
    TORN_TOKEN: TORN,
    POND_TEST_LINES: JSON.stringify([...said, ...urls]),
  };
  const outputs: string[] = [];
  const exporting = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_LOGS_EXPORTER: 'otlp',
  };
  const run = async (args: readonly string[], expected: number, traced = false) => {
    const options = { pond: pond.pond, input: 'x', env: { ...env, ...(traced ? exporting : {}) } };
    const { code, stdout, stderr } = await (traced ? runPond : callPond)(args, options);
    expect([args, code]).toEqual([args, expected]);
    outputs.push(stdout, stderr);
  };
  await run(['copy', '-', '/a.csv', '--log-level', 'debug', '--json'], 3, true);
  await run(['control', '--mode', 'detailed', '--json'], 0);
  await run(['control', '--mode', 'detailed'], 0);
  await run(['show-post-commit', '--json'], 0);
  await run(['trace', '--json'], 0);
  await run(['status', '--post-commit'], 0);
  // Errors of the command line, and arguments as they are recorded.
  await run(['cat', `/no/${BY_NAME}`, '--json'], 1);
  await run(['sql', `SELECT * FROM 'https://u:${IN_URL}@127.0.0.1:1/x.csv?k=${IN_QUERY}'`], 1);
  await run(['list', '--otlp', `htp://u:${IN_URL}@h/?k=${IN_QUERY}`], 2);
  await run(['list', '--otlp', `http://u:${IN_URL}@127.0.0.1:1/?k=${IN_QUERY}`], 0, true);
  await run(
    [
      ...[
        'run',
        '/etc/system.d/10-chatty',
        '--',
        '--token',
        IN_URL,
        `--api-key=${IN_URL}`,
        '--githubToken',
        IN_URL,
      ],
      ...['--header', `Authorization: Bearer ${IN_URL}`, '-H', `X-Api-Key: ${IN_URL}`, `PASSWORD=${IN_URL}`],
      ...[`{"clientSecret": "${IN_URL}"}`, `postgres://u:${IN_URL}@h/db`, BY_NAME],
    ],
    1,
    true,
  );
  await run(['control', '--mode', 'detailed', '--json'], 0);

  const control = join(pond.pond, 'control');
  const served = await servedBy(pond.pond, env);

  const files = readdirSync(control, { recursive: true, encoding: 'utf8' })
    .map((name) => join(control, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path).toString('utf8'));
  const sent = collector.bodies();
  const sinks = { sent, files, outputs, served };
  // What was said went all these ways, so the secrets would have, too.
  for (const [name, texts] of Object.entries(sinks)) {
    expect(
      texts.some((text) => text.includes('refused: ***')),
      name,
    ).toBe(true);
  }
  const traces = [...SECRETS.flatMap(tracesOf), TORN.slice(0, 7), TORN.slice(-7)];
  const leaks = traces.flatMap((trace) =>
    Object.entries(sinks).flatMap(([name, texts]) => {
      const quoted = JSON.stringify(trace).slice(1, -1);
      const found = texts.find((text) => text.includes(trace) || text.includes(quoted));
      const at = found === undefined ? -1 : Math.max(found.indexOf(trace), found.indexOf(quoted));
      return found === undefined ? [] : [[name, trace, found.slice(Math.max(0, at - 80), at + 80)]];
    }),
  );
  expect(leaks).toEqual([]);
});
