// Who calls pond, and whom pond calls: one trace for all of them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './configuration.mjs';
import { EXECUTABLE, newPond } from './pond.mjs';

const FAILED_TASKS = 3;
const CALLER = { traceId: 'abcdef0123456789abcdef0123456789', spanId: 'abcdef0123456789' };

const called = [
  'a commit that is part of its caller, and a command that is part of its task',
  async ({ jaeger, directory, title, compareCommit, check }) => {
    const seen = join(directory, 'seen-trace-parent');
    const pond = await newPond(directory, 'called', {
      '10-calls.yaml': shell(`printf %s "$TRACEPARENT" > '${seen}'`),
    });
    await pond.run(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp], {
      env: { TRACEPARENT: `00-${CALLER.traceId}-${CALLER.spanId}-01` },
    });
    const { known } = await compareCommit(
      title,
      pond,
      3,
      `
      (in span ${CALLER.spanId}) steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=1}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=1}
        executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=CHECKSUM}
          executor.Prepare {operations=1}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-calls.yaml, task.factory=command, task.id=3.1}
      `,
    );
    check(`${title}: the commit's trace is the caller's`, known.traceId, CALLER.traceId);
    check(
      `${title}: the command is told the span of its attempt`,
      readFileSync(seen, 'utf8'),
      `00-${CALLER.traceId}-${known.attempts['3.1 attempt 1']}-01`,
    );
  },
];

const nested = [
  'a task that writes into another pond, whose commit is inside it',
  async ({ jaeger, directory, title, compareCommit }) => {
    const other = await newPond(directory, 'inner', { '10-inner.yaml': shell('true') });
    const pond = await newPond(directory, 'outer', {
      '10-passes-on.yaml': shell(
        `'${EXECUTABLE}' --pond '${join(other.directory, 'pond')}' mknod file /passed/on`,
      ),
    });
    await pond.run(['mknod', 'file', '/in/x'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpHttp } });
    const { pond_id: otherId } = await other.ask(['trace', '3']);
    const { recorded_checksum: checksum } = await other.ask(['plan', '3']);
    await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=1}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=1}
        executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=CHECKSUM}
          executor.Prepare {operations=1}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-passes-on.yaml, task.factory=command, task.id=3.1}
            steward.Commit {pond.data_fs_version=2, pond.id=${otherId}, pond.txn_seq=3}
              steward.Discover {entries=1}
              planner.Plan {plan_checksum=${checksum}, rejected=0, skipped=0, tasks=1}
              executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=${checksum}}
                executor.Prepare {operations=1}
                operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-inner.yaml, task.factory=command, task.id=3.1}
      `,
    );
  },
];

const untracedAtFirst = [
  'a commit that was not traced, and whose retry is',
  async ({ jaeger, directory, title, compareCommit }) => {
    const flag = join(directory, 'untraced-flag');
    const pond = await newPond(directory, 'untraced', { '10-needs.yaml': shell(`test -e '${flag}'`) });
    await pond.run(['mknod', 'file', '/in/x'], { expect: FAILED_TASKS });
    writeFileSync(flag, '');
    await pond.run(['control', 'retry', '3', '--otlp', jaeger.otlpHttp], {
      env: { TRACEPARENT: `00-${CALLER.traceId}-${CALLER.spanId}-01` },
    });
    // In the trace that the commit would have had; whoever called the retry is followed, not joined.
    await compareCommit(
      title,
      pond,
      3,
      `
      (in the commit) executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=CHECKSUM} -> span ${CALLER.spanId}
        executor.Prepare {operations=1}
        operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=2, task.config_path=/etc/system.d/10-needs.yaml, task.factory=command, task.id=3.1} -> 3.1 attempt 1
      `,
    );
  },
];

export const CALLER_CASES = [called, nested, untracedAtFirst];
