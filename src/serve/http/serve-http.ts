import type { Task } from 'fp-ts/lib/Task.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { wordsWithoutSecrets } from '../../domain/secrets/words-without-secrets.js';
import { steps } from '../../effects/steps.js';
import type { Clock } from '../../ports/clock.js';
import type { Host } from '../../ports/host.js';
import type { Ids } from '../../ports/ids.js';
import type { Logger } from '../../ports/logger.js';
import type { HttpServer, ListenFailed, ServerLimits } from '../../ports/network/http-server.js';
import type { NoUserState, UserState } from '../../ports/user-state.js';
import { accessBy, userToken } from './access.js';
import { type Answering, answerRequest } from './answer-request.js';
import { bound } from './exchange/bound.js';
import type { ShownPond } from './exchange/shown-pond.js';
import { listenAddress, originsOf, type UnsafeAddress } from './listen-address.js';
import type { PageFiles } from './page-files.js';

/** Ports of the interface. */
export interface HttpPorts {
  readonly server: HttpServer;
  readonly userState: UserState;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly host: Pick<Host, 'variables'>;
}

export interface HttpOptions {
  /** Host and port to listen at, such as `127.0.0.1:7117`. */
  readonly listen: string;
  /** Certificate and key in PEM; null: plain HTTP, which is for loopback and proxies. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Address by which browsers reach the server, where that is another one, such as that of a proxy. */
  readonly origin: string | null;
  readonly readOnly: boolean;
  /** The page; null: only the interface. */
  readonly page: PageFiles | null;
  /** True: the user has another token from now on. */
  readonly renewToken: boolean;
  /** False: what the server says of itself goes to where others may read it, such as a journal, and has no token in it. */
  readonly saysToken: boolean;
}

export type ServeHttpError = UnsafeAddress | ListenFailed | NoUserState;

/** A server that is up. */
export interface ServedHttp {
  readonly port: number;
  /** Addresses with the token in them, the one to open first. They are secret. */
  readonly links: readonly string[];
  readonly token: string;
  /** Takes no more requests, gives those that are under way so many milliseconds, and ends. */
  readonly close: (graceMs: number) => Task<void>;
}

/** Limits by which no client can keep the others, or the pond's own work, waiting. */
const LIMITS: ServerLimits = {
  connections: 256,
  headMs: 10_000,
  requestMs: 30_000,
  idleMs: 30_000,
  headBytes: 16 * 1024,
};

const QUERIES_AT_ONCE = 4;
const STREAMS_AT_ONCE = 64;

/** Serves the interface, and the page, of ponds. */
export const serveHttp = (
  ports: HttpPorts,
  ponds: readonly ShownPond[],
  options: HttpOptions,
  limits: ServerLimits = LIMITS,
): TE.TaskEither<ServeHttpError, ServedHttp> =>
  steps(async ({ run, take }) => {
    const asked = { listen: options.listen, hasTls: options.tls !== null, origin: options.origin };
    const address = take(listenAddress(asked));
    const token = take(userToken(ports, options.renewToken)());
    // The port is known when the server is up, and nothing is answered before.
    let answering: Answering | null = null;
    const listening = await run(
      ports.server.listen({ ...address, tls: options.tls }, limits, {
        answer: async (request) => {
          if (answering === null) throw new Error('a request came before the server was up');
          return answerRequest(answering)(request);
        },
        failed: ({ target }, thrown) =>
          ports.logger.log('error', 'http_request_failed', { target, error: whatWasThrown(thrown) }),
      }),
    );
    const { port, close } = listening;
    const origins = originsOf({ ...address, port }, asked);
    answering = {
      access: accessBy(token, origins, port),
      page: options.page,
      shown: {
        ponds,
        readOnly: options.readOnly,
        clock: ports.clock,
        redact: wordsWithoutSecrets(ports.host.variables),
        variables: ports.host.variables,
        queries: bound('queries', QUERIES_AT_ONCE),
        streams: bound('streams of events', STREAMS_AT_ONCE),
      },
    };
    return { port, token, close, links: origins.map((origin) => linkTo(origin, token)) };
  });

const linkTo = (origin: string, token: string): string => `${origin}/#token=${token}`;

/** The link to a server that runs, or will run, with these options. Nothing is served. */
export const linkOf = (
  ports: Pick<HttpPorts, 'userState' | 'ids'>,
  { listen, origin, tls, renewToken }: Omit<HttpOptions, 'page'>,
): TE.TaskEither<ServeHttpError, string> =>
  steps(async ({ take, fail }) => {
    const asked = { listen, hasTls: tls !== null, origin };
    const address = take(listenAddress(asked));
    if (address.port === 0)
      return fail({
        _tag: 'UnsafeAddress',
        message: 'the port of a server that takes any is known to the server alone',
        remedy: '--listen 127.0.0.1:7117',
      });
    const [first = ''] = originsOf(address, asked);
    return linkTo(first, take(userToken(ports, renewToken)()));
  });

const whatWasThrown = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : JSON.stringify(thrown);
