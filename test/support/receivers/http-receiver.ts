// A server for tests of what is sent by HTTP: on loopback, remembers what came, answers as it is told.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpReceiver {
  readonly url: string;
  readonly requests: () => readonly ReceivedRequest[];
  /** Resolves once so many requests have come. */
  readonly received: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What it does with a request that it has read. */
export type Answering = (response: ServerResponse, request: ReceivedRequest, number: number) => void;

/** The answer of a status, headers and a body. */
export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Answering =>
  (response) =>
    void response.writeHead(status, headers).end(body);

export const httpReceiver = async (answering: Answering = answer(204)): Promise<HttpReceiver> => {
  const requests: ReceivedRequest[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const received = { ...factsOf(request), body: await textOf(request) };
    requests.push(received);
    for (const look of waiting) look();
    // A client that has gone is part of some tests.
    response.on('error', () => undefined);
    answering(response, received, requests.length);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    requests: () => requests,
    received: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (requests.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const factsOf = ({ method = '', url = '', headers }: IncomingMessage) => ({
  method,
  path: url,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
});

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
