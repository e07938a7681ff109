import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** `http:` or `https:`. A user and a password in it become an `authorization` header. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Its abort ends the exchange. */
  readonly signal: AbortSignal;
  /** Bytes of the answer's body that are read; a longer one is cut, and the connection closed. */
  readonly maxAnswerBytes: number;
  /** Tells whether the connection may be one that is open already, and stays open for the next request. Default: each has its own. */
  readonly keepsConnection?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Headers by their names in lower case; several of one name are joined with `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The body is not all of it: it was too long, or the connection ended inside it. */
  readonly isCut: boolean;
}

/** No answer came: not reached, refused, closed, aborted, or what came is not HTTP. */
export interface HttpFailed {
  readonly _tag: 'HttpFailed';
  /** Such as `ECONNREFUSED`, `ENOTFOUND`, `DEPTH_ZERO_SELF_SIGNED_CERT`; empty where the system has no name for it. */
  readonly code: string;
  readonly message: string;
}

/** HTTP/1.1 as it is: one request, one answer. Redirects are answers, and proxies of the environment are not used. */
export interface HttpClient {
  readonly send: (request: HttpRequest) => TaskEither<HttpFailed, HttpAnswer>;
}
