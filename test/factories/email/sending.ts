import { isLeft } from 'fp-ts/lib/Either.js';
import { smtpMailer } from '../../../src/adapters/node/network/smtp-mailer.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { email } from '../../../src/factories/built-in/email/email.js';
import { EmailConfig } from '../../../src/factories/built-in/email/email-config.js';
import type { EmailDeps } from '../../../src/factories/built-in/email/send-mails.js';
import type { FactoryError, PostCommitContext } from '../../../src/factories/factory.js';
import { CERTIFICATE } from '../../support/receivers/smtp-receiver.js';
import { postCommitContext } from '../contexts.js';

const emailConfig = (config: object): EmailConfig => {
  const decoded = EmailConfig.decode({ from: 'Pond <pond@example.org>', to: 'data@example.org', ...config });
  if (isLeft(decoded)) throw new Error(JSON.stringify(decoded.left.map(({ message }) => message)));
  return decoded.right;
};

/** Runs the factory over real SMTP; returns its error, or null. */
export const send = async (
  config: object,
  context: Partial<PostCommitContext> = {},
  deps: Partial<EmailDeps> = {},
): Promise<FactoryError | null> => {
  const factory = email({ clock: nodeClock, mailer: smtpMailer({ authorities: CERTIFICATE }), ...deps });
  const outcome = await factory.execute(postCommitContext(context), emailConfig(config))();
  return isLeft(outcome) ? outcome.left : null;
};

export const messageOf = (error: FactoryError | null): string =>
  error !== null && 'message' in error ? error.message : JSON.stringify(error);
