import { type Either, isLeft, isRight, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { cutBetweenWords } from '../../../domain/secrets/torn-text.js';
import { steps } from '../../../effects/steps.js';
import { runWithDeadline } from '../../../executor/independent/run-with-deadline.js';
import type { Clock } from '../../../ports/clock.js';
import type { Mail, Mailer, MailSent, MailServer } from '../../../ports/network/mailer.js';
import { describeTinyFsError } from '../../../tinyfs/describe-tinyfs-error.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import { withRemedy } from '../connection-remedies.js';
import { oneLine } from '../notices/escapes.js';
import { noticesOf } from '../notices/notices-of.js';
import { attachmentsOf } from './attachments.js';
import type { EmailConfig } from './email-config.js';
import { mailOf } from './mail-of.js';
import { readMailServer } from './mail-server.js';

export interface EmailDeps {
  readonly clock: Clock;
  readonly mailer: Mailer;
}

const TIMEOUT_MS = 60_000;
const GRACE_MS = 1_000;
const LONGEST_SAID = 300;
const WITHOUT_TLS = 'smtp:// begins without it and goes on with STARTTLS';

/** Sends all notices of a run, a mail each; the first that nobody takes ends it. */
export const sendMails = (
  deps: EmailDeps,
  context: FactoryContext,
  config: EmailConfig,
): TaskEither<FactoryError, void> =>
  steps(async ({ take }) => {
    const server = take(serverOf(context, config));
    const attached = take(
      pipe(
        await attachmentsOf(context.fs, config.attach ?? []),
        mapLeft((error) => failed(context, describeTinyFsError(error))),
      ),
    );
    const reported: JsonObject[] = [];
    for (const notice of noticesOf(context, deps.clock.nowMicros())) {
      const mail = mailOf(config, notice, attached);
      const sent = take(await deliver(deps, context, config, server, mail));
      const facts = {
        host: `${server.host}:${server.port}`,
        id: mail.messageId,
        type: notice.type,
        accepted: [...sent.accepted],
      };
      reported.push({
        ...facts,
        refused: sent.refused.map(({ address, answer }) => `${address}: ${said(answer)}`),
        answer: said(sent.answer),
      });
      context.log.log('info', 'mail_sent', facts);
      context.report({ sent: [...reported] });
    }
  });

const serverOf = (context: FactoryContext, { smtp }: EmailConfig): Either<FactoryError, MailServer> =>
  pipe(
    readMailServer(smtp),
    mapLeft((problem) => failed(context, `config.smtp: ${problem}`, { retryable: false })),
  );

const deliver = async (
  { clock, mailer }: EmailDeps,
  context: FactoryContext,
  config: EmailConfig,
  server: MailServer,
  mail: Mail,
): Promise<Either<FactoryError, MailSent>> => {
  const timeoutMs = config.timeout ?? TIMEOUT_MS;
  const outcome = await runWithDeadline(
    { clock, timeoutMs, graceMs: GRACE_MS, interrupt: context.signal },
    (signal) => mailer.send(server, mail, signal),
  );
  const where = `${server.host}:${server.port}`;
  if (outcome._tag !== 'Ignored' && isRight(outcome.result))
    return judged(context, where, outcome.result.right);
  if (outcome._tag === 'Settled' && isLeft(outcome.result)) {
    const { status, code, message } = outcome.result.left;
    const words = `${where}${status === null ? '' : ' answered'} ${said(message)}`;
    return left(failed(context, withRemedy(words, code, WITHOUT_TLS), retryOf(status)));
  }
  const why = context.signal.aborted ? describeAbort(context.signal) : `no end within ${timeoutMs / 1000} s`;
  return left(failed(context, `${where}: ${why}`));
};

/**
 * A server may take a mail for some recipients only. Where it asks for another attempt for one of them, as greylisting
 * does, all are tried again: the others get a copy with the same `Message-ID`. Those that are refused for good are told of
 * and stop nothing, or whoever can be reached would get the same mail with every commit.
 */
const judged = (context: FactoryContext, where: string, sent: MailSent): Either<FactoryError, MailSent> => {
  const words = sent.refused.map(({ address, answer }) => `${address}: ${said(answer)}`).join('; ');
  if (sent.refused.some(({ status }) => retryOf(status).retryable !== false)) {
    return left(failed(context, `${where} took it for ${sent.accepted.join(', ')} only, not for ${words}`));
  }
  if (words !== '') context.log.log('warn', 'recipients_refused', { host: where, refused: words });
  return right(sent);
};

/** Codes from 500 on are for good. */
const retryOf = (status: number | null): { readonly retryable?: boolean } =>
  status !== null && status >= 500 ? { retryable: false } : {};

const said = (text: string): string => cutBetweenWords(LONGEST_SAID, oneLine(text));

const failed = (
  { path }: FactoryContext,
  message: string,
  wish: { readonly retryable?: boolean } = {},
): FactoryError => ({ _tag: 'FactoryFailed', path, factory: 'email', message, ...wish });
