import type { Json } from '../../../domain/documents/json.js';
import type { Redact } from '../../../domain/secrets/redactor.js';
import type { ServerReply } from '../../../ports/network/http-server.js';
import type { Bound } from './bound.js';
import { type HttpError, httpErrorDocument, statusOf } from './http-error.js';

/** Content of an answer, by its kind. */
export type Answer =
  | { readonly _tag: 'Document'; readonly document: Json; readonly headers?: Headers }
  /** A text in a format of others'. */
  | { readonly _tag: 'Text'; readonly type: string; readonly text: string }
  /** Bytes as they come; `name`: the file that a browser makes of them. */
  | {
      readonly _tag: 'Bytes';
      readonly bytes: AsyncIterable<Uint8Array>;
      readonly name: string;
    }
  /** Events of a stream that ends when nobody listens any more. */
  | { readonly _tag: 'Events'; readonly events: AsyncIterable<string> };

type Headers = Readonly<Record<string, string>>;

export const documentOf = (document: Json): Answer => ({ _tag: 'Document', document });

/** Events of a stream that holds one of the places of a bound until it ends or its client has gone; null: there is none. */
export const streamOf = (places: Bound, events: AsyncIterable<string>, gone: AbortSignal): Answer | null => {
  const giveBack = places.take();
  if (giveBack === null) return null;
  gone.addEventListener('abort', giveBack, { once: true });
  return { _tag: 'Events', events: endingWith(events, giveBack) };
};

async function* endingWith(events: AsyncIterable<string>, end: () => void): AsyncGenerator<string> {
  try {
    yield* events;
  } finally {
    end();
  }
}

/** Headers of every answer: no other site shows it, reads it or has it read by a script, and nothing is guessed of it. */
export const EVERY_ANSWER: Headers = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Headers of data: where a browser shows it all the same, nothing in it acts. */
const OF_DATA: Headers = {
  ...EVERY_ANSWER,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
};

export const replyOf = (answer: Answer): ServerReply => {
  switch (answer._tag) {
    case 'Document':
      return {
        status: 200,
        headers: { ...OF_DATA, 'content-type': 'application/json; charset=utf-8', ...answer.headers },
        body: `${JSON.stringify(answer.document)}\n`,
      };
    case 'Text':
      return { status: 200, headers: { ...OF_DATA, 'content-type': answer.type }, body: answer.text };
    case 'Bytes':
      return {
        status: 200,
        headers: {
          ...OF_DATA,
          'content-type': 'application/octet-stream',
          'content-disposition': `attachment; filename*=UTF-8''${headerName(answer.name)}`,
        },
        body: answer.bytes,
      };
    case 'Events':
      return {
        status: 200,
        headers: {
          ...OF_DATA,
          'content-type': 'text/event-stream; charset=utf-8',
          'x-accel-buffering': 'no',
        },
        body: answer.events,
      };
  }
};

export const errorReply = (error: HttpError, redact: Redact): ServerReply => ({
  status: statusOf(error),
  headers: {
    ...OF_DATA,
    'content-type': 'application/json; charset=utf-8',
    ...(error._tag === 'NotAuthenticated' ? { 'www-authenticate': 'Bearer realm="pond"' } : {}),
    ...(error._tag === 'MethodNotAllowed' ? { allow: error.allowed.join(', ') } : {}),
    ...(error._tag === 'TooBusy' ? { 'retry-after': '2' } : {}),
  },
  body: `${JSON.stringify(httpErrorDocument(error, redact))}\n`,
});

/** A name in a header, as RFC 8187 writes it. */
const headerName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*!]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
