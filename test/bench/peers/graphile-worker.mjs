// graphile-worker: `node graphile-worker.mjs URL JOBS [batched]`. Jobs that do nothing, each taken and completed durably one
// by one; `batched`: taken five hundred at a time and completed in batches, whose records wait in memory.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { counter, measurePeer } from './measure-peer.mjs';

const [connectionString, jobs, batched] = process.argv.slice(2);
const batches = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const logger = new Logger(() => () => undefined);
const preset = {
  worker: { connectionString, concurrentJobs: 10, ...(batched === undefined ? {} : batches) },
};
const utils = await makeWorkerUtils({ preset, logger });
await utils.migrate();

const completed = counter();
let runner = null;
await measurePeer(Number(jobs), {
  queue: (count) =>
    utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'nothing', payload: {} }))),
  start: async () => {
    runner = await run({
      preset,
      taskList: { nothing: async () => undefined },
      noHandleSignals: true,
      logger,
    });
    // After it has been completed in the database, or where that is done in batches, handed over for it.
    runner.events.on('job:complete', completed.add);
  },
  done: completed.reached,
  stop: () => runner.stop(),
});
await utils.release();
process.exit(0);
