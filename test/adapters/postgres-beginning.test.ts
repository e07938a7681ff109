// How a connection begins, at a server that lets anybody in.

import { once } from 'node:events';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { postgresServers } from '../../src/adapters/postgres/postgres-server.js';
import { openSession } from '../../src/adapters/postgres/postgres-session.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const LET_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Message by which a server refuses a statement. */
const refusal = (): Buffer => {
  const fields = Buffer.from('SERROR\0C42501\0Mrefused\0\0');
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};

/** A server that lets anybody in and refuses each statement; `left` is settled once its client has gone. */
const refusing = async () => {
  let leaves: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leaves = resolve;
  });
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('close', leaves);
    socket.once('data', () => {
      socket.write(Buffer.concat([LET_IN, READY]));
      socket.on('data', (heard) => {
        if (heard[0] !== 'X'.charCodeAt(0)) socket.write(Buffer.concat([refusal(), READY]));
      });
    });
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  return {
    address: `postgres://u@127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}/db`,
    left,
  };
};

test('a session whose settings are refused is an error of the server’s, and its connection is ended', async () => {
  const { address, left } = await refusing();
  await expect(openSession(address, 's', 'db')).rejects.toMatchObject({
    code: '42501',
    cause: expect.any(pg.DatabaseError),
  });
  await left;
});

test('a refusal of the settings is a value; a fault of what makes them is thrown with its stack', async () => {
  const { address } = await refusing();
  expect(await postgresServers.open(address, { schema: 's' })()).toMatchObject({
    left: { _tag: 'SqlError', message: expect.stringContaining('refused') },
  });
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(() => {
    throw new TypeError('a fault');
  });
  await expect(postgresServers.open(address, { schema: 's' })()).rejects.toThrow(TypeError);
});
