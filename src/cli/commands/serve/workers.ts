import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { fleetDocument } from '../../../documents/fleet-document.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { PondFleet, PondWorker } from '../../../steward/shapes/background-reports.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { duration, localTime } from '../../words/print-values.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [
    ['workers', 'which processes run tasks of the pond, where, and what they do now'],
    ['workers --json', 'the same for programs, with how many tasks wait'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.workers()),
      TE.flatMap((fleet) =>
        writeResult(invocation, {
          json: () => fleetDocument(fleet),
          text: () => inLines(fleetLines(printableDeep(fleet))),
        }),
      ),
    ),
};

const fleetLines = ({ workers, queue }: PondFleet): readonly string[] => [
  ...(workers.length === 0
    ? ['nobody runs tasks of this pond now']
    : renderColumns([HEADS, ...workers.map(cells)])),
  ...workers.flatMap(lackLines),
  ...(queue.oldestAgeMs === null
    ? []
    : [
        `${queue.pending} ${queue.pending === 1 ? 'task has' : 'tasks have'} not begun; the oldest has waited for ${duration(queue.oldestAgeMs)}`,
      ]),
];

const HEADS = ['HOST', 'PID', 'SINCE', 'QUEUES', 'RUNS', 'NOW', 'COMMAND'];

const cells = (worker: PondWorker): readonly string[] => {
  const { host, pid, startedAt, queues, concurrency, running, waiting, command: line } = worker;
  const now = running.map(({ task, configPath }) => `${printTaskId(task)} ${configPath}`);
  return [
    host ?? '-',
    String(pid),
    localTime(startedAt),
    queues === null ? '-' : queues.join(','),
    `${running.length}${concurrency === null ? '' : `/${concurrency}`}${waiting === 0 ? '' : ` (+${waiting})`}`,
    now.length === 0 ? 'idle' : now.length > 2 ? `${now.slice(0, 2).join(', ')} ...` : now.join(', '),
    line,
  ];
};

const lackLines = ({ host, pid, lacks }: PondWorker): readonly string[] =>
  lacks.map(({ task, reason }) => `${host ?? '-'} ${pid} leaves ${printTaskId(task)} to others: ${reason}`);
