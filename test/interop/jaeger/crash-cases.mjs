// Processes that are interrupted or killed while a task runs, and others that go on where they had stopped.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './configuration.mjs';
import { newPond } from './pond.mjs';
import { until } from './until.mjs';

const INTERRUPTED = 130;

/** A commit whose task says that it has started, and ends only where a flag is set. */
const hangingCommit = async (jaeger, directory, name) => {
  const [started, flag] = ['started', 'flag'].map((file) => join(directory, `${name}-${file}`));
  const pond = await newPond(directory, name, {
    '10-hangs.yaml': shell(`test -e '${flag}' || { touch '${started}'; exec sleep 300; }`),
  });
  const { child, ended } = pond.start(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp]);
  await until('the task starts', () => child.exitCode !== null || existsSync(started), { timeoutMs: 60_000 });
  if (!existsSync(started)) throw new Error(`ended before its task started: ${(await ended).stderr}`);
  return { pond, child, ended, setFlag: () => writeFileSync(flag, '') };
};

const recoveredTail = `
        executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=CHECKSUM}
          executor.Prepare {operations=1}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=2, task.config_path=/etc/system.d/10-hangs.yaml, task.factory=command, task.id=3.1} -> 3.1 attempt 1`;

const interrupted = [
  'a commit that is interrupted while a task runs, and recovered in another process',
  async ({ jaeger, directory, title, compareCommit, check }) => {
    const { pond, child, ended, setFlag } = await hangingCommit(jaeger, directory, 'interrupted');
    child.kill('SIGINT');
    const { code } = await ended;
    check(`${title}: exit code`, String(code), String(INTERRUPTED));
    setFlag();
    await pond.run(['recover', '--otlp', jaeger.otlpHttp]);
    await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=1}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=1}
        executor.Execute {executed=0, failed=0, failure_phase=commit, operation_count=1, plan_checksum=CHECKSUM, rolled_back=0} ERROR interrupted
          executor.Prepare {operations=1}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-hangs.yaml, task.factory=command, task.id=3.1} ERROR interrupted${recoveredTail}
      `,
    );
  },
];

const killed = [
  'a commit whose process is killed while a task runs, and recovered in another process',
  async ({ jaeger, directory, title, compareCommit, check }) => {
    const { pond, child, ended, setFlag } = await hangingCommit(jaeger, directory, 'killed');
    child.kill('SIGKILL');
    const { signal } = await ended;
    check(`${title}: how it ended`, signal, 'SIGKILL');
    setFlag();
    await pond.run(['recover', '--otlp', jaeger.otlpHttp]);
    // What the killed process had not sent is lost; what comes later has its place in the same trace all the same.
    await compareCommit(
      title,
      pond,
      3,
      `
      (in the commit) executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=CHECKSUM}
        executor.Prepare {operations=1}
        operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=2, task.config_path=/etc/system.d/10-hangs.yaml, task.factory=command, task.id=3.1} -> 3.1 attempt 1
      `,
    );
  },
];

export const CRASH_CASES = [interrupted, killed];
