import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { TOO_LARGE } from '../../ports/object-store.js';
import type { BucketAddress } from './bucket-address.js';
import { encodeKey, type SigningIdentity, signedHeaders } from './s3-signature.js';

export interface ObjectRequest {
  readonly method: 'PUT' | 'GET' | 'HEAD' | 'DELETE';
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly maxBytes: number;
  /** Room for as many bytes. */
  readonly into?: Uint8Array;
}

export interface ObjectAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly content: Uint8Array;
}

/** Sends requests for single objects of one bucket. */
interface ObjectRequests {
  readonly send: (
    address: BucketAddress,
    request: ObjectRequest,
    signing: { readonly identity: SigningIdentity; readonly now: number },
    signal: AbortSignal,
  ) => Promise<ObjectAnswer>;
  readonly close: () => void;
}

/** Bytes of an answer that is an error: it is there to be shown. */
const MOST_OF_ERROR = 64 * 1024;
const CONNECTIONS = { keepAlive: true, maxSockets: 50 };

/**
 * Requests for single objects, signed by the signer of Amazon's library and sent past the rest of it, which takes several milliseconds
 * of the processor for each: a push of many small commits is nothing but such requests. An answer that is an error is thrown in the shape that the library throws.
 */
export const objectRequests = (): ObjectRequests => {
  const plain = new Agent(CONNECTIONS);
  let secure: Agent | null = null;
  const connections = async (protocol: BucketAddress['protocol']) => {
    if (protocol === 'http:') return { agent: plain, request: plainRequest };
    const tls = await import('node:https');
    secure ??= new tls.Agent(CONNECTIONS);
    return { agent: secure, request: tls.request };
  };
  return {
    send: async (address, { method, key, headers, body, maxBytes, into }, { identity, now }, signal) => {
      const { protocol, hostname, port, host, region } = address;
      const path = `${address.path}/${encodeKey(key)}`;
      const signed = await signedHeaders(
        { method, path, headers: { ...headers, host }, body, region, now },
        identity,
      );
      const { agent, request } = await connections(protocol);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(
          {
            protocol,
            hostname,
            port,
            path,
            method,
            agent,
            signal,
            headers: {
              ...signed,
              'user-agent': 'pond-steward',
              // What compresses answers on their way would change bytes whose digests are known.
              'accept-encoding': 'identity',
              ...(method === 'PUT' ? { 'content-length': String(body.length) } : {}),
            },
          },
          resolve,
        );
        sent.on('error', reject);
        sent.end(body);
      });
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        return { headers: answer.headers, content: await bytesOf(answer, maxBytes, into) };
      }
      // What an error says is for people; its status counts however long its page is, and wherever that breaks off.
      const page = await bytesOf(answer, MOST_OF_ERROR).catch(() => Buffer.alloc(0));
      throw errorAnswer(status, answer.headers, page);
    },
    close: () => {
      plain.destroy();
      secure?.destroy();
    },
  };
};

/** The bytes of an answer, which may be more than was asked for. By events: an iterator takes longer than the answer to a put. */
const bytesOf = (answer: IncomingMessage, maxBytes: number, into?: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    answer.on('data', (chunk: Uint8Array) => {
      // The room of an answer that was given up may be another's already.
      if (answer.destroyed) return;
      const at = size;
      size += chunk.length;
      if (size > maxBytes) {
        const message = `it has more than the ${maxBytes} bytes that are read of it`;
        answer.destroy(Object.assign(new Error(message), { code: TOO_LARGE }));
      } else if (into === undefined) chunks.push(chunk);
      else into.set(chunk, at);
    });
    answer.on('end', () => resolve(into === undefined ? Buffer.concat(chunks) : into.subarray(0, size)));
    answer.on('error', reject);
  });

const errorAnswer = (status: number, headers: IncomingHttpHeaders, body: Uint8Array): Error => {
  const text = Buffer.from(body).toString();
  const field = (name: string): string =>
    unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '');
  return Object.assign(new Error(field('Message')), {
    name: field('Code'),
    $metadata: { httpStatusCode: status },
    $response: { headers },
  });
};

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');
