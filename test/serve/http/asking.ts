// The interface over ponds in memory, asked without a socket.

import { memoryUserState } from '../../../src/adapters/memory/memory-user-state.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { uuidIds } from '../../../src/adapters/node/uuid-ids.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { ServerReply } from '../../../src/ports/network/http-server.js';
import { type Access, accessBy, userToken } from '../../../src/serve/http/access.js';
import { answerRequest } from '../../../src/serve/http/answer-request.js';
import { bound } from '../../../src/serve/http/exchange/bound.js';
import type { Changes, ShownPond } from '../../../src/serve/http/exchange/shown-pond.js';
import type { PageFiles } from '../../../src/serve/http/page-files.js';
import type { Steward } from '../../../src/steward/steward.js';

/** Options by which a pond is served to a test over a socket: on the loopback, with a token. */
export const ON_LOOPBACK = {
  listen: '127.0.0.1:0',
  tls: null,
  origin: null,
  readOnly: false,
  page: null,
  renewToken: false,
  saysToken: true,
};

export const PORT = 7117;
export const ORIGIN = `http://127.0.0.1:${PORT}`;

/** Changes that a test tells. */
export const toldChanges = (): Changes & { readonly tell: () => void } => {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    tell: () => {
      count += 1;
      for (const wake of [...waiting]) wake();
    },
    count: () => count,
    after: (seen, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          resolve();
        };
        if (count > seen || signal.aborted) return wake();
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      }),
  };
};

export const shownPond = (steward: Steward, name = 'pond'): ShownPond => ({
  name,
  steward,
  changes: toldChanges(),
});

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly stopping?: AbortSignal;
}

export interface Answered extends ServerReply {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers by what they expect
  readonly json: any;
}

export interface Asking {
  readonly access: Access;
  /** Headers by which the page of the user asks. */
  readonly ofPage: Readonly<Record<string, string>>;
  readonly reply: (method: string, target: string, asked?: Asked) => Promise<ServerReply>;
  /** The same, the answer read to its end, with the token unless headers are given. */
  readonly ask: (method: string, target: string, asked?: Asked) => Promise<Answered>;
}

interface AskingOptions {
  readonly readOnly?: boolean;
  readonly page?: PageFiles;
  readonly clock?: Clock;
  readonly streams?: number;
}

export const asking = (
  ponds: readonly ShownPond[],
  { readOnly = false, page, clock = nodeClock, streams = 4 }: AskingOptions = {},
): Asking => {
  const token = userToken({ userState: memoryUserState(), ids: uuidIds }, false)();
  if (token._tag === 'Left') throw new Error('no token');
  const access = accessBy(token.right, [ORIGIN, `http://localhost:${PORT}`], PORT);
  const answer = answerRequest({
    access,
    page: page ?? null,
    shown: {
      ponds,
      readOnly,
      clock,
      variables: {},
      redact: (text) => text,
      queries: bound('queries', 2),
      streams: bound('streams of events', streams),
    },
  });
  const reply: Asking['reply'] = (method, target, { headers = {}, body, signal, stopping } = {}) =>
    answer({
      method,
      target,
      headers: {
        host: `127.0.0.1:${PORT}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', origin: ORIGIN }),
        ...headers,
      },
      body: bodyOf(body),
      signal: signal ?? new AbortController().signal,
      stopping: stopping ?? new AbortController().signal,
    });
  return {
    access,
    reply,
    ofPage: {
      cookie: `other=1; ${access.cookieName}=${access.cookie}`,
      'x-pond-key': access.pageKey,
      'sec-fetch-site': 'same-origin',
    },
    ask: async (method, target, asked = {}) => {
      const headers = asked.headers ?? { authorization: `Bearer ${access.token}` };
      const answered = await reply(method, target, { ...asked, headers });
      const text = await textOf(answered.body);
      return { ...answered, text, json: jsonOf(text) };
    },
  };
};

async function* bodyOf(body: unknown): AsyncGenerator<Uint8Array> {
  if (body !== undefined) yield Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

const textOf = async (body: ServerReply['body']): Promise<string> => {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
