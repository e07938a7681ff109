import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A request as it came. */
export interface ServerRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** Headers by their names in lower case; several of one name are joined with `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Aborts when the server is to stop: what goes on for as long as somebody listens ends then. */
  readonly stopping: AbortSignal;
}

export interface ServerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Content; one that is neither text nor bytes is sent as it comes, no faster than it is read. */
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array>;
}

/** Limits by which no client can keep the others waiting. */
export interface ServerLimits {
  /** Connections at most; where there are more, the ones that have been idle for longest are closed. */
  readonly connections: number;
  /** Milliseconds in which the head of a request must have come, from the beginning of the connection on. */
  readonly headMs: number;
  /** Milliseconds in which all of a request must have come. */
  readonly requestMs: number;
  /** Milliseconds for which a client may not read what it asked for, and for which a connection stays open between two requests. */
  readonly idleMs: number;
  /** Bytes of a request's head. */
  readonly headBytes: number;
}

/** Place where a server listens. */
export interface ListenAt {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Certificate and key in PEM; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** A server could not be started there. */
export interface ListenFailed {
  readonly _tag: 'ListenFailed';
  readonly host: string;
  readonly port: number;
  /** Name of the error, such as `EADDRINUSE`. */
  readonly code: string;
  readonly message: string;
}

export interface Listening {
  readonly port: number;
  /** Takes no more requests, lets those that are being answered go on for so many milliseconds, and ends. */
  readonly close: (graceMs: number) => Task<void>;
}

/** Work of a server for one request. */
export interface Answering {
  readonly answer: (request: ServerRequest) => Promise<ServerReply>;
  /**
   * Hears what `answer` rejected with, and what broke off a reply or could not be sent of it. The client hears nothing of it: it gets
   * a status of 500, or, where the reply has begun, not its end. That a client has gone is not a failure.
   */
  readonly failed: (request: ServerRequest, thrown: unknown) => void;
}

/** HTTP/1.1 for others to ask. */
export interface HttpServer {
  readonly listen: (
    at: ListenAt,
    limits: ServerLimits,
    answering: Answering,
  ) => TaskEither<ListenFailed, Listening>;
}
