// A mail server for tests: real SMTP on loopback; what it takes is parsed as a mailbox would.

import { readFileSync } from 'node:fs';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export const CERTIFICATE = readFileSync('test/fixtures/localhost-certificate.pem', 'utf8');
const KEY = readFileSync('test/fixtures/localhost-key.pem', 'utf8');

/** What a mail server says no with. */
export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

export interface ReceivedMail {
  readonly parsed: ParsedMail;
  readonly source: string;
  readonly recipients: readonly string[];
  readonly user: string | undefined;
  readonly secure: boolean;
}

export interface SmtpReceiver {
  readonly port: number;
  readonly mails: () => readonly ReceivedMail[];
  readonly close: () => Promise<void>;
}

export interface SmtpBehaviour extends SMTPServerOptions {
  /** Called after a mail has been read; an error refuses it. */
  readonly afterMail?: (count: number) => Error | null;
}

export const smtpReceiver = async ({ afterMail, ...options }: SmtpBehaviour = {}): Promise<SmtpReceiver> => {
  const mails: ReceivedMail[] = [];
  let count = 0;
  const server = new SMTPServer({
    cert: CERTIFICATE,
    key: KEY,
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    ...options,
    onData: async (stream, session, done) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      const source = Buffer.concat(chunks).toString();
      count += 1;
      const refused = afterMail?.(count) ?? null;
      if (refused !== null) return done(refused);
      mails.push({
        parsed: await simpleParser(source),
        source,
        recipients: session.envelope.rcptTo.map(({ address }) => address),
        user: session.user,
        secure: session.secure,
      });
      done();
    },
  });
  // Clients that go in the middle are part of some tests.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.on('listening', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    mails: () => mails,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
};
