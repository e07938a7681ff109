import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Clock } from '../../ports/clock.js';
import type { ServerReply, ServerRequest } from '../../ports/network/http-server.js';
import { type Access, isAuthenticated, isToken, originError, setCookie, siteError } from './access.js';
import { metricsText } from './api/metrics.js';
import type { HttpError, RequestError } from './exchange/http-error.js';
import type { Interface } from './exchange/interface.js';
import { type Answer, documentOf, errorReply, replyOf } from './exchange/reply.js';
import { jsonBody } from './exchange/request-body.js';
import { partsOf, type Route } from './exchange/route.js';
import { openApi } from './openapi.js';
import { type PageFiles, pageReply } from './page-files.js';
import { ROUTES } from './routes.js';

/** Beginning of the addresses of the interface. */
const API = '/api/v1';

export interface Answering {
  readonly shown: Interface;
  readonly access: Access;
  /** Null: there is no page. */
  readonly page: PageFiles | null;
}

/** Address of a request, taken apart. */
interface Target {
  readonly path: string;
  readonly query: string;
}

/**
 * Decides about one request, in this order: whether the server lives; whether the request comes by a name of this server, and
 * not from another page; the page itself; whether it is the user's; what it asks.
 */
export const answerRequest = (answering: Answering): ((request: ServerRequest) => Promise<ServerReply>) => {
  const { shown, access, page } = answering;
  const isReadyNow = sharedFor(READY_FOR, shown.clock, () => isReady(shown));
  return async (request) => {
    const refuse = (error: HttpError): ServerReply => errorReply(error, shown.redact);
    const target = targetOf(request.target);
    if (isLeft(target)) return refuse(target.left);
    const { path } = target.right;
    if (path === '/healthz') return plain(200, 'alive\n');
    if (path === '/readyz') return (await isReadyNow()) ? plain(200, 'ready\n') : plain(503, 'not ready\n');
    const elsewhere = originError(request.headers, access);
    if (elsewhere !== null) return refuse(elsewhere);
    const isData = path === '/metrics' || path.startsWith('/api/');
    if (!isData) return pageAnswer(request, page, path) ?? refuse({ _tag: 'NoSuchAddress', path });
    const otherSite = siteError(request.headers);
    if (otherSite !== null) return refuse(otherSite);
    if (path === `${API}/session`) return session(request, answering);
    if (!isAuthenticated(request.headers, access)) return refuse({ _tag: 'NotAuthenticated' });
    const answer = await answerOf(answering, request, target.right);
    return isLeft(answer) ? refuse(answer.left) : replyOf(answer.right);
  };
};

const targetOf = (target: string): Either<RequestError, Target> => {
  const [, path, query = ''] = /^(\/[^?#]*)(?:\?([^#]*))?$/.exec(target) ?? [];
  return path === undefined
    ? left({ _tag: 'BadRequest', where: 'address', problems: ['it is not a path with a query'] })
    : right({ path, query });
};

/** Milliseconds for which an answer about readiness holds: anybody may ask, as often as they like. */
const READY_FOR = 1_000;

/** Work of which there is one at a time; whoever asks meanwhile, or for `ms` milliseconds after, gets what it comes to. */
const sharedFor = <A>(
  ms: number,
  { monotonicMs }: Pick<Clock, 'monotonicMs'>,
  work: () => Promise<A>,
): (() => Promise<A>) => {
  let last: { readonly result: Promise<A>; until: number } | null = null;
  return () => {
    if (last !== null && monotonicMs() < last.until) return last.result;
    const begun = { result: work(), until: Number.POSITIVE_INFINITY };
    const over = () => {
      begun.until = monotonicMs() + ms;
    };
    begun.result.then(over, over);
    last = begun;
    return begun.result;
  };
};

const plain = (status: number, body: string): ServerReply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body,
});

const isReady = async ({ ponds }: Interface): Promise<boolean> => {
  const states = await Promise.all(ponds.map(({ steward }) => steward.status({ failedTasks: 0 })()));
  return !states.some(isLeft);
};

const pageAnswer = (request: ServerRequest, page: PageFiles | null, path: string): ServerReply | null => {
  if (page === null || (request.method !== 'GET' && request.method !== 'HEAD')) return null;
  const reply = pageReply(page, path, request);
  return reply === null || request.method === 'GET' ? reply : { ...reply, body: '' };
};

const Token = t.type({ token: t.string });

/** Gives the page of who has the token a cookie and a key, which are good together only; without a token ends that. */
const session = async (request: ServerRequest, { shown, access }: Answering): Promise<ServerReply> => {
  const refuse = (error: HttpError) => errorReply(error, shown.redact);
  if (request.method !== 'POST') return refuse({ _tag: 'MethodNotAllowed', allowed: ['POST'] });
  const body = await jsonBody(request)();
  if (isLeft(body)) return refuse(body.left);
  const given = Token.decode(body.right);
  const isOver = isLeft(given);
  if (!isOver && !isToken(given.right.token, access)) return refuse({ _tag: 'NotAuthenticated' });
  return replyOf({
    _tag: 'Document',
    document: { key: isOver ? null : access.pageKey },
    headers: { 'set-cookie': setCookie(access, !isOver) },
  });
};

const answerOf = async (
  { shown }: Answering,
  request: ServerRequest,
  { path, query }: Target,
): Promise<Either<HttpError, Answer>> => {
  if (path === '/metrics' || path === `${API}/openapi.json`) {
    if (request.method !== 'GET') return left({ _tag: 'MethodNotAllowed', allowed: ['GET'] });
    if (path !== '/metrics') return right(documentOf(openApi(ROUTES)));
    const text = await metricsText(shown.ponds);
    return right({ _tag: 'Text', type: 'text/plain; version=0.0.4; charset=utf-8', text });
  }
  const found = routeAt(request.method, path);
  if (isLeft(found)) return found;
  const { route, params } = found.right;
  if (route.changes && shown.readOnly) return left({ _tag: 'ShowsOnly' });
  const queried = queryOf(query);
  if (isLeft(queried)) return queried;
  const body = route.body === null ? right(undefined) : await jsonBody(request)();
  if (isLeft(body)) return body;
  const { signal, stopping } = request;
  const asked = { interface: shown, params, query: queried.right, body: body.right, signal, stopping };
  const work = route.ask(asked);
  return isLeft(work) ? work : work.right();
};

interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const routeAt = (method: string, path: string): Either<RequestError, Found> => {
  const there = ROUTES.flatMap((route) => {
    const params = partsOf(`${API}${route.path}`, path);
    return params === null ? [] : [{ route, params }];
  });
  const found = there.find(({ route }) => route.method === method);
  if (found !== undefined) return right(found);
  return left(
    there.length === 0
      ? { _tag: 'NoSuchAddress', path }
      : { _tag: 'MethodNotAllowed', allowed: there.map(({ route }) => route.method) },
  );
};

/** Names and values of a query; a name that is given twice could be understood in two ways. */
const queryOf = (text: string): Either<RequestError, Readonly<Record<string, string>>> => {
  const params = new URLSearchParams(text);
  const twice = [...params.keys()].filter((name, at, all) => all.indexOf(name) !== at);
  return twice.length === 0
    ? right(Object.fromEntries(params))
    : left({ _tag: 'BadRequest', where: 'query', problems: twice.map((name) => `${name} is given twice`) });
};
