import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlRecord } from '../../../src/control/records/control-record.js';
import { foldTask } from '../../../src/control/tasks/task-state.js';
import { foldTransaction } from '../../../src/control/transactions/transaction-state.js';
import { printTaskId } from '../../../src/domain/plans/task-id.js';
import { documentOf, type Looked, looking } from '../scenarios/asking.js';
import { faultsOfLog, lastTxnSeq, namesIn, readDeltaLog } from './delta-log.js';

/** What a pond holds and what the command that dies adds to it. Everything returns what is wrong, in words. */
export interface Expectations {
  /** Files that are there before, and stay. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Files that the command writes in one transaction. */
  readonly writes: Readonly<Record<string, Buffer>>;
  /** The transaction in which it writes them. */
  readonly txnSeq: number;
  /** How the tasks of that transaction may end, by configuration path. */
  readonly tasks: Readonly<Record<string, readonly string[]>>;
  /** Data files that were merged away. Default: they are kept. */
  readonly mergedAway?: 'kept' | 'may be gone';
}

/** A folder of one run: `pond/`, and beside it `journal`, which the tasks write. */
export const pondIn = (folder: string): string => join(folder, 'pond');

/** The pond opens; what was committed is there; of what the command writes there is all or nothing. */
export const faultsOfData = async (
  { ask }: Looked,
  { files, writes }: Expectations,
  landed: boolean,
): Promise<readonly string[]> => {
  const faults: string[] = [];
  const listed = await ask('list', '--json');
  if (listed.code !== 0) return [`list: exit code ${listed.code}: ${listed.err}`];
  const document: readonly { readonly path: string }[] = JSON.parse(listed.out.toString());
  const paths = new Set(document.map(({ path }) => path));
  for (const [path, content] of Object.entries(files)) {
    if (!paths.has(path)) faults.push(`${path} is not listed`);
    faults.push(...(await faultsOfFile(ask, path, content)));
  }
  for (const [path, content] of Object.entries(writes)) {
    if (paths.has(path) !== landed) faults.push(`${path} is ${landed ? 'missing' : 'visible too early'}`);
    if (landed) faults.push(...(await faultsOfFile(ask, path, content)));
  }
  const status = await ask('status', '--json');
  if (status.code !== 0) faults.push(`status: exit code ${status.code}: ${status.err}`);
  return faults;
};

const faultsOfFile = async (
  ask: Looked['ask'],
  path: string,
  content: Buffer,
): Promise<readonly string[]> => {
  const { code, out, err } = await ask('cat', path);
  if (code !== 0) return [`cat ${path}: exit code ${code}: ${err}`];
  return out.equals(content) ? [] : [`${path}: ${out.length} bytes, not those that were written`];
};

/** Whether the command's transaction is in the log; only as long as nobody has written since. */
export const hasLanded = (folder: string, { txnSeq }: Expectations): boolean =>
  lastTxnSeq(readDeltaLog(pondIn(folder))) >= txnSeq;

/** Every transaction has ended, every planned task too, by legal records that agree with the log; nothing is left over. */
export const faultsOfEnd = (
  folder: string,
  expected: Expectations,
  landed: boolean,
): Promise<readonly string[]> =>
  looking(pondIn(folder), (looked) => faultsOfEnded(looked, folder, expected, landed));

/** The same of a pond that is looked at. */
export const faultsOfEnded = async (
  { ask, records: readRecords }: Looked,
  folder: string,
  expected: Expectations,
  landed: boolean,
): Promise<readonly string[]> => {
  const pond = pondIn(folder);
  const status = ['status', '--json'];
  const { incomplete } = documentOf(status, await ask(...status)) as { incomplete: Record<string, number> };
  const records = await readRecords();
  return [
    ...(incomplete.transactions === 0 && incomplete.tasks === 0
      ? []
      : [`incomplete: ${JSON.stringify(incomplete)}`]),
    ...faultsOfRecords(records, pond),
    ...(landed ? faultsOfTasks(records, expected) : []),
    ...faultsOfJournal(folder, records),
    ...faultsOfLog(pond, expected.mergedAway),
    ...namesIn(join(pond, 'data/_staging')).map((name) => `left over: data/_staging/${name}`),
  ];
};

const faultsOfRecords = (records: readonly ControlRecord[], pond: string): readonly string[] => {
  const faults: string[] = [];
  const committed = new Map<number, number | null>();
  for (const [txnId, own] of grouped(records, ({ txnId }) => txnId)) {
    const transaction = foldTransaction(own.filter((record) => record.executionSeq === null));
    if (transaction._tag === 'Left') {
      faults.push(`transaction ${txnId}: ${JSON.stringify(transaction.left)}`);
      continue;
    }
    const { status, dataFsVersion, txnSeq: seq } = transaction.right ?? { status: 'unknown' };
    if (status === 'incomplete') faults.push(`transaction ${txnId} has no terminal record`);
    if (status === 'committed' && seq !== undefined) {
      if (committed.has(seq)) faults.push(`transaction ${seq} was committed twice`);
      committed.set(seq, dataFsVersion ?? null);
    }
    for (const [task, history] of tasksOf(own)) {
      const folded = foldTask(history);
      if (folded._tag === 'Left') faults.push(`task ${task}: ${JSON.stringify(folded.left)}`);
      else if (['pending', 'started'].includes(folded.right?.status.state ?? '')) {
        faults.push(`task ${task} has not ended`);
      }
    }
  }
  const logged = readDeltaLog(pond).filter((entry) => entry.txnSeq !== null);
  for (const entry of logged) {
    const recorded = committed.get(entry.txnSeq ?? 0);
    if (recorded !== entry.version) {
      faults.push(`transaction ${entry.txnSeq} is version ${entry.version}, recorded as ${recorded}`);
    }
  }
  if (committed.size !== logged.length) faults.push('more commits are recorded than there are');
  return faults;
};

const faultsOfTasks = (
  records: readonly ControlRecord[],
  { txnSeq, tasks }: Expectations,
): readonly string[] => {
  const states = new Map(
    [...tasksOf(records.filter(({ parentTxnSeq }) => parentTxnSeq === txnSeq)).values()].map((history) => {
      const newest = history.at(-1);
      return [newest?.configPath ?? '', newest?.recordType.replace('post_commit_', '') ?? ''];
    }),
  );
  const wrong = Object.entries(tasks).flatMap(([path, ends]) =>
    ends.includes(states.get(path) ?? 'missing') ? [] : [`${path} is ${states.get(path)}, not ${ends}`],
  );
  return states.size === Object.keys(tasks).length ? wrong : [...wrong, `${states.size} tasks of ${txnSeq}`];
};

/** Tasks run before they are recorded as completed, no attempt runs twice, and none after a completed one. */
const faultsOfJournal = (folder: string, records: readonly ControlRecord[]): readonly string[] => {
  const faults: string[] = [];
  const lines = journalOf(folder);
  if (new Set(lines).size !== lines.length) faults.push(`an attempt ran twice: ${lines.join(', ')}`);
  for (const [task, history] of tasksOf(records)) {
    const newest = history.at(-1);
    if (newest?.factoryName !== 'command') continue;
    const attempts = lines
      .filter((line) => line.startsWith(`${task} `))
      .map((line) => Number(line.split(' ')[1]));
    const begun = history.filter(({ recordType }) => recordType === 'post_commit_started').length;
    if (attempts.some((attempt) => attempt > begun))
      faults.push(`task ${task} ran more often than it started`);
    if (newest.recordType === 'post_commit_completed' && !attempts.includes(begun)) {
      faults.push(`task ${task} is completed and its attempt ${begun} never ran`);
    }
  }
  return faults;
};

export const journalOf = (folder: string): readonly string[] => {
  try {
    return readFileSync(join(folder, 'journal'), 'utf8').trimEnd().split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** The tasks that are recorded as completed. */
export const completedTasks = (records: readonly ControlRecord[]): readonly string[] =>
  [...tasksOf(records)].flatMap(([task, history]) =>
    history.some(({ recordType }) => recordType === 'post_commit_completed') ? [task] : [],
  );

export const tasksOf = (records: readonly ControlRecord[]): ReadonlyMap<string, readonly ControlRecord[]> =>
  grouped(
    records.filter(({ executionSeq }) => executionSeq !== null),
    ({ parentTxnSeq, executionSeq }) =>
      printTaskId({ parentTxnSeq: parentTxnSeq ?? 0, executionSeq: executionSeq ?? 0 }),
  );

const grouped = <A>(all: readonly A[], key: (one: A) => string): ReadonlyMap<string, readonly A[]> => {
  const groups = new Map<string, A[]>();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
};
