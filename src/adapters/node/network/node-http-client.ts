import {
  Agent,
  type ClientRequest,
  request as http,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { HttpAnswer, HttpClient, HttpFailed, HttpRequest } from '../../../ports/network/http-client.js';

/**
 * A request has a connection of its own, which is closed after it, or one that others have had. Connections that nobody uses
 * do not keep the process alive, and are closed after some seconds.
 */
export const nodeHttpClient: HttpClient = {
  send: (request) => async () => {
    // What TLS needs takes longer to load than a small exchange takes.
    const tls = request.url.protocol === 'https:' ? await import('node:https') : null;
    const start = tls?.request ?? http;
    const agent = request.keepsConnection !== true ? false : tls === null ? plainConnections : secure(tls);
    return new Promise((resolve) => {
      const fail = (error: unknown) => resolve(left(failureOf(error)));
      try {
        const sent = begin(start, agent, request);
        sent.on('error', fail);
        // An answer of which only the body is broken is an answer: its status has been said.
        sent.on('response', (message) => void answerOf(sent, message, request.maxAnswerBytes).then(resolve));
        sent.end(request.body);
      } catch (thrown) {
        fail(thrown);
      }
    });
  },
};

const KEPT = { keepAlive: true, maxSockets: 8, timeout: 5_000 };
const plainConnections = new Agent(KEPT);
let secureConnections: Agent | null = null;

const secure = (tls: { readonly Agent: new (options: typeof KEPT) => Agent }): Agent => {
  secureConnections ??= new tls.Agent(KEPT);
  return secureConnections;
};

const begin = (
  start: (url: URL, options: RequestOptions) => ClientRequest,
  agent: Agent | false,
  { method, url, headers, body, signal }: HttpRequest,
): ClientRequest =>
  start(url, {
    method,
    signal,
    agent,
    headers: {
      ...headers,
      ...(method === 'GET' ? {} : { 'content-length': String(body.length) }),
      ...(agent === false ? { connection: 'close' } : {}),
    },
  });

const answerOf = async (
  sent: ClientRequest,
  message: IncomingMessage,
  maxBytes: number,
): Promise<Either<HttpFailed, HttpAnswer>> => {
  const { body, isCut } = await bodyOf(message, maxBytes);
  // A connection whose answer has been read to its end may be used again; any other one is of no use.
  if (isCut || !sent.shouldKeepAlive) sent.destroy();
  return right({ status: message.statusCode ?? 0, headers: headersOf(message.headers), body, isCut });
};

const bodyOf = async (
  message: IncomingMessage,
  maxBytes: number,
): Promise<Pick<HttpAnswer, 'body' | 'isCut'>> => {
  const chunks: Buffer[] = [];
  let size = 0;
  const read = (isCut: boolean) => ({ body: Buffer.concat(chunks).subarray(0, maxBytes), isCut });
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) return read(true);
    }
    return read(false);
  } catch {
    // The connection ended, or the time was over, inside the body: what came of it is what there is.
    return read(true);
  }
};

const headersOf = (headers: IncomingHttpHeaders): HttpAnswer['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );

const failureOf = (error: unknown): HttpFailed => ({
  _tag: 'HttpFailed',
  code: error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '',
  // Of a host with several addresses the errors of all are in one that says nothing itself.
  message:
    error instanceof AggregateError && error.message === ''
      ? error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')
      : error instanceof Error
        ? error.message
        : String(error),
});
