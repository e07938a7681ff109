import * as TE from 'fp-ts/lib/TaskEither.js';
import { createMemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { main } from '../../src/cli/main.js';
import type { Program, Terminal } from '../../src/cli/program.js';
import type { TaskStatus } from '../../src/control/records/task-status.js';
import type { TransactionSummary } from '../../src/control/records/transaction-summary.js';
import type { WriteOutcome } from '../../src/steward/shapes/transactions.js';
import type { Incomplete } from '../../src/steward/shapes/upkeep.js';
import type { Steward } from '../../src/steward/steward.js';

/** 2026-01-02T03:04:05.678Z in microseconds. */
export const WHEN = Date.UTC(2026, 0, 2, 3, 4, 5, 678) * 1000;

const POND_ID = '01890000-0000-7000-8000-000000000001';

const unexpected = (call: string) => () => {
  throw new Error(`the command called ${call}, which this test does not expect`);
};

export const nothingIncomplete: Incomplete = {
  transactions: [],
  tasks: [],
  failedTasks: [],
  failed: { tasks: 0, records: 0 },
};

/** A steward of which only the given parts may be used. */
export const fakeSteward = (parts: Partial<Steward>): Steward => ({
  directory: '/pond',
  pondId: POND_ID,
  birthplace: 'here',
  read: unexpected('read'),
  query: unexpected('query'),
  queryBytes: unexpected('queryBytes'),
  write: unexpected('write'),
  plan: unexpected('plan'),
  gates: unexpected('gates'),
  replay: unexpected('replay'),
  compare: unexpected('compare'),
  compareRows: unexpected('compareRows'),
  history: unexpected('history'),
  commitAt: unexpected('commitAt'),
  firings: unexpected('firings'),
  firing: unexpected('firing'),
  schedules: unexpected('schedules'),
  watches: unexpected('watches'),
  previewWatches: unexpected('previewWatches'),
  fsck: unexpected('fsck'),
  run: unexpected('run'),
  recover: unexpected('recover'),
  maintain: unexpected('maintain'),
  retry: unexpected('retry'),
  cancel: unexpected('cancel'),
  workers: unexpected('workers'),
  dismiss: unexpected('dismiss'),
  status: unexpected('status'),
  failingEntries: unexpected('failingEntries'),
  newestOwnCommit: unexpected('newestOwnCommit'),
  addRemote: unexpected('addRemote'),
  removeRemote: unexpected('removeRemote'),
  probeRemote: unexpected('probeRemote'),
  push: unexpected('push'),
  pull: unexpected('pull'),
  verify: unexpected('verify'),
  promote: unexpected('promote'),
  transactions: unexpected('transactions'),
  records: unexpected('records'),
  tasks: unexpected('tasks'),
  task: unexpected('task'),
  wait: unexpected('wait'),
  output: unexpected('output'),
  derived: () => TE.right([]),
  surroundings: () => TE.right({ chain: [], txnSeq: null }),
  incomplete: unexpected('incomplete'),
  factories: unexpected('factories'),
  settings: unexpected('settings'),
  setSetting: unexpected('setSetting'),
  close: () => TE.right(undefined),
  ...parts,
});

/** A program of which only the given parts may be used. */
export const fakeProgram = (parts: Partial<Program>): Program => ({
  init: unexpected('init'),
  open: unexpected('open'),
  rebuildControl: unexpected('rebuildControl'),
  fetch: unexpected('fetch'),
  serve: unexpected('serve'),
  serveLink: unexpected('serveLink'),
  work: unexpected('work'),
  takeTasks: unexpected('takeTasks'),
  fsck: unexpected('fsck'),
  hostPlans: unexpected('hostPlans'),
  trust: unexpected('trust'),
  files: {
    readFile: unexpected('files.readFile'),
    readRange: unexpected('files.readRange'),
    writeNewFile: unexpected('files.writeNewFile'),
    writeNewFiles: unexpected('files.writeNewFiles'),
    streamToNewFile: unexpected('files.streamToNewFile'),
    streamFile: unexpected('files.streamFile'),
    stat: unexpected('files.stat'),
    readDirectory: unexpected('files.readDirectory'),
    makeDirectories: unexpected('files.makeDirectories'),
    rename: unexpected('files.rename'),
    link: unexpected('files.link'),
    remove: unexpected('files.remove'),
    realPath: unexpected('files.realPath'),
    fsyncFile: unexpected('files.fsyncFile'),
    fsyncDirectory: unexpected('files.fsyncDirectory'),
  },
  hold: () => ({ files: createMemoryFileSystem().files, release: () => undefined }),
  neighbours: { user: null, allowShared: true },
  spool: unexpected('spool'),
  queryEngine: {
    query: unexpected('queryEngine.query'),
    needed: unexpected('queryEngine.needed'),
    written: unexpected('queryEngine.written'),
    session: unexpected('queryEngine.session'),
    sessions: unexpected('queryEngine.sessions'),
  },
  clock: {
    nowMicros: () => WHEN,
    monotonicMs: () => 0,
    sleep: async () => undefined,
    giveWay: async () => undefined,
  },
  ...parts,
});

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly interrupt?: AbortSignal;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly outIsTerminal?: boolean;
  readonly errIsTerminal?: boolean;
  readonly outColumns?: number | undefined;
}

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Standard input with nothing in it. */
export async function* fakeInput(): AsyncGenerator<Uint8Array> {
  // Ends at once.
}

/** Runs the command line on a program, in a directory /here with the pond /pond in $POND. */
export const runMain = async (
  argv: readonly string[],
  program: Partial<Program> = {},
  options: RunOptions = {},
): Promise<CliRun> => {
  const out: Buffer[] = [];
  let stderr = '';
  const terminal: Terminal = {
    stdin: options.stdin ?? fakeInput(),
    writeOut: async (data) => {
      out.push(Buffer.from(data));
      return true;
    },
    writeErr: (text) => {
      stderr += text;
    },
    outIsTerminal: options.outIsTerminal ?? false,
    errIsTerminal: options.errIsTerminal ?? false,
    outColumns: options.outColumns,
    workingDirectory: '/here',
    environment: options.environment ?? { POND: '/pond' },
    interrupt: options.interrupt ?? new AbortController().signal,
  };
  const code = await main(argv, { terminal, connect: async () => fakeProgram(program) });
  return { code, stdout: Buffer.concat(out).toString(), stderr };
};

/** Runs the command line on a pond whose steward has only the given parts. */
export const runOn = (
  steward: Partial<Steward>,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<CliRun> => runMain(argv, { open: () => TE.right(fakeSteward(steward)) }, options);

export const task = (parts: Partial<TaskStatus> = {}): TaskStatus => ({
  parentTxnSeq: 42,
  executionSeq: 1,
  txnId: '01890000-0000-7000-8000-000000000042',
  factoryName: 'test-executor',
  configPath: '/etc/system.d/10-first',
  state: 'completed',
  attempts: 1,
  startedAt: WHEN,
  completedAt: WHEN + 102_000,
  durationMs: 102,
  errorMessage: null,
  configTxnSeq: 42,
  commitTraceParent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
  report: null,
  notBefore: null,
  skipCause: null,
  traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  dueAt: null,
  ...parts,
});

export const failedTask = task({
  executionSeq: 2,
  configPath: '/etc/system.d/30-fail',
  state: 'failed',
  errorMessage: 'told to fail',
  durationMs: 3,
});

export const committed = (
  parts: Partial<WriteOutcome<void> & { readonly _tag: 'Committed' }> = {},
): WriteOutcome<void> & { readonly _tag: 'Committed' } => ({
  _tag: 'Committed',
  value: undefined,
  txnSeq: 42,
  txnId: '01890000-0000-7000-8000-000000000042',
  dataFsVersion: 41,
  inBackground: false,
  durability: 'durable',
  recorded: true,
  tasksKnown: true,
  suppressed: null,
  tasks: [],
  causedBy: [],
  deferredTo: null,
  derived: [],
  ...parts,
});

export const transaction = (parts: Partial<TransactionSummary> = {}): TransactionSummary => ({
  txnSeq: 42,
  txnId: '01890000-0000-7000-8000-000000000042',
  transactionType: 'write',
  status: 'committed',
  isGone: false,
  cliArgs: ['mkdir', '/in'],
  startedAt: WHEN,
  durationMs: 12,
  dataFsVersion: 41,
  errorMessage: null,
  planChecksum: 'c0ffee',
  traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  causedBy: [],
  factoryName: null,
  configPath: null,
  gates: [],
  tasks: [],
  ...parts,
});
