import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { left, right } from 'fp-ts/lib/Either.js';
import type {
  Answering,
  HttpServer,
  ListenAt,
  Listening,
  ServerLimits,
  ServerReply,
  ServerRequest,
} from '../../../ports/network/http-server.js';
import { errnoOf } from '../files/errno.js';

/** Milliseconds between two looks for connections that have used up their time. */
const LOOK_EVERY = 1_000;

/** Servers on Node's own HTTP. */
export const nodeHttpServer: HttpServer = {
  listen: (at, limits, answering) => async () => {
    const stopping = new AbortController();
    const server = await serverFor(at, limits, (incoming, outgoing) =>
      exchange(incoming, outgoing, { answering, limits, stopping: stopping.signal }),
    );
    boundConnections(server, limits);
    return new Promise((resolve) => {
      server.once('error', (error) => {
        resolve(
          left({
            _tag: 'ListenFailed',
            host: at.host,
            port: at.port,
            code: errnoOf(error),
            message: error.message,
          }),
        );
      });
      server.listen({ host: at.host, port: at.port }, () => {
        // What goes wrong with one connection is that connection's.
        server.on('error', () => server.close());
        resolve(right(listening(server, stopping)));
      });
    });
  },
};

const serverFor = async (
  { tls }: ListenAt,
  { headMs, requestMs, idleMs, headBytes }: ServerLimits,
  onRequest: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Promise<Server> => {
  const options = {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: LOOK_EVERY,
    maxHeaderSize: headBytes,
    insecureHTTPParser: false,
  };
  if (tls === null) return createServer(options, onRequest);
  // What TLS needs takes longer to load than most servers need at all.
  const { createServer: createSecureServer } = await import('node:https');
  return createSecureServer({ ...options, ...tls, handshakeTimeout: headMs }, onRequest);
};

/** Bounds the connections: those that ask for nothing are lost first, those of a request that is being answered never. */
const boundConnections = (server: Server, { connections }: ServerLimits): void => {
  /** Open connections, those that have been idle for longest first. */
  const open = new Map<Socket, boolean>();
  const set = (socket: Socket, isBusy: boolean): void => {
    if (!open.delete(socket)) return;
    open.set(socket, isBusy);
  };
  // A connection is there before its handshake, where there is one.
  server.on('connection', (socket: Socket) => {
    if (open.size >= connections) {
      const [idle] = [...open].find(([, isBusy]) => !isBusy) ?? [];
      if (idle === undefined) {
        socket.destroy();
        return;
      }
      open.delete(idle);
      idle.destroy();
    }
    open.set(socket, false);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    set(socket, true);
    outgoing.once('close', () => set(socket, false));
  });
};

interface Exchange {
  readonly answering: Answering;
  readonly limits: ServerLimits;
  readonly stopping: AbortSignal;
}

const exchange = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { answering, limits, stopping }: Exchange,
): Promise<void> => {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  outgoing.once('close', abort);
  // That a client has gone shows in the signal.
  outgoing.on('error', abort);
  incoming.on('error', abort);
  const request = requestOf(incoming, gone.signal, stopping);
  try {
    const reply = await answering.answer(request);
    await send(incoming, outgoing, reply, { idleMs: limits.idleMs, signal: gone.signal });
  } catch (thrown) {
    if (!gone.signal.aborted) answering.failed(request, thrown);
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500, { connection: 'close', 'content-length': '0' }).end();
  }
};

const requestOf = (incoming: IncomingMessage, signal: AbortSignal, stopping: AbortSignal): ServerRequest => ({
  method: incoming.method ?? '',
  target: incoming.url ?? '',
  // Node keeps the first of several `host`; all of them are needed to see that there is more than one.
  headers: Object.fromEntries(
    Object.entries(incoming.headersDistinct).map(([name, values]) => [name, values?.join(', ')]),
  ),
  body: incoming,
  signal,
  stopping,
});

const send = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body }: ServerReply,
  bounds: { readonly idleMs: number; readonly signal: AbortSignal },
): Promise<void> => {
  // What is left of a request that was answered before its end would be read as the next one.
  const whole = incoming.complete || hasNoBody(incoming);
  if (!whole) outgoing.shouldKeepAlive = false;
  const isSimple = typeof body === 'string' || body instanceof Uint8Array;
  outgoing.writeHead(status, {
    ...headers,
    ...(isSimple ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
  });
  if (incoming.method === 'HEAD') outgoing.end();
  else if (isSimple) outgoing.end(body);
  else {
    outgoing.flushHeaders();
    for await (const chunk of body) {
      if (bounds.signal.aborted) break;
      if (!outgoing.write(chunk)) await drained(outgoing, bounds);
    }
    // An end that a client cannot tell from the whole would be a lie: only a whole body is ended.
    if (bounds.signal.aborted) outgoing.destroy();
    else outgoing.end();
  }
  if (!whole) incoming.resume();
};

const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';

/** Resolves when what was written has been read, or the client has gone; one that does not read at all is let go. */
const drained = (
  outgoing: ServerResponse,
  { idleMs, signal }: { readonly idleMs: number; readonly signal: AbortSignal },
): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      outgoing.off('drain', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(() => {
      outgoing.destroy();
      end();
    }, idleMs);
    outgoing.once('drain', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });

const listening = (server: Server, stopping: AbortController): Listening => ({
  port: (server.address() as AddressInfo).port,
  close: (graceMs) => () =>
    new Promise((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      stopping.abort();
      server.closeIdleConnections();
    }),
});
