import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft, left } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { groupMembers } from '../../src/adapters/node/processes/group-members.js';
import { nodeProcesses } from '../../src/adapters/node/processes/node-processes.js';
import type { PondPath } from '../../src/domain/paths/pond-path.js';
import { type CommandDeps, commandFactory } from '../../src/factories/built-in/command/command.js';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import type { PostCommitContext } from '../../src/factories/factory.js';
import { createRegistry } from '../../src/factories/registry/create-registry.js';
import type { ProcessGroup } from '../../src/ports/processes.js';
import { eventually } from '../support/condition.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { bytes, POND_ID, postCommitContext } from './contexts.js';

const NAMED = '/etc/system.d/20-notify.yaml: command: ';

const setUp = (parts: Partial<CommandDeps> = {}) => {
  const pondDir = temporaryFolder('command');
  const environment = { PATH: process.env.PATH, INHERITED: 'yes', ...parts.environment };
  const factory = commandFactory({
    processes: nodeProcesses,
    pondDir,
    chain: () => 'the chain',
    graceMs: 2_000,
    ...parts,
    environment,
  });
  const { logger, lines } = memoryLogger();
  const run = async (config: object, context: Partial<PostCommitContext> = {}) => {
    const outcome = await createRegistry([factory], { environment }).execute(
      'command',
      bytes(JSON.stringify(config)),
      postCommitContext({ log: logger, ...context }),
      'PostCommitReader',
    )();
    return isLeft(outcome) ? describeFactoryError(outcome.left) : 'done';
  };
  const printed = () => lines.filter(({ event }) => event === 'task_output').map(({ fields }) => fields.line);
  return { pondDir, run, lines, printed };
};

describe('a command', () => {
  it('is run without a shell: what a shell would expand is an argument like any other', async () => {
    const { run, printed } = setUp();
    expect(await run({ run: ['printf', '%s\n', '$HOME', '*; echo no'] })).toBe('done');
    expect(printed()).toEqual(['$HOME', '*; echo no']);
  });

  it('with shell: true is a script whose arguments are what follows, then what pond run was given', async () => {
    const { run, printed } = setUp();
    expect(await run({ run: ['echo "$0 $1 $2"', 'a b'], shell: true }, { args: ['by hand'] })).toBe('done');
    expect(printed()).toEqual(['sh a b by hand']);
  });

  it('runs in the pond’s directory, or where cwd says, seen from there', async () => {
    const { run, printed, pondDir } = setUp();
    await run({ run: ['pwd'] });
    await run({ run: ['pwd'], cwd: '..' });
    expect(printed()).toEqual([pondDir, join(pondDir, '..')]);
  });

  it('is told about the commit in its environment, which the configuration adds to but cannot falsify', async () => {
    const { run, printed, pondDir } = setUp({ environment: { POND_TASK: 'outer' } });
    const names = [
      'POND',
      'POND_TXN_SEQ',
      'POND_DATA_FS_VERSION',
      'POND_TASK',
      'POND_IDEMPOTENCY_KEY',
      'POND_CONFIG_PATH',
      'POND_CHAIN',
      'INHERITED',
      'OWN',
    ];
    const script = names.map((name) => `echo "${name}=$${name}"`).join('\n');
    await run({ run: [script], shell: true, env: { OWN: 'mine', INHERITED: 'no', POND_TXN_SEQ: '999' } });
    expect(printed()).toEqual([
      `POND=${pondDir}`,
      'POND_TXN_SEQ=42',
      'POND_DATA_FS_VERSION=57',
      'POND_TASK=42.1',
      `POND_IDEMPOTENCY_KEY=${POND_ID}/42.1`,
      'POND_CONFIG_PATH=/etc/system.d/20-notify.yaml',
      'POND_CHAIN=the chain',
      'INHERITED=no',
      'OWN=mine',
    ]);
  });

  it('run by hand has no task, also when the process itself runs in one', async () => {
    const { run, printed } = setUp({ environment: { POND_TASK: 'outer' } });
    await run({ run: ['echo "<$POND_TASK>"'], shell: true }, { task: null });
    expect(printed()).toEqual(['<>']);
  });

  it('gets the commit as JSON on its standard input', async () => {
    const { run, pondDir } = setUp();
    const path = (text: string) => text as PondPath;
    await run(
      { run: ['cat > input.json'], shell: true },
      {
        attempt: 2,
        supersededBy: 44,
        changes: [
          { kind: 'created', path: path('/a'), entryType: 'file' },
          { kind: 'renamed', path: path('/c'), from: path('/b'), entryType: 'table' },
        ],
        outcomes: [
          {
            task: '42.7',
            configPath: '/etc/system.d/10-check',
            state: 'failed',
            countsAs: 'failed',
            error: 'exit code 1',
            previousState: 'completed',
            failingSince: 1_750_000_000_000_000,
            report: { rows: 3 },
            notice: { id: 'msg_1', of: 'begins' },
          },
        ],
      },
    );
    expect(JSON.parse(readFileSync(join(pondDir, 'input.json'), 'utf8'))).toEqual({
      pond_id: POND_ID,
      txn_seq: 42,
      data_fs_version: 57,
      task: '42.1',
      attempt: 2,
      idempotency_key: `${POND_ID}/42.1`,
      config_path: '/etc/system.d/20-notify.yaml',
      superseded_by: 44,
      changes: [
        { kind: 'created', path: '/a', entry_type: 'file' },
        { kind: 'renamed', path: '/c', from: '/b', entry_type: 'table' },
      ],
      outcomes: [
        {
          task: '42.7',
          config_path: '/etc/system.d/10-check',
          state: 'failed',
          counts_as: 'failed',
          error: 'exit code 1',
          previous_state: 'completed',
          failing_since: '2025-06-15T15:06:40.000Z',
          report: { rows: 3 },
          notice: { id: 'msg_1', of: 'begins' },
        },
      ],
    });
  });

  it('has its output in the log, line by line and by stream', async () => {
    const { run, lines } = setUp();
    await run({ run: ['echo out; echo err >&2'], shell: true });
    expect(lines).toContainEqual({
      level: 'info',
      event: 'task_output',
      fields: { stream: 'stdout', line: 'out' },
    });
    expect(lines).toContainEqual({
      level: 'info',
      event: 'task_output',
      fields: { stream: 'stderr', line: 'err' },
    });
  });
});

describe('a command reports', () => {
  const reporting = async (script: string, variables: Readonly<Record<string, string>> = {}) => {
    const { run, lines } = setUp({ environment: { PATH: process.env.PATH, ...variables } });
    const reports: unknown[] = [];
    const report = (value: unknown) => {
      reports.push(value);
    };
    const env = Object.fromEntries(Object.keys(variables).map((name) => [name, `\${env:${name}}`]));
    const ended = await run({ run: [script], shell: true, env }, { report });
    return { ended, reports, refused: lines.filter(({ event }) => event === 'report_not_kept') };
  };

  it('by its last line, however it ends, and the line is not part of its failure', async () => {
    expect(await reporting(`echo hello; echo 'POND_REPORT {"rows": 3}'`)).toMatchObject({
      ended: 'done',
      reports: [{ rows: 3 }],
    });
    const failed = await reporting(`echo hello; echo 'POND_REPORT {"rows": 3}'; exit 4`);
    expect(failed.reports).toEqual([{ rows: 3 }]);
    expect(failed.ended).toContain('exit code 4: hello');
    expect(failed.ended).not.toContain('POND_REPORT');
  });

  it('also on a line that comes in pieces', async () => {
    const { reports } = await reporting(
      `printf 'POND_REPORT ["%s"]\\n' "$(head -c 20000 /dev/zero | tr '\\0' x)"`,
    );
    expect(reports).toEqual([['x'.repeat(20_000)]]);
  });

  it('without the values of variables', async () => {
    const { reports } = await reporting(`echo "POND_REPORT {\\"key\\": \\"$SECRET_KEY\\"}"`, {
      SECRET_KEY: 'hunter-two',
    });
    expect(reports).toEqual([{ key: '***' }]);
  });

  it('nothing where the line is not JSON or not the last one, and that is said', async () => {
    for (const script of ['echo "POND_REPORT {rows"', `echo 'POND_REPORT {}'; echo bye`]) {
      const { ended, reports, refused } = await reporting(script);
      expect([ended, reports, refused.length], script).toEqual(['done', [], 1]);
    }
    expect(await reporting('echo hello')).toMatchObject({ reports: [], refused: [] });
  });
});

describe('a command fails', () => {
  it('at any exit code but 0, with the code and its last lines', async () => {
    const { run } = setUp();
    expect(await run({ run: ['seq 100; exit 3'], shell: true })).toBe(
      `${NAMED}exit code 3: ${Array.from({ length: 20 }, (_, index) => index + 81).join('\n')}`,
    );
    expect(await run({ run: ['false'] })).toBe(`${NAMED}exit code 1`);
  });

  it('when it is killed, with the signal', async () => {
    const { run } = setUp();
    expect(await run({ run: ['echo last words; kill -9 $$'], shell: true })).toBe(
      `${NAMED}ended by SIGKILL: last words`,
    );
  });

  it('when its program is not there, and says which', async () => {
    const { run } = setUp();
    expect(await run({ run: ['no-such-program-anywhere'] })).toBe(
      `${NAMED}cannot run no-such-program-anywhere: not found`,
    );
  });

  it('without having run when its process group cannot be recorded', async () => {
    const { run, pondDir } = setUp();
    const message = 'the disk is full';
    const text = await run(
      { run: ['touch', 'ran'] },
      {
        recordProcessGroup: () =>
          TE.fromEither(
            left({
              _tag: 'FactoryFailed',
              path: '/etc/system.d/20-notify.yaml',
              factory: 'command',
              message,
            }),
          ),
      },
    );
    expect(text).toBe(`${NAMED}${message}`);
    expect(existsSync(join(pondDir, 'ran'))).toBe(false);
  });

  it('with at most 4 KiB of its output, cut between words', async () => {
    const { run } = setUp();
    const text = await run({
      run: ['printf "%s tail" "$(yes secret | head -n 1000 | tr -d "\\n")"; exit 1'],
      shell: true,
    });
    expect(text).toBe(`${NAMED}exit code 1: ... tail`);
    const oneWord = await run({
      run: ['printf "%s" "$(yes secret | head -n 1000 | tr -d "\\n")"; exit 1'],
      shell: true,
    });
    expect(oneWord).toBe(`${NAMED}exit code 1: ...`);
  });
});

describe('at an abort a command', () => {
  const reasons: readonly (readonly [unknown, string])[] = [
    [{ _tag: 'TimedOut', timeoutMs: 30_000 }, 'timed out after 30.0 s'],
    [{ _tag: 'Interrupted' }, 'interrupted'],
  ];
  for (const [reason, words] of reasons) {
    it(`fails as ${words}, and nothing of its group is left`, async () => {
      const { run, pondDir } = setUp();
      const abort = new AbortController();
      const groups: ProcessGroup[] = [];
      const running = run(
        { run: ['echo working; sleep 1000 & touch ready; wait'], shell: true },
        {
          signal: abort.signal,
          recordProcessGroup: (group) => {
            groups.push(group);
            return TE.right(undefined);
          },
        },
      );
      await eventually('it runs', () => existsSync(join(pondDir, 'ready')));
      abort.abort(reason);
      expect(await running).toBe(`${NAMED}${words}, the program was ended: working`);
      const [group] = groups;
      expect(group?.marker).toBe(`${POND_ID}/42.1/1`);
      expect(groupMembers(group?.pgid ?? 0, group?.marker ?? '')).toEqual([]);
    });
  }
});

it('values of variables are in no line of a command’s output and not in its error', async () => {
  const { run, printed } = setUp({ environment: { TOKEN: 'tok-12345' } });
  const config = {
    run: ['echo "token $TOKEN"; echo "Bearer $OWN" >&2; exit 1'],
    shell: true,
    env: { OWN: '$' + '{env:TOKEN}' },
  };
  expect(await run(config)).not.toContain('tok-12345');
  expect([...printed()].sort()).toEqual(['Bearer ***', 'token ***']);
});

describe('the configuration of a command is refused', () => {
  const mistakes: readonly (readonly [object, string])[] = [
    [{}, 'run: required'],
    [{ run: 'ls -l' }, 'run: expected a list of strings, a program first, got "ls -l"'],
    [{ run: [] }, 'run: expected a program, got an empty list'],
    [{ run: [''] }, 'run[0]: expected a program, got ""'],
    [{ run: ['ls', 5] }, 'run[1]: expected string, got 5'],
    [{ run: ['ls'], sehll: true }, 'sehll: unknown key; known keys are run, shell, cwd, env'],
    [{ run: ['ls', 'a\0b'] }, 'run[1]: a NUL character ends a string'],
    [{ run: ['ls'], cwd: 'a\0b' }, 'cwd: a NUL character ends a string'],
    [{ run: ['ls'], env: { A: 'a\0b' } }, 'env.A: a NUL character ends a string'],
    [{ run: ['ls'], env: { A: 1 } }, 'env.A: expected string, got 1'],
    [
      { run: ['ls'], env: { 'my-var': 'x' } },
      'env.my-var: names of variables are made of letters, digits and _',
    ],
  ];
  for (const [config, message] of mistakes) {
    it(`for ${message}`, async () => {
      expect(await setUp().run(config)).toContain(`/etc/system.d/20-notify.yaml: ${message}`);
    });
  }
});

it('the examples of its page do what they say', async () => {
  const guide = readFileSync('docs/factories/command.md', 'utf8');
  const script = /```python\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const { run, pondDir, printed } = setUp();
  writeFileSync(join(pondDir, 'report.py'), script);
  const changes = [{ kind: 'created', path: '/data/a.csv' as PondPath, entryType: 'file' }] as const;
  expect(await run({ run: ['/usr/bin/python3', 'report.py'] }, { changes })).toBe('done');
  expect(printed()).toEqual(['created /data/a.csv']);
  expect(await run({ run: ['/usr/bin/python3', 'report.py'] })).toBe(`${NAMED}exit code 1: nothing changed`);
});
