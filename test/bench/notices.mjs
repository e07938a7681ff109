import { createServer } from 'node:http';
import { join } from 'node:path';
import { interleaved, median, ms, settled } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(60, 1);
const WARM_UP = sized(10, 0);

/** One request, as plain Node makes it, to its answer's end. */
const bareRequest = async (url) => {
  const answer = await fetch(url, { method: 'POST', body: '{}', headers: { connection: 'close' } });
  await answer.arrayBuffer();
};

/**
 * What a webhook adds to its server's answer: commits with a task that does nothing, and commits with a webhook, in turn,
 * beside the bare request. The server is in this process and answers at once.
 */
export const benchNotices = async ({ Steward }, scratch) => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const opened = [];
  const pondWith = async (factory, config) => {
    const directory = join(scratch, `notices-${factory}`);
    await settled(Steward.init(directory));
    const pond = await settled(Steward.open(directory));
    opened.push(pond);
    await settled(
      pond.write(({ fs }) =>
        fs.createDynamicPath('/etc/system.d/10-task', 'file:dynamic', factory, Buffer.from(config)),
      ),
    );
    return async (round) => {
      const outcome = await settled(pond.write(({ fs }) => fs.write('/state', Buffer.from(`${round}`))));
      if (outcome.tasks[0]?.state !== 'completed') throw new Error(`the task of ${factory} did not complete`);
    };
  };
  const measured = await interleaved(ROUNDS, WARM_UP, {
    bare: () => bareRequest(url),
    nothing: await pondWith('test-executor', 'message: nothing\n'),
    webhook: await pondWith('webhook', `{ url: "${url}", format: raw }`),
  });
  for (const pond of opened) await settled(pond.close());
  server.closeAllConnections();
  server.close();

  const [bare, nothing, webhook] = ['bare', 'nothing', 'webhook'].map((name) => median(measured[name]));
  return [
    [
      'a webhook: what it adds to its answer',
      ms(webhook - nothing - bare),
      '<= 10 ms',
      `a commit with a webhook ${ms(webhook)}, with a task that does nothing ${ms(nothing)}; a bare request ${ms(bare)}`,
    ],
  ];
};
