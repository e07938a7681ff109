import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exitCodeOfRecovery } from '../../src/cli/exit-codes.js';
import type { Terminal } from '../../src/cli/program.js';
import { rowWriter } from '../../src/cli/query/render-rows.js';
import { renderEntries } from '../../src/cli/render/render-entries.js';
import { renderIncomplete } from '../../src/cli/render/render-incomplete.js';
import { renderPlan } from '../../src/cli/render/render-plan.js';
import { renderDot, renderMermaid } from '../../src/cli/render/render-plan-graph.js';
import { renderRecords } from '../../src/cli/render/render-records.js';
import { renderRecovery } from '../../src/cli/render/render-recovery.js';
import { renderTasks } from '../../src/cli/render/render-tasks.js';
import { renderRecent } from '../../src/cli/render/render-transactions.js';
import { paintFor } from '../../src/cli/words/paint.js';
import { byteSize, duration, onOneLine } from '../../src/cli/words/print-values.js';
import { warnOfTasks } from '../../src/cli/words/warn-of-tasks.js';
import type { ControlRecord } from '../../src/control/records/control-record.js';
import type { TaskState } from '../../src/control/records/task-status.js';
import { childOf, ROOT } from '../../src/domain/paths/pond-path.js';
import type { Plan } from '../../src/domain/plans/plan.js';
import type { CommitPlan } from '../../src/steward/shapes/call-reports.js';
import type { RecoveryReport } from '../../src/steward/shapes/upkeep.js';
import type { Entry } from '../../src/tinyfs/tinyfs.js';
import { failedTask, fakeInput, nothingIncomplete, task, transaction, WHEN } from './fakes.js';

const terminalWith = (outIsTerminal: boolean, environment: Terminal['environment']): Terminal => ({
  stdin: fakeInput(),
  writeOut: async () => true,
  writeErr: () => undefined,
  outIsTerminal,
  errIsTerminal: false,
  workingDirectory: '/',
  environment,
  interrupt: new AbortController().signal,
});

const plain = paintFor(terminalWith(false, {}));
const asItIs = (text: string): string => text;
const options = { pond: undefined };

beforeAll(() => {
  vi.stubEnv('TZ', 'UTC');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describe('a task', () => {
  it('that is to wait says until when, and no other does', () => {
    const waiting = task({ state: 'pending', attempts: 1, durationMs: null, notBefore: WHEN });
    const [line] = renderTasks([waiting], plain);
    expect(line).toMatch(/ pending .* from 2026-01-02 03:04:05 on$/);
    expect(renderTasks([{ ...waiting, state: 'completed' }], plain)[0]).not.toContain('from');
  });
});

describe('recent transactions', () => {
  it('are a block each with the tasks, then the reads, then what is unfinished or failed', () => {
    const writes = [
      transaction({
        tasks: [task(), failedTask, task({ executionSeq: 3, state: 'started', durationMs: null })],
      }),
      transaction({
        status: 'failed',
        cliArgs: ['rm', '/x'],
        errorMessage: 'disk full',
        traceParent: null,
      }),
    ];
    const reads = [
      transaction({
        transactionType: 'read',
        status: 'completed',
        cliArgs: ['cat', '/in/a'],
        traceParent: null,
      }),
    ];
    const incomplete = { ...nothingIncomplete, failedTasks: [failedTask] };
    expect(renderRecent({ writes, reads, incomplete }, plain)).toEqual([
      '#42  committed  pond mkdir /in  2026-01-02 03:04:05  12 ms',
      '  ✓ 42.1  /etc/system.d/10-first  test-executor  completed  102 ms',
      '  ✗ 42.2  /etc/system.d/30-fail   test-executor  failed       3 ms  told to fail',
      '  … 42.3  /etc/system.d/10-first  test-executor  started         -',
      '  trace 0af7651916cd43dd8448eb211c80319c',
      '-  failed  pond rm /x  2026-01-02 03:04:05  12 ms',
      '  disk full',
      '',
      'Recent reads',
      '@42  completed  pond cat /in/a  2026-01-02 03:04:05  12 ms',
      '',
      'unfinished: 0 transactions, 0 tasks; failed: 1 task (pond control --incomplete)',
    ]);
  });

  it('link to the trace of a commit where something of it was sent, at the commit or by a later attempt', () => {
    const [id, sent, unsent] = [
      '0af7651916cd43dd8448eb211c80319c',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    ];
    const lineOf = (traceParent: string, ofTask: string) =>
      renderRecent(
        {
          writes: [transaction({ traceParent, tasks: [task({ traceParent: ofTask })] })],
          reads: [],
          incomplete: nothingIncomplete,
        },
        plain,
        { POND_TRACE_URL: 'http://localhost:16686/trace/{trace_id}' },
      )[2];
    const linked = `  trace ${id} http://localhost:16686/trace/${id}`;
    expect(lineOf(sent, unsent)).toBe(linked);
    expect(lineOf(unsent, sent)).toBe(linked);
    expect(lineOf(unsent, unsent)).toBe(`  trace ${id}`);
  });

  it('have colours on a terminal, unless NO_COLOR is set', () => {
    const line = (environment: Terminal['environment']) =>
      renderRecent(
        { writes: [], reads: [], incomplete: nothingIncomplete },
        paintFor(terminalWith(true, environment)),
      );
    expect(line({})).toEqual(['', '\u001b[32mnothing is unfinished, nothing failed\u001b[0m']);
    expect(line({ NO_COLOR: '1' })).toEqual(['', 'nothing is unfinished, nothing failed']);
  });
});

describe('incomplete work', () => {
  it('is listed with the command that deals with each', () => {
    const open = {
      txnSeq: 43,
      txnId: 'id',
      basedOnSeq: 42,
      transactionType: 'write' as const,
      startedAt: WHEN,
      cliArgs: ['copy', 'a'],
      environment: {},
      dataCommitted: false,
      traceParent: null,
      intendedVersion: null,
      isRunning: false,
    };
    const pending = task({ state: 'pending', attempts: 0, durationMs: null });
    const lines = renderIncomplete(
      {
        transactions: [open],
        tasks: [
          { ...pending, runner: null },
          { ...pending, executionSeq: 2, runner: { pid: 7, command: 'pond copy' } },
        ],
        failedTasks: [failedTask],
        failed: { tasks: 1, records: 3 },
      },
      { paint: plain, named: asItIs },
    );
    expect(lines).toEqual([
      'Unfinished transactions',
      '  write  pond copy a  2026-01-02 03:04:05  its data is not recorded as committed',
      '    pond recover',
      '',
      'Unfinished tasks',
      '  … 42.1  /etc/system.d/10-first  test-executor  pending  -',
      '    pond recover --post-commit --txn 42',
      '  … 42.2  /etc/system.d/10-first  test-executor  pending  -',
      '    being run by process 7 (pond copy)',
      '',
      'Failed tasks',
      '  ✗ 42.2  /etc/system.d/30-fail  test-executor  failed  3 ms  told to fail',
      '    pond control retry 42.2',
    ]);
    expect(renderIncomplete(nothingIncomplete, { paint: plain, named: asItIs })).toEqual([
      'nothing is unfinished, nothing failed',
    ]);
  });

  it('is a warning that says what became of each task', () => {
    const became = (state: TaskState): string => {
      const written: string[] = [];
      const writeErr = (text: string) => written.push(text);
      const place = { queue: 'any', host: 'db1' };
      const errorMessage = state === 'pending' ? null : 'why';
      warnOfTasks({ terminal: { ...terminalWith(false, {}), writeErr }, options }, [
        task({ state, errorMessage, place }),
      ]);
      return written.join('');
    };
    const about = 'pond: warning: /etc/system.d/10-first (test-executor)';
    expect(became('pending')).toBe(
      `${about} is not finished after commit 42\n  pond recover --post-commit --txn 42 # on the machine db1\n`,
    );
    const retry = '  pond control retry 42.1 # on the machine db1\n';
    expect(became('cancelled')).toBe(`${about} was cancelled after commit 42: why\n${retry}`);
    expect(became('failed')).toBe(`${about} failed after commit 42: why\n${retry}`);
    expect(became('completed') + became('dismissed')).toBe('');
  });
});

describe('records', () => {
  it('are one timestamped line each with the fields that are set', () => {
    const record = (parts: Partial<ControlRecord>): ControlRecord => ({
      recordId: 1,
      txnSeq: 42,
      txnId: 'id',
      basedOnSeq: null,
      recordType: 'begin',
      transactionType: 'write',
      timestamp: WHEN,
      cliArgs: null,
      environment: null,
      dataFsVersion: null,
      errorMessage: null,
      durationMs: null,
      parentTxnSeq: null,
      executionSeq: null,
      factoryName: null,
      configPath: null,
      attempt: null,
      traceParent: null,
      configTxnSeq: null,
      causedBy: null,
      report: null,
      notBefore: null,
      skipCause: null,
      dueAt: null,
      ...parts,
    });
    const lines = renderRecords([
      record({ cliArgs: ['rm'] }),
      record({
        recordType: 'post_commit_failed',
        transactionType: 'post_commit',
        parentTxnSeq: 42,
        executionSeq: 1,
        errorMessage: 'told\nto "fail"',
        durationMs: 3,
      }),
    ]);
    expect(lines).toEqual([
      '2026-01-02 03:04:05.678  #42  begin  txn_id=id transaction_type=write cli_args=["rm"]',
      '2026-01-02 03:04:05.678  42.1  post_commit_failed  txn_id=id transaction_type=post_commit error_message="told; to \\"fail\\"" duration_ms=3',
    ]);
  });
});

describe('a plan', () => {
  const at = (name: string) => childOf(childOf(childOf(ROOT, 'etc'), 'system.d'), name);
  const base = {
    blocked_by: [],
    depends_on: [],
    factory: 'command',
    retry: null,
    stage: 0,
    timeout_ms: null,
  };
  const plan: Plan = {
    planner_version: 1,
    schedule: 'graph',
    max_concurrency: 4,
    warnings: [],
    tasks: [
      { ...base, execution_seq: 1, name: '10-a', config_path: at('10-a'), batch: 0, timeout_ms: 30_000 },
      {
        ...base,
        execution_seq: 2,
        name: '15-a',
        config_path: at('15-a'),
        batch: 0,
        blocked_by: [at('40-d')],
      },
      { ...base, execution_seq: 3, name: '20-b', config_path: at('20-b'), batch: 1, depends_on: ['10-a'] },
    ],
    batches: [[1, 2], [3]],
    edges: [{ from: 1, to: 3, reason: 'depends_on' }],
    skipped: [{ path: at('30-c'), reason: { _tag: 'Disabled' } }],
    rejected: [
      {
        path: at('40-d'),
        execution_seq: 4,
        factory: null,
        errors: [
          { _tag: 'InvalidKeys', path: at('40-d'), errors: [{ key: 'timeout', message: 'expected more' }] },
        ],
      },
    ],
    registry: { factories: {}, config_errors: {} },
    checksum: 'abc',
  };
  const shown: CommitPlan = {
    txnSeq: 42,
    plan,
    changes: [{ kind: 'created', path: childOf(ROOT, 'a'), entryType: 'file' }],
    recordedChecksum: 'abc',
    registryAsked: 'at-commit',
    sources: new Map([[at('40-d'), Buffer.from('factory: command\ntimeout: 3\n')]]),
  };

  it('shows what changed, a tree of what runs, and what is skipped or rejected, why and where', () => {
    expect(renderPlan(shown, plain)).toEqual([
      'Plan of commit 42  abc',
      '',
      '1 change',
      '  created  file  /a',
      '',
      '3 tasks in 2 batches, each as soon as what it depends on has completed, at most 4 side by side',
      '  ├─ batch 1',
      '  │  ├─ 1  10-a  command  timeout 30.0 s',
      '  │  └─ 2  15-a  command  will be skipped: it depends on 40-d, which is rejected',
      '  └─ batch 2',
      '     └─ 3  20-b  command  depends on 10-a',
      '',
      '1 skipped',
      '  30-c  disabled (enabled: false)',
      '',
      '1 rejected',
      '  /etc/system.d/40-d:2: timeout: expected more',
    ]);
    const [, differs] = renderPlan({ ...shown, recordedChecksum: 'xyz' }, plain);
    expect(differs).toBe('differs from the plan that was made at the commit, xyz');
  });

  it('names the entry, too, where another file is to blame for its rejection', () => {
    const errors = [{ _tag: 'InvalidSchedule', problem: 'broken' }] as const;
    const rejected = [{ path: at('40-d'), execution_seq: 4, factory: 'command', errors }];
    expect(renderPlan({ ...shown, plan: { ...plan, rejected } }, plain).at(-1)).toBe(
      '  /etc/system.d/40-d: /etc/system.d/config.yaml: not valid YAML: broken',
    );
  });

  it('is a graph with its dependencies, for Mermaid and for Graphviz', () => {
    expect(renderMermaid(shown)).toEqual([
      'flowchart LR',
      '  t1["10-a<br/>command"]',
      '  t2["15-a<br/>command"]',
      '  t3["20-b<br/>command"]',
      '  t4["/etc/system.d/40-d<br/>rejected"]:::rejected',
      '  t1 --> t3',
      '  t4 --x t2',
      '  classDef rejected stroke:#c00',
    ]);
    expect(renderDot(shown)).toEqual([
      'digraph "plan of commit 42" {',
      '  rankdir=LR; compound=true; node [shape=box];',
      '  t1 [label="10-a\\ncommand"];',
      '  t2 [label="15-a\\ncommand"];',
      '  t3 [label="20-b\\ncommand"];',
      '  t4 [label="/etc/system.d/40-d\\nrejected", color=red];',
      '  t1 -> t3;',
      '  t4 -> t2 [color=red];',
      '}',
    ]);
  });

  it('is a graph whatever the names: nothing in them means something to Mermaid or Graphviz', () => {
    const name = '`a"]&#65;\\<b>\nc';
    const tasks = shown.plan.tasks.slice(0, 1).map((task) => ({ ...task, name }));
    const plan = { ...shown, plan: { ...shown.plan, tasks, edges: [], rejected: [] } };
    expect(renderMermaid(plan)[1]).toBe('  t1["#96;a#34;]#38;#35;65;\\#60;b#62;#10;c<br/>command"]');
    expect(renderDot(plan)[2]).toBe('  t1 [label="`a\\"]&amp;#65;\\\\<b>\\nc\\ncommand"];');
  });
});

describe('the long listing', () => {
  it('shows where symlinks lead and who makes a node', () => {
    const entry: Entry = {
      path: childOf(ROOT, 'a'),
      name: 'a',
      entryType: 'file',
      nodeId: 'id',
      version: 2,
      txnSeq: 12,
      timestamp: WHEN,
      size: 1234,
      sha256: null,
      factory: null,
      linkTarget: null,
    };
    const { lines } = renderEntries(
      [
        entry,
        { ...entry, entryType: 'symlink', size: 2, linkTarget: '/b' },
        { ...entry, entryType: 'file:dynamic', size: null, factory: 'test-file' },
        { ...entry, version: 0, txnSeq: 0, timestamp: 0, size: null },
      ],
      [],
    );
    expect(lines).toEqual([
      'file          1234  v2  #12  2026-01-02 03:04:05  /a',
      'symlink          2  v2  #12  2026-01-02 03:04:05  /a  -> /b',
      'file:dynamic     -  v2  #12  2026-01-02 03:04:05  /a  test-file',
      'file             -   -    -  -                    /a',
    ]);
  });
});

describe('rows of a result', () => {
  const written = (format: 'table' | 'json', batches: readonly (readonly (string | number | null)[])[][]) => {
    const writer = rowWriter(format, ['n', 'text']);
    return writer.begin + batches.map(writer.batch).join('') + writer.end();
  };

  it('are one JSON array, whatever the batches', () => {
    const rows = [[[1, 'a']], [[2, null]]];
    expect(JSON.parse(written('json', rows))).toEqual([
      { n: 1, text: 'a' },
      { n: 2, text: null },
    ]);
    expect(JSON.parse(written('json', []))).toEqual([]);
  });

  it('are a table as wide as its first batch', () => {
    expect(written('table', [[[10, 'abc']], [[2, 'x']]])).toBe(
      'n   text\n--  ----\n10  abc\n2   x\n(2 rows)\n',
    );
    expect(written('table', [])).toBe('n  text\n-  ----\n(0 rows)\n');
  });
});

describe('values', () => {
  it('are readable', () => {
    expect([850, 12_345, 245_000, null].map(duration)).toEqual(['850 ms', '12.3 s', '4 m 05 s', '-']);
    expect([3_599_999, 11_100_000, 86_399_000, 183_600_000].map(duration)).toEqual([
      '1 h 00 m',
      '3 h 05 m',
      '1 d 00 h',
      '2 d 03 h',
    ]);
    expect([0, 812, 3_500_000].map(byteSize)).toEqual(['0 B', '812 B', '3.3 MiB']);
    expect(onOneLine('a\n  b\u001b[31m')).toBe('a; b\\x1b[31m');
  });
});

describe('a recovery', () => {
  const report: RecoveryReport = {
    dryRun: false,
    rolledForward: [],
    failed: [],
    rebuilt: 0,
    gone: [],
    hostPlans: [],
    hostPlansProblem: null,
    exportContents: 0,
    processGroups: [],
    madeElsewhere: [],
    tasks: [],
    remaining: nothingIncomplete,
  };
  const undone: RecoveryReport['hostPlans'][number] = {
    id: '0190',
    outcome: 'rolled_back',
    rolledBack: ['a', 'b'],
    failures: [],
  };
  const stuck: RecoveryReport['hostPlans'][number] = {
    id: '0191',
    outcome: 'incomplete',
    rolledBack: [],
    failures: [{ operation: 'a', error: { _tag: 'Intruded', path: '/x', preserved: '/.kept' } }],
  };

  it('that found nothing says so', () => {
    expect(renderRecovery(report, plain)).toEqual(['nothing to recover']);
    expect(exitCodeOfRecovery(report)).toBe(0);
  });

  it('of which others are at work on what has not ended says so, and that work remains', () => {
    const held = { ...task({ state: 'started' }), runner: { pid: 7, command: 'pond copy' } };
    const done = { ...report, remaining: { ...nothingIncomplete, tasks: [held] } };
    expect(renderRecovery(done, plain)).toEqual([
      'nothing to recover',
      'at work elsewhere: 1 task (pond control --incomplete)',
    ]);
    expect(exitCodeOfRecovery(done)).toBe(6);
    expect(renderRecovery({ ...done, dryRun: true }, plain)).toEqual(['nothing to recover']);
  });

  it('that could not undo a host plan altogether says why, and that work remains', () => {
    const done = { ...report, hostPlans: [undone, stuck] };
    const lines = renderRecovery(done, plain);
    expect(lines.slice(0, 3)).toEqual([
      '2 host plans had not ended:',
      '  0190  rolled back (2 operations)',
      '  0191  incomplete',
    ]);
    expect(lines[3]).toMatch(/^ {4}a: \/x: .*\/\.kept/);
    expect(lines.slice(4)).toEqual(['still there: 1 host plan (pond host checkpoints)']);
    expect(exitCodeOfRecovery(done)).toBe(6);
    expect(exitCodeOfRecovery({ ...report, hostPlans: [undone] })).toBe(0);
  });

  it('that could not look at host plans is not done', () => {
    const done = { ...report, hostPlansProblem: '/x: open failed: EIO' };
    expect(renderRecovery(done, plain)).toEqual(['host plans could not be looked at: /x: open failed: EIO']);
    expect(exitCodeOfRecovery(done)).toBe(6);
  });

  it('that only looks says what it would do', () => {
    const dry: RecoveryReport = {
      ...report,
      dryRun: true,
      hostPlans: [{ ...undone, outcome: 'abandoned', rolledBack: [] }],
      exportContents: 2,
      processGroups: [
        { configPath: '/etc/system.d/10-a', pgid: 7, processes: [{ pid: 8, command: 'sleep 9' }] },
      ],
    };
    expect(renderRecovery(dry, plain)).toEqual([
      '1 host plan had not ended:',
      '  0190  abandoned',
      '2 files of exports whose process is gone would be removed',
      'process group 7 of /etc/system.d/10-a would be ended:',
      '  8  sleep 9',
    ]);
    expect(exitCodeOfRecovery(dry)).toBe(0);
  });
});
