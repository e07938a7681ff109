import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { TextListCodec } from '../../../domain/documents/text-list.js';
import { DurationCodec } from '../../../domain/duration.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';
import { NOTICE_ROOTS } from '../notices/notice.js';
import { templateCodec } from '../notices/template.js';
import { isFromEnvironment, LITERAL_SECRET } from '../secret-texts.js';
import { readMailServer } from './mail-server.js';

const smtpProblem = (input: unknown): string | null => {
  if (typeof input !== 'string') return 'expected a text such as smtps://user:password@host:465';
  // What it is altogether is seen when its variables have been resolved.
  if (isFromEnvironment(input)) return null;
  const server = readMailServer(input);
  return isLeft(server) ? server.left : null;
};

const Smtp = new t.Type<string, string, unknown>(
  'the address of a mail server',
  (input): input is string => typeof input === 'string' && smtpProblem(input) === null,
  (input, context) => {
    const problem = smtpProblem(input);
    return typeof input === 'string' && problem === null
      ? t.success(input)
      : t.failure(input, context, problem ?? undefined);
  },
  t.identity,
);

/** The address, and before it perhaps a name; nothing that could end a header or begin another address. */
const MAILBOX =
  /^(?:[^\p{Cc}\p{Zl}\p{Zp}<>@,;:"\\()[\]]+ )?<[^\p{Cc}\s<>@,;:"\\()[\]]+@[^\p{Cc}\s<>@,;:"\\()[\]]+>$|^[^\p{Cc}\s<>@,;:"\\()[\]]+@[^\p{Cc}\s<>@,;:"\\()[\]]+$/u;
const LONGEST_MAILBOX = 320;

const isMailbox = (text: string): boolean =>
  isFromEnvironment(text) || (text.length <= LONGEST_MAILBOX && MAILBOX.test(text));

const MAILBOX_EXPECTED = 'expected user@host or Name <user@host>';

const Mailbox = new t.Type<string, string, unknown>(
  'a mail address',
  (input): input is string => typeof input === 'string' && isMailbox(input),
  (input, context) =>
    typeof input === 'string' && isMailbox(input)
      ? t.success(input)
      : t.failure(input, context, MAILBOX_EXPECTED),
  t.identity,
);

const MOST_RECIPIENTS = 50;

const Mailboxes = new t.Type<readonly string[], unknown, unknown>(
  'one mail address or several',
  (input): input is readonly string[] => TextListCodec.is(input) && input.every(isMailbox),
  (input, context) => {
    const texts = TextListCodec.validate(input, context);
    if (isLeft(texts)) return texts;
    if (texts.right.length > MOST_RECIPIENTS)
      return t.failure(input, context, `expected at most ${MOST_RECIPIENTS} addresses`);
    return texts.right.every(isMailbox) ? texts : t.failure(input, context, MAILBOX_EXPECTED);
  },
  t.identity,
);

const isPattern = (input: unknown): input is readonly string[] =>
  TextListCodec.is(input) && input.every((pattern) => pattern.startsWith('/'));

const Patterns = new t.Type<readonly string[], unknown, unknown>(
  'a pattern of paths or several',
  isPattern,
  (input, context) => {
    const texts = TextListCodec.validate(input, context);
    if (isLeft(texts)) return texts;
    return isPattern(texts.right)
      ? texts
      : t.failure(input, context, 'expected paths or patterns in the pond that begin with /');
  },
  t.identity,
);

const TextTemplate = templateCodec(NOTICE_ROOTS);

/** The configuration of the `email` factory. */
export const EmailConfig = exactType(
  'email configuration',
  { smtp: Smtp, from: Mailbox, to: Mailboxes },
  { subject: TextTemplate, body: TextTemplate, attach: Patterns, timeout: DurationCodec },
);

export type EmailConfig = t.TypeOf<typeof EmailConfig>;

/** A password that stands in the configuration itself, where the pond's history would keep it. */
export const passwordWrittenOut = ({ smtp }: EmailConfig): readonly KeyError[] => {
  const login = /^smtps?:\/\/[^:]*:(.*)@/s.exec(smtp)?.[1];
  const server = readMailServer(smtp);
  const hasPassword = login !== undefined || (isRight(server) && server.right.credentials !== null);
  return hasPassword && !isFromEnvironment(login ?? smtp) ? [{ key: 'smtp', message: LITERAL_SECRET }] : [];
};

/** Reference that `pond factories email` prints. */
export const emailReference: FactoryReference = referenceOf(EmailConfig, {
  meanings: {
    smtp: 'the mail server: smtps://user:password@host:465 (TLS), or smtp://host:587 (STARTTLS: required with a password, else used where offered; ?starttls=required or ?starttls=never); user and password as they are, without percent-encoding',
    from: 'the sender: user@host or Name <user@host>',
    to: 'one recipient or a list of up to 50',
    subject: 'the subject; {{path.to.value}} shows data; default: [pond] and what happened',
    body: 'the text, of which the HTML is made, too; default: what happened, where, since when, and what to type',
    attach:
      'paths or patterns of files in the pond, as they are at the commit; up to 20 files and 10 MiB, what is left out is said in the mail',
    timeout: 'how long sending one mail may take; default 60s',
  },
  example: `# Mails when a check begins to fail, and once more when it is well again.
factory: email
enabled: false # take this line out once the rest is what you want
description: mail the people who look after the data
depends_on: [10-validate]
retry: { max_attempts: 5, initial_interval: 1m, backoff: 3 }
config:
  smtp: "smtps://pond@example.org:\${env:SMTP_PASSWORD}@mail.example.org:465"
  from: Pond <pond@example.org>
  to: [data@example.org]
  subject: "[pond] {{title}}"
`,
});
