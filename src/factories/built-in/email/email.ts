import { onDemand } from '../../../effects/on-demand.js';
import type { ExecutableFactory } from '../../factory.js';
import { EmailConfig, emailReference, passwordWrittenOut } from './email-config.js';
import type { EmailDeps } from './send-mails.js';

/**
 * Sends what happened by mail. A mail that is sent again, by a retry or after a crash, has the `Message-ID` of the first
 * one, so that mailboxes can know it again.
 */
export const email = (deps: EmailDeps): ExecutableFactory<EmailConfig> => ({
  name: 'email',
  description: 'Sends a notice by mail, with files of the pond where they are wanted.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  runWhen: 'change',
  config: EmailConfig,
  reference: emailReference,
  checkStored: passwordWrittenOut,
  execute: (context, config) => sending(({ sendMails }) => sendMails(deps, context, config)),
});

const sending = onDemand(() => import('./send-mails.js'));
