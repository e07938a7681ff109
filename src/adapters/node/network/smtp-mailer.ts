import { getSystemErrorName } from 'node:util';
import { left, right } from 'fp-ts/lib/Either.js';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mail, Mailer, MailFailed, MailSent, MailServer } from '../../../ports/network/mailer.js';

/** Milliseconds that a connection, a greeting or an answer may take: whoever sends has a deadline for all of it. */
const SILENCE_MS = 60_000;
/** Bytes of one answer of a server. */
const LONGEST_ANSWER = 65_536;

/** SMTP by nodemailer. `authorities`: certificates in PEM that are trusted instead of the machine's. */
export const smtpMailer = (options: { readonly authorities?: string } = {}): Mailer => ({
  send: (server, mail, signal) => async () => {
    const connection = connectionTo(server, options.authorities);
    // What the connection says outside of a call, it says while one is waited for.
    const broken = new Promise<never>((_, reject) => connection.on('error', reject));
    broken.catch(() => undefined);
    const aborted = whenAborted(signal);
    const within = <A>(step: (done: (error: unknown, value?: A) => void) => void): Promise<A | undefined> =>
      Promise.race([called(step), broken, aborted]);
    try {
      await within((done) => connection.connect(done));
      const { credentials } = server;
      if (credentials !== null)
        await within((done) =>
          connection.login({ user: credentials.user, pass: credentials.password }, done),
        );
      const message = composed(mail);
      const sent = await within<SentInfo>((done) =>
        connection.send(message.getEnvelope(), message.createReadStream(), done),
      );
      connection.quit();
      return right(sentOf(sent ?? {}));
    } catch (thrown) {
      return left(failureOf(thrown, connection));
    } finally {
      connection.close();
    }
  },
});

const connectionTo = ({ host, port, security }: MailServer, authorities: string | undefined) =>
  new SMTPConnection({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    socketCloseTimeout: 0,
    maxResponseSize: LONGEST_ANSWER,
    allowInternalNetworkInterfaces: true,
    tls: { minVersion: 'TLSv1.2', ...(authorities === undefined ? {} : { ca: authorities }) },
  });

const called = <A>(step: (done: (error: unknown, value?: A) => void) => void): Promise<A | undefined> =>
  new Promise((resolve, reject) => {
    step((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
  });

const whenAborted = (signal: AbortSignal): Promise<never> => {
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('aborted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
};

const composed = ({ from, to, subject, text, html, messageId, date, headers, attachments }: Mail) =>
  new MailComposer({
    from,
    to: [...to],
    subject,
    text,
    html,
    messageId,
    date: new Date(date),
    headers: { ...headers },
    attachments: attachments.map(({ name, content }) => ({ filename: name, content: Buffer.from(content) })),
    // Nothing of a mail is fetched from anywhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();

/** Answer of the library about a mail that was taken. */
interface SentInfo {
  readonly accepted?: readonly string[];
  readonly response?: string;
  readonly rejectedErrors?: readonly unknown[];
}

const sentOf = ({ accepted = [], response = '', rejectedErrors = [] }: SentInfo): MailSent => ({
  accepted,
  answer: response,
  refused: rejectedErrors.map((error) => ({
    address: textIn(error, 'recipient') ?? '',
    status: statusIn(error),
    answer: textIn(error, 'response') ?? messageOf(error),
  })),
});

const failureOf = (error: unknown, connection: unknown): MailFailed => ({
  _tag: 'MailFailed',
  status: statusIn(error),
  code: codeOf(error, connection),
  message: `${memberOf(error, 'code') === 'ETLS' ? 'to STARTTLS: ' : ''}${textIn(error, 'response') ?? messageOf(error)}`,
});

/** The library puts a code of its own over that of the error. What TLS found is kept by the socket. */
const codeOf = (error: unknown, connection: unknown): string => {
  const verified = textIn(memberOf(connection, '_socket'), 'authorizationError');
  if (verified !== null) return verified;
  if (memberOf(error, 'library') === 'SSL routines') return 'EPROTO';
  if (memberOf(error, 'code') === 'EDNS') return 'ENOTFOUND';
  const errno = memberOf(error, 'errno');
  return typeof errno === 'number' && errno < 0 ? getSystemErrorName(errno) : '';
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const statusIn = (error: unknown): number | null => {
  const status = memberOf(error, 'responseCode');
  return typeof status === 'number' && status > 0 ? status : null;
};

const textIn = (error: unknown, name: string): string | null => {
  const text = memberOf(error, name);
  return typeof text === 'string' && text !== '' ? text : null;
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
