import type { Mailer } from '../../ports/mailer.js';

/** Mail, whose code is loaded with the first one. */
export const mailerOnDemand: Mailer = {
  send: (server, mail, signal) => async () =>
    (await import('./smtp-mailer.js')).smtpMailer().send(server, mail, signal)(),
};
