import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** The server that takes mail. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /**
   * Protection of the connection: by TLS from its beginning; by STARTTLS, or nothing is sent; by STARTTLS where the
   * server offers it; or not at all.
   */
  readonly security: 'tls' | 'starttls' | 'starttls-if-offered' | 'none';
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

export interface Mail {
  /** `name <user@host>` or `user@host`. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The id with its angle brackets. */
  readonly messageId: string;
  /** Milliseconds since the epoch. */
  readonly date: number;
  /** More headers; line ends in them do not begin others. */
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly name: string; readonly content: Uint8Array }[];
}

/** A recipient that the server does not take. */
export interface RefusedRecipient {
  readonly address: string;
  /** The server's code; null where it said none. */
  readonly status: number | null;
  readonly answer: string;
}

/** The server has taken responsibility for the mail. */
export interface MailSent {
  readonly accepted: readonly string[];
  readonly refused: readonly RefusedRecipient[];
  readonly answer: string;
}

/** Nobody has taken the mail. */
export interface MailFailed {
  readonly _tag: 'MailFailed';
  /** The server's code, such as 451 or 550; null where none came. */
  readonly status: number | null;
  /** The code of the system or of TLS, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`; empty where there is none. */
  readonly code: string;
  readonly message: string;
}

/** SMTP: one connection, one mail. */
export interface Mailer {
  readonly send: (server: MailServer, mail: Mail, signal: AbortSignal) => TaskEither<MailFailed, MailSent>;
}
