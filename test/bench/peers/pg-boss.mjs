// pg-boss: `node pg-boss.mjs URL JOBS`. Ten loops, each of which fetches a job and completes it, one by one.
import PgBoss from 'pg-boss';
import { counter, measurePeer } from './measure-peer.mjs';

const [connectionString, jobs] = process.argv.slice(2);
const boss = new PgBoss({ connectionString, max: 12, supervise: false, schedule: false });
boss.on('error', (error) => console.error(String(error)));
await boss.start();
await boss.createQueue('nothing');

const completed = counter();
let running = [];
let stopped = false;
const loop = async () => {
  while (!stopped) {
    const [job] = await boss.fetch('nothing', { batchSize: 1 });
    if (job === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    await boss.complete('nothing', job.id);
    completed.add();
  }
};
await measurePeer(Number(jobs), {
  queue: (count) => boss.insert(Array.from({ length: count }, () => ({ name: 'nothing', data: {} }))),
  start: async () => {
    stopped = false;
    running = Array.from({ length: 10 }, loop);
  },
  done: completed.reached,
  stop: async () => {
    stopped = true;
    await Promise.all(running);
  },
});
await boss.stop({ graceful: false });
process.exit(0);
