import { isLeft } from 'fp-ts/lib/Either.js';
import type { ControlError } from '../control-error.js';
import { describeControlError } from '../describe-control-error.js';
import type { ControlRecord } from '../records/control-record.js';
import type { TaskStatus } from '../records/task-status.js';
import { openControlDatabase } from '../schema/open-control-database.js';
import { type ControlCapabilities, catchRefusal, fromSqlError } from '../store/control-store.js';
import type { ReadAtOnce } from '../store/control-transaction.js';
import type { TransactionState } from '../transactions/transaction-state.js';
import { checkPlans } from './check-plans.js';
import { checkRecords } from './check-records.js';
import type { ControlFinding } from './control-finding.js';
import { type Beside, namelessRecords, readBeside, recordsByTransaction } from './control-snapshot.js';

/** A transaction without its end, as it was when the table was read. */
export interface UnendedTransaction {
  readonly state: TransactionState;
  readonly environment: ControlRecord['environment'];
}

/** A commit that the table knows. */
export interface RecordedCommit {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly dataFsVersion: number;
  /** Tells whether it is known to be no longer in the table of the data. */
  readonly isGone: boolean;
  /** Checksum of its active plan; null where none is kept. */
  readonly planChecksum: string | null;
  readonly planState: string | null;
  readonly tasks: readonly TaskStatus[];
}

/** Extent of a look at a control table. */
export interface ControlCounts {
  readonly records: number;
  /** Reads and writes; a commit's tasks belong to it and are counted beside it. */
  readonly transactions: number;
  readonly tasks: number;
  /** Stored plans; commits that have the same plan share one. */
  readonly plans: number;
  /** Processes that run tasks, or did and are dead. */
  readonly runners: number;
  readonly claims: number;
}

/** Result of checking a control table, as it was at one moment. */
export interface ControlCheck {
  /** The pond that it says it belongs to. */
  readonly pondId: string;
  readonly findings: readonly ControlFinding[];
  readonly commits: readonly RecordedCommit[];
  /** Transactions whose records are illegal or unreadable: nothing more is said of them. */
  readonly doubtful: ReadonlySet<string>;
  readonly unended: readonly UnendedTransaction[];
  /** Tasks that are pending or started, also those of a commit that has ended: somebody retries them. */
  readonly unfinished: readonly TaskStatus[];
  readonly beside: Beside;
  /** The JSON of stored plans that are what they should be, by checksum. */
  readonly soundPlans: ReadonlyMap<string, string>;
  readonly checked: ControlCounts;
}

/** Result of looking at a control database. */
export interface CheckedControl {
  readonly findings: readonly ControlFinding[];
  /** Null: it cannot be read at all. */
  readonly check: ControlCheck | null;
  /** Set where a newer version made it: nothing that is found here says anything then. */
  readonly tooNew: Extract<ControlError, { _tag: 'PondTooNew' }> | null;
}

/**
 * Checks the control table in one snapshot of the database: nobody is kept from writing, and nothing is written.
 * Null beside findings: it cannot be read at all.
 */
export const checkControl = (
  { databases }: Pick<ControlCapabilities, 'databases'>,
  path: string,
  options: { readonly file: string; readonly quick: boolean },
): CheckedControl => {
  const { file } = options;
  const failed = (error: ControlError): CheckedControl => ({
    findings: [unusable(file, error)],
    check: null,
    tooNew: error._tag === 'PondTooNew' ? error : null,
  });
  const opened = openControlDatabase(databases, path)();
  if (isLeft(opened)) {
    return opened.left._tag === 'ControlMissing'
      ? { findings: [{ _tag: 'ControlMissing', file }], check: null, tooNew: null }
      : failed(opened.left);
  }
  const { database, pondId } = opened.right;
  try {
    const outcome = catchRefusal({ path }, () => {
      const answer = database.snapshot((read) => readAll(read, pondId, options))();
      return isLeft(answer) ? { _tag: 'Left', left: fromSqlError(answer.left) } : answer;
    });
    return isLeft(outcome) ? failed(outcome.left) : { ...outcome.right, tooNew: null };
  } finally {
    database.close();
  }
};

/** Tables that stand beside the records now. */
export const lookAgain = (
  { databases }: Pick<ControlCapabilities, 'databases'>,
  path: string,
): Beside | null => {
  const opened = openControlDatabase(databases, path)();
  if (isLeft(opened)) return null;
  const { database } = opened.right;
  try {
    const outcome = catchRefusal({ path }, () => {
      const answer = database.snapshot(readBeside)();
      return isLeft(answer) ? { _tag: 'Left', left: fromSqlError(answer.left) } : answer;
    });
    return isLeft(outcome) ? null : outcome.right;
  } finally {
    database.close();
  }
};

const unusable = (file: string, error: ControlError): ControlFinding =>
  error._tag === 'ControlUnreadable'
    ? { _tag: 'StorageUnreadable', file, call: 'open', code: 'EACCES' }
    : { _tag: 'ControlUnusable', file, problem: problemOf(error) };

const problemOf = (error: ControlError): string => {
  if ('problem' in error) return error.problem;
  return error._tag === 'UnsafeFile'
    ? `it is not a file of the pond's (${error.found})`
    : describeControlError(error);
};

const readAll = (
  read: ReadAtOnce,
  pondId: string,
  { file, quick }: { readonly file: string; readonly quick: boolean },
): { readonly findings: readonly ControlFinding[]; readonly check: ControlCheck | null } => {
  const refused = (problem: string) => ({
    findings: [{ _tag: 'ControlUnusable', file, problem } satisfies ControlFinding],
    check: null,
  });
  const [integrity] = read(quick ? 'PRAGMA quick_check(1)' : 'PRAGMA integrity_check(1)').flatMap(
    Object.values,
  );
  // A claim of a missing runner breaks a reference, which has a finding of its own: this looks at pages and indexes.
  if (integrity !== 'ok') return refused(String(integrity).replace(/\s+/g, ' '));

  const beside = readBeside(read);
  const plans = checkPlans(read, beside);
  const transactions = readTransactions(read, beside);
  return {
    findings: [],
    check: {
      ...transactions,
      pondId,
      findings: [...transactions.findings, ...plans.findings],
      beside,
      soundPlans: plans.sound,
      checked: {
        ...transactions.checked,
        plans: plans.count,
        runners: beside.runners.length,
        claims: beside.claims.length,
      },
    },
  };
};

const readTransactions = (read: ReadAtOnce, beside: Beside) => {
  const findings: ControlFinding[] = [];
  const doubtful = new Set<string>();
  const commits: RecordedCommit[] = [];
  const unended: UnendedTransaction[] = [];
  const unfinished: TaskStatus[] = [];
  const planOf = new Map(beside.commitPlans.map((plan) => [plan.txn_id, plan]));
  const knownTasks = new Set<string>();
  let records = 0;
  let transactions = 0;
  let tasks = 0;
  findings.push(...namelessRecords(read));
  for (const { txnId, records: group, unreadable } of recordsByTransaction(read)) {
    records += group.length + unreadable.length;
    transactions += 1;
    if (unreadable.length > 0) {
      findings.push(...unreadable);
      doubtful.add(txnId);
      continue;
    }
    const checked = checkRecords(group, beside);
    findings.push(...checked.findings);
    tasks += checked.tasks.length;
    const { state, isFiring } = checked;
    for (const { parentTxnSeq, executionSeq } of checked.tasks)
      knownTasks.add(`${parentTxnSeq}.${executionSeq}`);
    if (isFiring && checked.findings.length === 0) {
      unfinished.push(...checked.tasks.filter((task) => isUnfinished(task)));
      continue;
    }
    if (state === null || checked.findings.length > 0) {
      doubtful.add(txnId);
      continue;
    }
    unfinished.push(...checked.tasks.filter((task) => isUnfinished(task)));
    if (state.status === 'incomplete') unended.push({ state, environment: checked.environment });
    if (state.dataFsVersion === null) continue;
    const plan = planOf.get(state.txnId);
    commits.push({
      txnSeq: state.txnSeq,
      txnId: state.txnId,
      dataFsVersion: state.dataFsVersion,
      isGone: beside.gone.has(state.txnId),
      planChecksum: plan?.checksum ?? null,
      planState: plan?.state ?? null,
      tasks: checked.tasks,
    });
  }
  if (findings.length === 0) findings.push(...underived(beside, knownTasks, unended));
  return { findings, doubtful, commits, unended, unfinished, checked: { records, transactions, tasks } };
};

const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

/** Facts that the derived tables have and no record tells of. */
const underived = (
  { openTransactions, taskStates }: Beside,
  tasks: ReadonlySet<string>,
  unended: readonly UnendedTransaction[],
): readonly ControlFinding[] => {
  const open = new Set(unended.map(({ state }) => state.txnId));
  return [
    ...[...openTransactions].flatMap(([of, derived]): readonly ControlFinding[] =>
      open.has(of)
        ? []
        : [{ _tag: 'DerivedStateWrong', table: 'open_transactions', of, recorded: 'missing', derived }],
    ),
    ...[...taskStates].flatMap(([of, derived]): readonly ControlFinding[] =>
      tasks.has(of)
        ? []
        : [{ _tag: 'DerivedStateWrong', table: 'task_states', of, recorded: 'missing', derived }],
    ),
  ];
};
