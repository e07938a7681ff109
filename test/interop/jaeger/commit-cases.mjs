// Commits and their tasks: success, failure, side by side, timeout, retries.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { note, shell } from './configuration.mjs';
import { newPond } from './pond.mjs';

const FAILED_TASKS = 3;

/** The same arrives by every protocol. */
const protocols = [
  ['http/protobuf, as --otlp says', ({ otlpHttp }) => [{}, ['--otlp', otlpHttp]]],
  [
    'http/protobuf',
    ({ otlpHttp }) => [
      { OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
      [],
    ],
  ],
  [
    'http/json',
    ({ otlpHttp }) => [
      { OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      [],
    ],
  ],
  [
    'grpc',
    ({ otlpGrpc }) => [{ OTEL_EXPORTER_OTLP_ENDPOINT: otlpGrpc, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, []],
  ],
];

const successBy = ([protocol, settings]) => [
  `a commit whose tasks complete, by ${protocol}`,
  async ({ jaeger, directory, title, compareCommit, check }) => {
    const pond = await newPond(directory, 'success', {
      '10-first.yaml': note('first'),
      '20-second.yaml': note('second'),
    });
    const [env, options] = settings(jaeger);
    const { stderr } = await pond.run(['mknod', 'file', '/in/x', ...options], {
      env: { ...env, OTEL_SERVICE_NAME: 'interop', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test' },
    });
    const { spans } = await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=2}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=2}
        executor.Execute {executed=2, failed=0, operation_count=2, operations_executed=2, plan_checksum=CHECKSUM}
          executor.Prepare {operations=2}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-first.yaml, task.factory=test-executor, task.id=3.1}
          operation.Execute {op.id=3.2, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/20-second.yaml, task.factory=test-executor, task.id=3.2}
      `,
    );
    // Jaeger takes no metrics. Nobody asked for them by name, so nothing is to be said about it.
    check(`${title}: without a warning`, String(stderr.includes('telemetry_not_exported')), 'false');
    const [{ service, resource } = {}] = spans;
    check(
      `${title}: the service and its resource are those of the environment`,
      `${service} ${resource?.['deployment.environment']}`,
      'interop test',
    );
  },
];

const failure = [
  'a task that fails, and one that is skipped for it',
  async ({ jaeger, directory, title, compareCommit, check }) => {
    const secret = 'not-to-be-seen-anywhere';
    const pond = await newPond(directory, 'failure', {
      '10-fails.yaml': shell('echo "the site is gone: $TOKEN" >&2; exit 7', {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: pond resolves it
        env: { TOKEN: '${env:TOKEN}' },
      }),
      '20-after.yaml': note('after', 'depends_on: [10-fails]'),
      '30-other.yaml': note('other'),
    });
    await pond.run(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp], {
      env: { TOKEN: secret },
      expect: FAILED_TASKS,
    });
    const error = 'exit code 7: the site is gone: ***';
    const { spans } = await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=3}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=3}
        executor.Execute {executed=1, failed=1, failure_phase=commit, operation_count=3, plan_checksum=CHECKSUM, rolled_back=0} ERROR ${error}
          executor.Prepare {operations=3}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-fails.yaml, task.factory=command, task.id=3.1} ERROR ${error}
          operation.Execute {op.id=3.3, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/30-other.yaml, task.factory=test-executor, task.id=3.3}
      `,
    );
    const operation = spans.find(({ attributes }) => attributes['task.id'] === '3.1');
    check(`${title}: the error is recorded on its span`, operation?.recorded.join(), error);
    const answered = spans.map((span) => span.answered).join();
    check(`${title}: no secret is sent`, String(spans.length > 0 && !answered.includes(secret)), 'true');
  },
];

const sideBySide = [
  'tasks side by side',
  async ({ jaeger, directory, title, compareCommit, check }) => {
    const meeting = (mine, other) =>
      shell(
        `touch '${join(directory, mine)}'; until test -e '${join(directory, other)}'; do sleep 0.01; done`,
      );
    const pond = await newPond(directory, 'parallel', {
      '10-left.yaml': meeting('left', 'right'),
      '20-right.yaml': meeting('right', 'left'),
      'config.yaml': 'schedule: graph\n',
    });
    await pond.run(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp]);
    const { spans } = await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=2}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=2}
        executor.Execute {executed=2, failed=0, operation_count=2, operations_executed=2, plan_checksum=CHECKSUM}
          executor.Prepare {operations=2}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-left.yaml, task.factory=command, task.id=3.1}
          operation.Execute {op.id=3.2, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/20-right.yaml, task.factory=command, task.id=3.2}
      `,
    );
    const [left, right] = spans.filter(({ name }) => name === 'operation.Execute');
    const overlap = Math.min(left?.end, right?.end) - Math.max(left?.start, right?.start);
    check(`${title}: their spans overlap`, String(overlap > 0), 'true');
  },
];

const timeout = [
  'a task that takes too long',
  async ({ jaeger, directory, title, compareCommit }) => {
    const pond = await newPond(directory, 'timeout', {
      '10-slow.yaml': shell('exec sleep 300', {}, 'timeout: 200ms'),
    });
    await pond.run(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp], { expect: FAILED_TASKS });
    await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=1}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=1}
        executor.Execute {executed=0, failed=1, failure_phase=commit, operation_count=1, plan_checksum=CHECKSUM, rolled_back=0} ERROR timed out after 200 ms
          executor.Prepare {operations=1}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-slow.yaml, task.factory=command, task.id=3.1} ERROR timed out after 200 ms
      `,
    );
  },
];

const policy = [
  'a task that its policy retries at once',
  async ({ jaeger, directory, title, compareCommit }) => {
    const pond = await newPond(directory, 'policy', {
      '10-flaky.yaml': note('flaky', 'retry: { max_attempts: 2, initial_interval: 1ms }', { fail_times: 1 }),
    });
    await pond.run(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp]);
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
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-flaky.yaml, task.factory=test-executor, task.id=3.1} ERROR told to fail in attempt 1 of 1: flaky
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=2, task.config_path=/etc/system.d/10-flaky.yaml, task.factory=test-executor, task.id=3.1} -> 3.1 attempt 1
      `,
    );
  },
];

const retry = [
  'a task that is retried in another process',
  async ({ jaeger, directory, title, compareCommit }) => {
    const flag = join(directory, 'retry-flag');
    const pond = await newPond(directory, 'retry', {
      '10-needs.yaml': shell(`test -e '${flag}'`),
      '20-after.yaml': note('after', 'depends_on: [10-needs]'),
    });
    await pond.run(['mknod', 'file', '/in/x', '--otlp', jaeger.otlpHttp], { expect: FAILED_TASKS });
    writeFileSync(flag, '');
    await pond.run(['control', 'retry', '3.1', '--otlp', jaeger.otlpHttp]);
    const error = 'exit code 1';
    await compareCommit(
      title,
      pond,
      3,
      `
      steward.Commit {pond.data_fs_version=2, pond.id=POND, pond.txn_seq=3}
        steward.Discover {entries=2}
        planner.Plan {plan_checksum=CHECKSUM, rejected=0, skipped=0, tasks=2}
        executor.Execute {executed=0, failed=1, failure_phase=commit, operation_count=2, plan_checksum=CHECKSUM, rolled_back=0} ERROR ${error}
          executor.Prepare {operations=2}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/10-needs.yaml, task.factory=command, task.id=3.1} ERROR ${error}
        executor.Execute {executed=2, failed=0, operation_count=2, operations_executed=2, plan_checksum=CHECKSUM}
          executor.Prepare {operations=2}
          operation.Execute {op.id=3.1, op.kind=RunTask, task.attempt=2, task.config_path=/etc/system.d/10-needs.yaml, task.factory=command, task.id=3.1} -> 3.1 attempt 1
          operation.Execute {op.id=3.2, op.kind=RunTask, task.attempt=1, task.config_path=/etc/system.d/20-after.yaml, task.factory=test-executor, task.id=3.2}
      `,
    );
  },
];

export const COMMIT_CASES = [...protocols.map(successBy), failure, sideBySide, timeout, policy, retry];
