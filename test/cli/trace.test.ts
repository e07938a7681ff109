import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Terminal } from '../../src/cli/program.js';
import { renderTrace } from '../../src/cli/trace/render-trace.js';
import { paintFor } from '../../src/cli/words/paint.js';
import type { CommitTimeline } from '../../src/documents/commit-timeline.js';
import type { Steward } from '../../src/steward/steward.js';
import { fakeInput, nothingIncomplete, runMain, runOn, transaction, WHEN } from './fakes.js';
import { taskRecords, timelineWith } from './trace-records.js';

const DAY = 86_400_000;

const paintOf = (outIsTerminal: boolean, environment: Terminal['environment']) =>
  paintFor({
    stdin: fakeInput(),
    writeOut: async () => true,
    writeErr: () => undefined,
    outIsTerminal,
    errIsTerminal: false,
    workingDirectory: '/',
    environment,
    interrupt: new AbortController().signal,
  });

const drawn = (timeline: CommitTimeline, columns = 80) =>
  renderTrace(timeline, { columns, paint: paintOf(false, {}), traceUrl: null, named: (text) => text });

beforeAll(() => {
  vi.stubEnv('TZ', 'UTC');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const sideBySide = [
  taskRecords(1, '10-check', ['pending', 20], ['started', 22], ['completed', 80]),
  taskRecords(
    2,
    '20-publish',
    ['pending', 20],
    ['started', 24],
    ['failed', 100, { errorMessage: 'the site\nis gone' }],
  ),
  taskRecords(
    3,
    '30-tell',
    ['pending', 20],
    ['skipped', 100, { errorMessage: 'it depends on 20-publish, which failed' }],
  ),
  taskRecords(
    4,
    '40-bad',
    ['pending', 20],
    ['failed', 20, { attempt: 0, durationMs: null, errorMessage: 'no such factory' }],
  ),
];

describe('the waterfall of a commit', () => {
  it('has the commit, tasks side by side, waits, failures, and what was skipped or rejected and why', () => {
    expect(drawn(timelineWith(sideBySide))).toEqual([
      'commit 42  committed  pond mkdir /in  2026-01-02 03:04:05',
      'trace 0af7651916cd43dd8448eb211c80319c',
      '',
      '                      ├─────────────── 100 ms ────────────────┤',
      '  commit              █████                                      12 ms',
      '✓ 42.1    10-check            ·████████████████████████          58 ms',
      '✗ 42.2    20-publish          ·▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  76 ms  failed',
      '          the site; is gone',
      '- 42.3    30-tell             ································          skipped',
      '          it depends on 20-publish, which failed',
      '✗ 42.4    40-bad                                                        rejected',
      '          no such factory',
      '',
      '█ done   ▒ failed   · waiting',
    ]);
  });

  it('has what was committed inside its tasks in the same picture, each commit with its tasks', () => {
    const link = { pond_id: 'this', task: '42.1', config_path: '/etc/system.d/10-check' };
    const publish = taskRecords(1, '20-publish', ['pending', 110], ['started', 110], ['completed', 130]);
    const derived = timelineWith([publish], {
      commit: { txnSeq: 43, startedAt: WHEN + 50_000, causedBy: [link] },
    });
    const lines = drawn({ ...timelineWith(sideBySide.slice(0, 1)), derived: [derived] });
    expect(lines.slice(4, 8).map((line) => line.slice(0, 26))).toEqual([
      '  commit                  ',
      '✓ 42.1       10-check     ',
      '  commit 43  inside 42.1  ',
      '✓ 42.1       20-publish   ',
    ]);
    expect(drawn({ ...derived, derived: [] })[1]).toBe('caused by 42.1 /etc/system.d/10-check');
  });

  it('gives each attempt its own bar, and cuts out the time in which nothing happens', () => {
    const tasks = [
      taskRecords(
        1,
        '10-a',
        ['pending', 20],
        ['started', 22],
        ['failed', 40, { errorMessage: 'no' }],
        ['pending', 40, { attempt: 2 }],
        ['started', 60],
        ['completed', 90],
      ),
      taskRecords(
        2,
        '20-publish',
        ['pending', 20],
        ['started', 22],
        ['failed', 90, { errorMessage: 'gone' }],
        ['pending', DAY],
        ['started', DAY + 4, { configTxnSeq: 57 }],
        ['completed', DAY + 34],
      ),
      taskRecords(
        3,
        '30-crashed',
        ['pending', 20],
        ['started', 22],
        ['failed', 5_000, { durationMs: null, errorMessage: 'interrupted' }],
        ['started', 5_000],
        ['completed', 5_010],
      ),
      taskRecords(
        4,
        '40-undone',
        ['pending', 20],
        ['started', 22],
        ['rolled_back', 50, { errorMessage: 'x' }],
      ),
    ];
    expect(drawn(timelineWith(tasks))).toEqual([
      'commit 42  committed  pond mkdir /in  2026-01-02 03:04:05',
      'trace 0af7651916cd43dd8448eb211c80319c',
      '',
      '                      ├─ 90 ms ─┤┊4.9 s┊├──┤┊1 d 00 h┊├────┤',
      '  commit              ██         ┊     ┊    ┊        ┊        12 ms',
      '✗ 42.1    10-a          ▒▒▒      ┊     ┊    ┊        ┊        18 ms  failed',
      '          no',
      '✓         attempt 2       ···████┊     ┊    ┊        ┊        30 ms',
      '✗ 42.2    20-publish    ▒▒▒▒▒▒▒▒▒┊     ┊    ┊        ┊        68 ms  failed',
      '          gone',
      '✓         attempt 2              ┊     ┊    ┊        ┊██████  30 ms',
      '          with the configuration of transaction 57',
      '✗ 42.3    30-crashed    ×        ┊     ┊    ┊        ┊               interrupted',
      '✓         attempt 2              ┊     ┊████┊        ┊        10 ms',
      '✗ 42.4    40-undone     ▒▒▒▒▒    ┊     ┊    ┊        ┊        28 ms  rolled back',
      '          x',
      '',
      '█ done   ▒ failed   × interrupted   · waiting   ┊ nothing happens, cut out',
    ]);
  });

  it('shows what runs or waits and who holds it, and what no living process holds with the command for it', () => {
    const holder = { pid: 7, command: 'pond copy' };
    const tasks = [
      taskRecords(1, '10-runs', ['pending', 20], ['started', 22]),
      taskRecords(2, '20-waits', ['pending', 20]),
      taskRecords(3, '30-lost', ['pending', 20], ['started', 22]),
      taskRecords(4, '40-left', ['pending', 20]),
    ];
    const timeline = timelineWith(tasks, {
      nowMs: 2_000,
      runners: { 1: holder, 2: holder },
      commit: {
        status: 'incomplete',
        traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      },
    });
    expect(drawn(timeline)).toEqual([
      'commit 42  incomplete  pond mkdir /in  2026-01-02 03:04:05',
      'not traced',
      '',
      '                    ├─────────────── 2.0 s ────────────────┤',
      '  commit            █                                         12 ms',
      '… 42.1    10-runs   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  2.0 s  running',
      '          held by process 7 (pond copy)',
      '… 42.2    20-waits  ·······································          waiting',
      '          held by process 7 (pond copy)',
      '✗ 42.3    30-lost   ×                                                interrupted',
      '          pond recover --post-commit --txn 42',
      '… 42.4    40-left   ········································         waiting',
      '          pond recover --post-commit --txn 42',
      '',
      '█ done   ░ running   × interrupted   · waiting',
    ]);
  });

  it('marks more cuts than have room for their lengths with a sign only', () => {
    const retried = [1, 2, 3, 4, 5, 6, 7].flatMap(
      (day) =>
        [
          ['failed', (day - 1) * DAY + 20, { errorMessage: null }],
          ['pending', day * DAY],
          ['started', day * DAY + 10],
        ] as const,
    );
    const records = taskRecords(1, 'a', ['pending', 5], ['started', 10], ...retried, [
      'completed',
      7 * DAY + 20,
    ]);
    const lines = drawn(timelineWith([records]));
    expect(lines[3]).toBe('                     ├───┤┊├───┤┊├───┤┊├───┤┊├───┤┊├──┤┊├──┤┊├──┤');
  });

  it('is as wide as it is told to be, with long names cut short', () => {
    const records = taskRecords(1, 'a-name-that-is-longer-than-its-column.yaml', ['pending', 20]);
    const widths = [60, 100, 200].map((columns) => {
      const [, , , axis = '', commit = ''] = drawn(timelineWith([records]), columns);
      return [axis.length, commit.length];
    });
    const right = '  12 ms  waiting'.length;
    expect(widths).toEqual([
      [60 - right, 60 - '  waiting'.length],
      [100 - right, 100 - '  waiting'.length],
      [200 - right, 200 - '  waiting'.length],
    ]);
    expect(drawn(timelineWith([records]), 60).join('\n')).toContain('42.1    a-name-that-i…  ');
  });

  it('has colours on a terminal, unless NO_COLOR is set, and the link to the trace where there is one', () => {
    const lines = (outIsTerminal: boolean, environment: Terminal['environment']) =>
      renderTrace(timelineWith(sideBySide), {
        columns: 80,
        paint: paintOf(outIsTerminal, environment),
        traceUrl: 'http://there/0af7',
        named: (text) => text,
      });
    const coloured = lines(true, {});
    expect(coloured[5]).toBe(
      `\u001b[32m✓\u001b[0m 42.1    10-check            \u001b[2m·\u001b[0m\u001b[32m${'█'.repeat(24)}\u001b[0m          58 ms`,
    );
    expect(coloured[7]).toBe('          \u001b[31mthe site; is gone\u001b[0m');
    expect(lines(true, { NO_COLOR: '1' })).toEqual(lines(false, {}));
    expect(lines(false, {})[1]).toBe('trace 0af7651916cd43dd8448eb211c80319c http://there/0af7');
  });
});

describe('the trace of a commit', () => {
  const head = (...traceParents: readonly (string | null)[]) => {
    const [ofCommit = null, ofAttempt = null] = traceParents;
    const records = taskRecords(
      1,
      'a',
      ['pending', 20],
      ['started', 22, { traceParent: ofAttempt }],
      ['completed', 30],
    );
    return drawn(timelineWith([records], { commit: { traceParent: ofCommit } }))[1];
  };
  const [id, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

  it('is shown once anything of it was sent, be it by a retry of another day', () => {
    expect(head(`00-${id}-${spanId}-00`, `00-${id}-${spanId}-00`)).toBe('not traced');
    expect(head(`00-${id}-${spanId}-01`)).toBe(`trace ${id}`);
    expect(head(`00-${id}-${spanId}-00`, `00-${id}-${spanId}-01`)).toBe(`trace ${id}`);
  });
});

describe('pond trace', () => {
  const [check = [], publish = []] = sideBySide;
  const timeline = timelineWith([check, publish]);
  const asked: number[] = [];
  const steward: Partial<Steward> = {
    newestOwnCommit: () => TE.right(42),
    tasks: (txnSeq) => {
      asked.push(txnSeq);
      return TE.right(timeline.commit.tasks);
    },
    // A write that failed had the same number in mind.
    transactions: () =>
      TE.right([transaction({ status: 'failed', txnId: 'other', dataFsVersion: null }), timeline.commit]),
    records: () => TE.right([...check, ...publish]),
    incomplete: () => TE.right(nothingIncomplete),
  };

  it('shows the last commit that no task made, inside a task the one that set it off, unless another is named', async () => {
    expect((await runOn(steward, ['trace'])).stdout).toContain('commit 42  committed');
    await runOn(steward, ['trace', '7']);
    const inside = { ...steward, surroundings: () => TE.right({ chain: [], txnSeq: 8 }) };
    await runOn(inside, ['trace']);
    expect(asked).toEqual([42, 7, 8]);
  });

  it('is as wide as the terminal, from 60 columns on, and 100 columns wide where there is none', async () => {
    const width = async (outColumns?: number) => {
      const { stdout } = await runOn(steward, ['trace'], { outColumns, outIsTerminal: false });
      const [, , , axis = ''] = stdout.split('\n');
      return axis.length + '  12 ms  failed'.length;
    };
    expect(await Promise.all([width(), width(132), width(80), width(30)])).toEqual([100, 132, 80, 60]);
  });

  it('is one JSON document with --json: the commit, its trace, each task with its attempts', async () => {
    const environment = { POND: '/pond', POND_TRACE_URL: 'http://localhost:16686/trace/{trace_id}' };
    const { stdout } = await runOn(steward, ['trace', '--json'], { environment });
    expect(JSON.parse(stdout)).toMatchObject({
      txn_seq: 42,
      status: 'committed',
      started_at: '2026-01-02T03:04:05.678Z',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      trace_url: 'http://localhost:16686/trace/0af7651916cd43dd8448eb211c80319c',
      tasks: [
        { task: '42.1', state: 'completed', attempts: [{ attempt: 1, state: 'completed', duration_ms: 58 }] },
        {
          task: '42.2',
          state: 'failed',
          attempts: [
            {
              attempt: 1,
              state: 'failed',
              pending_at: '2026-01-02T03:04:05.698Z',
              started_at: '2026-01-02T03:04:05.702Z',
              ended_at: '2026-01-02T03:04:05.778Z',
              duration_ms: 76,
              error_message: 'the site\nis gone',
            },
          ],
        },
      ],
    });
  });

  it('names the command that helps for a commit that the control table does not know yet', async () => {
    const unknown = { ...steward, transactions: () => TE.right([transaction({ dataFsVersion: null })]) };
    const { code, stderr } = await runOn(unknown, ['trace', '42']);
    expect([code, stderr]).toEqual([
      1,
      'pond: commit 42 is not in the control table yet\n  try: pond recover records it\n',
    ]);
  });

  it('refuses what is not a number of a transaction, and more than one', async () => {
    for (const argv of [
      ['trace', 'x'],
      ['trace', '0'],
      ['trace', '42.1'],
      ['trace', '1', '2'],
      ['trace', '--at', '1'],
    ]) {
      expect((await runMain(argv)).code).toBe(2);
    }
  });
});
