// DBOS: `node dbos.mjs URL JOBS`. A durable workflow of one step that does nothing, ten of them at a time.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { counter, measurePeer } from './measure-peer.mjs';

const [systemDatabaseUrl, jobs] = process.argv.slice(2);
DBOS.setConfig({ name: 'bench', systemDatabaseUrl, runAdminServer: false, logLevel: 'error' });
const nothing = DBOS.registerWorkflow(() => DBOS.runStep(async () => undefined, { name: 'nothing' }), {
  name: 'nothing',
});
await DBOS.launch();

const completed = counter();
let queued = 0;
let running = 0;
let started = false;
const startWhatMay = () => {
  while (started && running < 10 && queued > 0) {
    queued -= 1;
    running += 1;
    nothing().then(() => {
      running -= 1;
      completed.add();
      startWhatMay();
    });
  }
};
await measurePeer(Number(jobs), {
  // A workflow is recorded when it is started: there is nothing to queue before.
  queue: async (count) => {
    queued += count;
    startWhatMay();
  },
  start: async () => {
    started = true;
    startWhatMay();
  },
  done: completed.reached,
  stop: async () => {
    started = false;
  },
});
await DBOS.shutdown();
process.exit(0);
