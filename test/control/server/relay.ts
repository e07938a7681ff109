import { createConnection, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Address of something between clients and a server; `connect` hands the bytes of each connection on, or does not. */
export const relayTo = async (
  address: URL,
  connect: (client: Socket, upstream: Socket) => void,
): Promise<string> => {
  const server = createServer((client) => {
    const upstream = createConnection(Number(address.port), address.hostname);
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    connect(client, upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  const url = new URL(address);
  url.port = String(typeof at === 'object' ? at?.port : '');
  return url.href;
};
