import { afterEach, expect, test } from 'vitest';
import { recordingLogger } from '../../../src/adapters/memory/recording-logger.js';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { smtpMailer } from '../../../src/adapters/node/network/smtp-mailer.js';
import {
  refusal,
  type SmtpBehaviour,
  type SmtpReceiver,
  smtpReceiver,
} from '../../support/receivers/smtp-receiver.js';
import { messageOf, send } from './sending.js';

const open: SmtpReceiver[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const serverThat = async (behaviour: SmtpBehaviour = {}) => {
  const server = await smtpReceiver({ closeTimeout: 0, ...behaviour });
  open.push(server);
  return server;
};

const PASSWORD = 'p@ss/w#rd:1?';

const authenticating: SmtpBehaviour = {
  authOptional: false,
  onAuth: ({ username, password }, _session, done) =>
    username === 'me@example.org' && password === PASSWORD
      ? done(null, { user: username })
      : done(refusal(535, 'bad credentials')),
};

test('a password with any characters in it is sent, over STARTTLS or TLS only', async () => {
  for (const secure of [false, true]) {
    const server = await serverThat({ ...authenticating, secure });
    const scheme = secure ? 'smtps' : 'smtp';
    expect(
      await send({ smtp: `${scheme}://me@example.org:${PASSWORD}@127.0.0.1:${server.port}` }),
    ).toBeNull();
    expect(server.mails()).toMatchObject([{ user: 'me@example.org', secure: true }]);
  }
});

test('a password is not sent to a server that offers no STARTTLS', async () => {
  const tried: string[] = [];
  const server = await serverThat({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username = '' }, _session, done) => {
      tried.push(username);
      done(null, { user: username });
    },
  });
  const error = await send({ smtp: `smtp://me:${PASSWORD}@127.0.0.1:${server.port}` });
  expect(messageOf(error)).toContain('STARTTLS');
  expect(tried).toEqual([]);
});

test.each([
  ['STARTTLS', 'smtp', false],
  ['TLS', 'smtps', true],
])(
  'a certificate that nobody trusts ends it before anything is sent, with what to do: %s',
  async (_, scheme, secure) => {
    const server = await serverThat({ ...authenticating, secure });
    const smtp = `${scheme}://me@example.org:${PASSWORD}@127.0.0.1:${server.port}`;
    const error = await send({ smtp }, {}, { mailer: smtpMailer() });
    expect(messageOf(error)).toMatch(/self-signed certificate/);
    expect(messageOf(error)).toContain('NODE_EXTRA_CA_CERTS=FILE');
    expect(server.mails()).toEqual([]);
  },
);

test('a server that is not there, and one that does not speak TLS, are said with what to do', async () => {
  const server = await serverThat({ secure: false });
  const error = await send({ smtp: `smtps://127.0.0.1:${server.port}` }, {}, { mailer: smtpMailer() });
  expect(messageOf(error)).toContain('it does not speak TLS; smtp:// begins without it');
  await server.close();
  const gone = await send({ smtp: `smtp://127.0.0.1:${server.port}` }, {}, { mailer: smtpMailer() });
  expect(messageOf(gone)).toContain('nothing listens there');
});

test('a wrong password is not tried again', async () => {
  const server = await serverThat(authenticating);
  const error = await send({ smtp: `smtp://me:wrong@127.0.0.1:${server.port}` });
  expect(error).toMatchObject({ retryable: false });
  expect(messageOf(error)).toContain(`127.0.0.1:${server.port} answered 535 bad credentials`);
  expect(messageOf(error)).not.toContain('wrong');
});

const refusingRecipients = (codes: Readonly<Record<string, number>>): SmtpBehaviour => ({
  onRcptTo: ({ address }, _session, done) => {
    const code = codes[address];
    done(code === undefined ? null : refusal(code, `no ${address}`));
  },
});

const toBoth = (port: number) => ({
  smtp: `smtp://127.0.0.1:${port}`,
  to: ['good@example.org', 'other@example.org'],
});

test('refusals for good are not tried again, greylisting is', async () => {
  for (const [code, retryable] of [
    [550, false],
    [451, undefined],
  ] as const) {
    const codes = { 'good@example.org': code, 'other@example.org': code };
    const server = await serverThat(refusingRecipients(codes));
    const error = await send(toBoth(server.port));
    expect(error).toHaveProperty('_tag', 'FactoryFailed');
    expect(error !== null && 'retryable' in error ? error.retryable : undefined).toBe(retryable);
    expect(messageOf(error)).toContain(`answered ${code}`);
  }
});

test('greylisting for one of two recipients is tried again', async () => {
  const server = await serverThat(refusingRecipients({ 'other@example.org': 451 }));
  const error = await send(toBoth(server.port));
  expect(messageOf(error)).toContain('took it for good@example.org only, not for other@example.org: 451');
  expect(error).not.toMatchObject({ retryable: false });
});

test('a recipient that is refused for good is told of, and the others have their mail', async () => {
  const server = await serverThat(refusingRecipients({ 'other@example.org': 550 }));
  const { logger, lines } = recordingLogger();
  expect(await send(toBoth(server.port), { log: logger })).toBeNull();
  expect(server.mails()).toMatchObject([{ recipients: ['good@example.org'] }]);
  expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
    { event: 'recipients_refused', fields: { refused: expect.stringContaining('other@example.org: 550') } },
  ]);
});

test('a mail that the server refuses after having read it is as its code says', async () => {
  for (const [code, retryable] of [
    [554, false],
    [452, undefined],
  ] as const) {
    const server = await serverThat({ afterMail: () => refusal(code, 'not this one') });
    const error = await send({ smtp: `smtp://127.0.0.1:${server.port}` });
    expect(error !== null && 'retryable' in error ? error.retryable : undefined).toBe(retryable);
    expect(messageOf(error)).toContain(`answered ${code} not this one`);
  }
});

test('a server that says nothing more is given up at the timeout', async () => {
  const { clock, advance } = settableClock();
  let asked: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = await serverThat({ onMailFrom: () => asked() });
  const sending = send({ smtp: `smtp://127.0.0.1:${server.port}`, timeout: '5s' }, {}, { clock });
  await reached;
  await advance(5_000);
  expect(messageOf(await sending)).toBe(`127.0.0.1:${server.port}: no end within 5 s`);
});

test('where nobody listens the failure says so, and it is tried again', async () => {
  const server = await smtpReceiver();
  await server.close();
  const error = await send({ smtp: `smtp://127.0.0.1:${server.port}` });
  expect(messageOf(error)).toContain('ECONNREFUSED');
  expect(error).not.toMatchObject({ retryable: false });
});
