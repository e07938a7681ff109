import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterEach, expect, test } from 'vitest';
import type { PondPath } from '../../../src/domain/paths/pond-path.js';
import type { PondReader } from '../../../src/tinyfs/tinyfs.js';
import {
  type SmtpBehaviour,
  type SmtpReceiver,
  smtpReceiver,
} from '../../support/receivers/smtp-receiver.js';
import { POND_ID, readerOf } from '../contexts.js';
import { send } from './sending.js';

const open: SmtpReceiver[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const serverThat = async (behaviour: SmtpBehaviour = {}) => {
  const server = await smtpReceiver(behaviour);
  open.push(server);
  return server;
};

const CHANGES = [{ kind: 'created', path: '/in/<b>&.csv' as PondPath, entryType: 'file' }] as const;

const mailOf = async (config: object = {}, context: Parameters<typeof send>[1] = {}) => {
  const server = await serverThat();
  const error = await send(
    { smtp: `smtp://127.0.0.1:${server.port}`, ...config },
    { changes: CHANGES, ...context },
  );
  expect(error).toBeNull();
  const [mail] = server.mails();
  if (mail === undefined) throw new Error('no mail came');
  return mail;
};

test('a mail has sender, recipients, subject, text and HTML, and says that no person wrote it', async () => {
  const { parsed, recipients, secure } = await mailOf({ to: ['a@example.org', 'Bé <b@example.org>'] });
  expect(secure).toBe(true);
  expect(recipients).toEqual(['a@example.org', 'b@example.org']);
  expect(parsed.from?.text).toBe('"Pond" <pond@example.org>');
  expect(parsed.subject).toBe('[pond] commit 42 changed /in/<b>&.csv');
  expect(parsed.text).toContain('created /in/<b>&.csv');
  expect(parsed.text).toContain('pond show-post-commit 42');
  expect(parsed.html).toContain('created /in/&lt;b&gt;&amp;.csv');
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
});

test('every attempt of a task sends the same Message-ID, and another task another one', async () => {
  const idOf = async (context: object) => (await mailOf({}, context)).parsed.messageId;
  const first = await idOf({ attempt: 1 });
  expect(first).toMatch(/^<msg_[0-9a-f]{32}@example\.org>$/);
  expect(await idOf({ attempt: 2 })).toBe(first);
  expect(await idOf({ idempotencyKey: `${POND_ID}/42.2` })).not.toBe(first);
});

test('no data begins another header or another recipient', async () => {
  const path = '/in/x\r\nBcc: evil@example.org\r\n\r\n<script>' as PondPath;
  const changes = [{ kind: 'created', path, entryType: 'file' }] as const;
  const { parsed, recipients, source } = await mailOf({ subject: '{{changes.0.path}}' }, { changes });
  expect(recipients).toEqual(['data@example.org']);
  expect(parsed.subject).toBe('/in/x Bcc: evil@example.org <script>');
  expect(parsed.headers.has('bcc')).toBe(false);
  expect(source.split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im);
  expect(parsed.html).not.toContain('<script>');
});

test('a body of one’s own is sent as text, and as HTML with its data escaped', async () => {
  const { parsed } = await mailOf({ body: 'See {{changes.0.path}}\n\nin commit {{commit.txn_seq}}' });
  expect(parsed.text?.trim()).toBe('See /in/<b>&.csv\n\nin commit 42');
  expect(parsed.html).toContain('<p>See /in/&lt;b&gt;&amp;.csv</p>');
});

const withFiles = (files: Readonly<Record<string, string>>): PondReader => ({
  ...readerOf(files),
  collectMatches: () =>
    TE.right({
      unreadable: [],
      entries: Object.keys(files).map((path) => ({
        path: path as PondPath,
        name: path,
        entryType: 'file' as const,
        nodeId: null,
        version: 1,
        txnSeq: 1,
        timestamp: 1,
        size: 1,
        sha256: null,
        factory: null,
        linkTarget: null,
      })),
    }),
});

test('files are attached as they are, and what a mail has no room for is said in it', async () => {
  const large = 'x'.repeat(11 * 1024 * 1024);
  const fs = withFiles({ '/in/a.csv': 'a,b\n1,2\n', '/in/large.bin': large, '/in/z.txt': 'z' });
  const { parsed } = await mailOf({ attach: '/in/*' }, { fs });
  expect(parsed.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
    ['in_a.csv', 'a,b\n1,2\n'],
    ['in_z.txt', 'z'],
  ]);
  expect(parsed.text).toContain('/in/large.bin is not attached: a mail takes 10 MiB');
});

test('no more than twenty files are attached', async () => {
  const files = Object.fromEntries(Array.from({ length: 22 }, (_, n) => [`/in/${n}`, String(n)]));
  const { parsed } = await mailOf({ attach: ['/in/*'] }, { fs: withFiles(files) });
  expect(parsed.attachments).toHaveLength(20);
  expect(parsed.text).toContain('/in/21 is not attached: a mail takes 20 files');
});

test('what a file cannot be read for fails the task instead of sending a mail without it', async () => {
  const server = await serverThat();
  const fs = { ...withFiles({ '/in/a': 'a' }), read: readerOf({}).read };
  const error = await send({ smtp: `smtp://127.0.0.1:${server.port}`, attach: '/in/*' }, { fs });
  expect(error).toMatchObject({ message: '/in/a: there is nothing at that path' });
  expect(server.mails()).toEqual([]);
});
