import * as t from 'io-ts';
import type { LiveWorker } from '../records/untaken-tasks.js';
import { type ControlStore, decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { jsonText } from '../store/json-text.js';

/** Runners that hold tasks and live no longer. */
export function* deadHolders(
  { signs }: Pick<ControlStore, 'signs'>,
  read: ReadRows,
): Coroutine<readonly string[]> {
  const isLive = signs.liveness(read);
  const dead: string[] = [];
  for (const row of yield* read(HOLDERS)) {
    const { runner_id } = decodeRow(t.type({ runner_id: t.string }), row);
    if (!(yield* isLive(runner_id))) dead.push(runner_id);
  }
  return dead;
}

const HOLDERS = 'SELECT DISTINCT runner_id FROM claims WHERE token >= (SELECT token FROM unfinished_from)';

const text = t.union([t.string, t.null]);

const WorkerRow = t.type({ runner_id: t.string, host: text, queues: jsonText(t.array(t.string)) });

/** Runners that say what they take and live, in the order of their names. */
export function* liveWorkers(
  { signs }: Pick<ControlStore, 'signs'>,
  read: ReadRows,
): Coroutine<readonly LiveWorker[]> {
  const isLive = signs.liveness(read);
  const live: LiveWorker[] = [];
  const rows = yield* read(
    'SELECT runner_id, host, queues FROM runners WHERE queues IS NOT NULL ORDER BY runner_id',
  );
  for (const row of rows) {
    const { runner_id: runnerId, host, queues } = decodeRow(WorkerRow, row);
    if (yield* isLive(runnerId)) live.push({ runnerId, host: host ?? '', queues });
  }
  return live;
}
