// Host plans: what prepare refuses, what is rolled back, what is done.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pondIn } from './pond.mjs';

/** A place for a plan, which is found in Jaeger by the name of its service. */
const placeFor = ({ directory, jaeger }, name) => {
  const host = pondIn(join(directory, name));
  const file = join(host.directory, 'plan.json');
  const write = (operations) => writeFileSync(file, JSON.stringify({ operations }));
  const apply = (options) =>
    host.run(['host', 'apply', file, '--concurrency', '1', '--json', '--otlp', jaeger.otlpHttp], {
      ...options,
      env: { ...options?.env, OTEL_SERVICE_NAME: name, POND: undefined },
    });
  return { file, at: (path) => join(host.directory, path), write, apply };
};

const done = [
  'a host plan that is executed',
  async (surroundings) => {
    const { at, write, apply } = placeFor(surroundings, 'host-done');
    write([
      { id: 'dir', kind: 'DirCreate', path: at('new') },
      { id: 'file', kind: 'FileWrite', path: at('new/a'), content: 'a' },
    ]);
    await apply();
    await surroundings.compareService(
      surroundings.title,
      'host-done',
      `
      executor.Execute {executed=2, failed=0, operation_count=2, operations_executed=2, plan_checksum=CHECKSUM}
        executor.Prepare {operations=2}
        operation.Execute {op.id=dir, op.kind=DirCreate}
        operation.Execute {op.id=file, op.kind=FileWrite}
      `,
    );
  },
];

const refused = [
  'a host plan that prepare refuses',
  async (surroundings) => {
    const { at, write, apply } = placeFor(surroundings, 'host-refused');
    write([
      { id: 'dir', kind: 'DirCreate', path: at('new') },
      { id: 'gone', kind: 'FileDelete', path: at('gone') },
    ]);
    await apply({ expect: 1 });
    const error = `${at('gone')}: there is nothing to remove at that path`;
    await surroundings.compareService(
      surroundings.title,
      'host-refused',
      `
      executor.Execute {executed=0, failed=1, failure_phase=prepare, operation_count=2, plan_checksum=CHECKSUM, rolled_back=0} ERROR ${error}
        executor.Prepare {operations=2} ERROR gone: ${error}
      `,
    );
  },
];

const rolledBack = [
  'a host plan that fails half-way and is rolled back',
  async (surroundings) => {
    const { check, title } = surroundings;
    const { file, at, write, apply } = placeFor(surroundings, 'host-rolled-back');
    mkdirSync(at('there'));
    // A process may open its own memory, but reading it at 0 fails: an error that no preparation foresees.
    write([
      { id: 'a', kind: 'FileWrite', path: at('there/a'), content: 'a' },
      { id: 'b', kind: 'FileCopy', source: '/proc/PID/mem', dest: at('there/b') },
    ]);
    const insertPid = ['sh', '-c', `sed -i "s/PID/$$/" '${file}'; exec "$@"`, 'sh'];
    const { stdout } = await apply({ expect: 1, wrap: insertPid });
    check(`${title}: as pond reports it`, String(JSON.parse(stdout).rolled_back), 'a');
    check(`${title}: nothing is left of it`, String(existsSync(at('there/a'))), 'false');
    const error = '/proc/PID/mem: read failed: input/output error (EIO)';
    await surroundings.compareService(
      title,
      'host-rolled-back',
      `
      executor.Execute {executed=1, failed=1, failure_phase=commit, operation_count=2, plan_checksum=CHECKSUM, rolled_back=1} ERROR ${error}
        executor.Prepare {operations=2}
        operation.Execute {op.id=a, op.kind=FileWrite}
        operation.Execute {op.id=b, op.kind=FileCopy} ERROR ${error}
        executor.Rollback {failed_rollback=0, operations_to_rollback=2, rolled_back=1}
      `,
      { inWords: (text) => text.replace(/\/proc\/\d+\//, '/proc/PID/') },
    );
  },
];

const called = [
  'a host plan that is part of its caller',
  async (surroundings) => {
    const { at, write, apply } = placeFor(surroundings, 'host-called');
    write([{ id: 'dir', kind: 'DirCreate', path: at('new') }]);
    const [traceId, spanId] = ['abcdef0123456789abcdef0123456780', 'abcdef0123456780'];
    await apply({ env: { TRACEPARENT: `00-${traceId}-${spanId}-01` } });
    await surroundings.compareService(
      surroundings.title,
      'host-called',
      `
      (in span ${spanId}) executor.Execute {executed=1, failed=0, operation_count=1, operations_executed=1, plan_checksum=CHECKSUM}
        executor.Prepare {operations=1}
        operation.Execute {op.id=dir, op.kind=DirCreate}
      `,
    );
  },
];

export const HOST_CASES = [done, refused, rolledBack, called];
