import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { smtpMailer } from '../../../src/adapters/node/network/smtp-mailer.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { email } from '../../../src/factories/built-in/email/email.js';
import { readMailServer } from '../../../src/factories/built-in/email/mail-server.js';
import { describeFactoryError } from '../../../src/factories/describe-factory-error.js';
import { createRegistry } from '../../../src/factories/registry/create-registry.js';
import { bytes } from '../contexts.js';

const env = (name: string) => `\${env:${name}}`;
const registry = createRegistry([email({ clock: nodeClock, mailer: smtpMailer() })], { environment: {} });

/** What `mknod` says of a configuration; null where it takes it. */
const said = (config: object): string | null => {
  const whole = { smtp: 'smtp://h', from: 'a@b.c', to: 'd@e.f', ...config };
  const checked = registry.checkBytes('email', '/etc/system.d/x', bytes(JSON.stringify(whole)));
  return isLeft(checked) ? describeFactoryError(checked.left) : null;
};

test('servers are read with their port, their protection and whatever a password has in it', () => {
  const server = (address: string) => {
    const read = readMailServer(address);
    return isLeft(read) ? read.left : read.right;
  };
  const credentials = { user: 'me@x.org', password: 'a@b:c/d?e#f%41' };
  expect(server('smtps://me@x.org:a@b:c/d?e#f%41@mail.x.org')).toEqual({
    host: 'mail.x.org',
    port: 465,
    security: 'tls',
    credentials,
  });
  expect(server('smtp://me@x.org:a@b:c/d?e#f%41@h:25')).toMatchObject({ port: 25, security: 'starttls' });
  expect(server('smtp://h')).toMatchObject({ port: 587, security: 'starttls-if-offered', credentials: null });
  expect(server('smtp://h?starttls=required')).toMatchObject({ security: 'starttls' });
  expect(server('smtp://h:25?starttls=never')).toMatchObject({ security: 'none' });
  expect(server('smtp://[::1]:25')).toMatchObject({ host: '::1', port: 25 });
  expect(server('smtp://u:p@h?starttls=never')).toContain('a password is not sent without TLS');
  expect(server('smtp://h:99999')).toContain('the port');
  expect(server('smtp://u@h')).toContain('expected user and password');
  for (const address of ['http://h', 'h:25', 'smtp://', 'smtp://h/path', 'smtp://h?x=1', '']) {
    expect(typeof server(address)).toBe('string');
  }
});

test('a password that is written out is refused and never repeated', () => {
  expect(said({ smtp: `smtps://me:${env('PASSWORD')}@h:465` })).toBeNull();
  expect(said({ smtp: env('SMTP_URL') })).toBeNull();
  const refused = said({ smtp: 'smtps://me:correct-horse@h:465' });
  expect(refused).toContain(`smtp: a secret is written ${env('NAME')}`);
  expect(refused).not.toContain('correct-horse');
});

test('addresses in which another header or recipient could hide are refused', () => {
  for (const to of ['a', 'a@b@c', 'a@b, c@d', 'a@b\r\nBcc: c@d', 'A <a@b> <c@d>', '<a@b', 'A\n <a@b>', '']) {
    expect(said({ to })).toContain('to');
    expect(said({ from: to })).toContain('from');
  }
  for (const to of ['a@b', 'A B <a@b.c>', ['a@b', 'Ü <c@d>'], env('TO')]) expect(said({ to })).toBeNull();
  expect(said({ to: Array.from({ length: 51 }, (_, n) => `a${n}@b`) })).toContain('at most 50');
});

test('what is wrong is said with its key', () => {
  expect(said({ smtp: 'http://h' })).toContain('smtp: expected smtps://user:password@host:465');
  expect(said({ attach: 'in/*' })).toContain('attach: expected paths or patterns');
  expect(said({ subject: '{{nothing.x}}' })).toContain('subject: {{nothing.x}} names nothing');
  expect(said({ subjekt: 'x' })).toContain('subjekt: unknown key');
});
