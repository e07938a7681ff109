import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** Forwards requests to a server. Where one that succeeds is the one that is waited for, it is done there, and the answer kept back. */
export const killingProxy = async (endpoint) => {
  const target = new URL(endpoint);
  let waited = null;
  const server = createServer(async (from, to) => {
    const chunks = [];
    for await (const chunk of from) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method, url: path, headers } = from;
    const { pathname, searchParams } = new URL(path, endpoint);
    const forwarded = request(
      { host: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        const made = {
          method,
          key: decodeURIComponent(pathname),
          searchParams,
          body: body.toString('latin1'),
        };
        if (answer.statusCode < 300 && waited?.isIt(made) === true) {
          answer.resume();
          waited.act();
          return;
        }
        to.writeHead(answer.statusCode, answer.headers);
        answer.pipe(to);
      },
    );
    forwarded.on('error', () => to.destroy());
    forwarded.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    /** Null: nothing is waited for any more. */
    after: (isIt, act) => {
      waited = isIt === null ? null : { isIt, act };
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
};
