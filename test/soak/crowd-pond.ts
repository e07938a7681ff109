import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Steward } from '../../src/promises.js';
import { type BuiltPonds, run } from '../crash/machinery/built-ponds.js';
import { faultsOfCheck } from '../crash/machinery/check.js';
import { lastTxnSeq, readDeltaLog } from '../crash/machinery/delta-log.js';
import { faultsOfEnd, journalOf, pondIn, tasksOf } from '../crash/machinery/invariants.js';
import { ask, recordsOf } from '../crash/scenarios/asking.js';
import { plainPond, prepare } from '../crash/scenarios/base-ponds.js';
import type { Acknowledged, CrowdReport } from './crowd.js';

/** Says in `spans` that it begins and that it ends, and in the journal which attempt it was. */
const NOTE = `echo "+ $POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../spans"
echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal"
echo "- $POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../spans"`;

const publishedIn = (folder: string): string => join(folder, 'published');

/** The configurations that follow each commit of the crowd. */
const TASKS = 3;

/** A pond in whose `/etc/system.d` there are three factories. Returns its folder. */
export const crowdPond = async (folder: string): Promise<string> => {
  const pond = await plainPond(folder);
  await prepare(pond, ['mkdir', '/latest']);
  const add = (factory: string, name: string, config: object) =>
    prepare(pond, ['mknod', factory, `/etc/system.d/${name}`, '--config', JSON.stringify(config)]);
  await add('command', '10-note', { run: [NOTE], shell: true });
  await add('test-executor', '20-check', { message: 'fine' });
  await add('host-export', '30-publish', {
    source: '/latest/*',
    target: publishedIn(folder),
    strip_prefix: '/latest',
  });
  return folder;
};

export interface CrowdResult {
  /** Commits that landed, and of them those whose process was killed before it was told. */
  readonly commits: number;
  readonly unacknowledged: number;
  readonly tasks: number;
  /** Attempts that were cut short by a kill. */
  readonly interrupted: number;
  readonly faults: readonly string[];
}

/** Ends of attempts whose tasks are run again: by a crash, and by a server that was told to stop. */
const ENDED_EARLY: ReadonlySet<string | null> = new Set([
  'interrupted',
  'stopped with the process that ran it',
]);

/**
 * What is wrong after a crowd has been at a pond. `base`: the last transaction before it came. Recovers first: what
 * the killed ones left is nobody else's work.
 */
export const resultOfCrowd = async (
  ponds: BuiltPonds,
  folder: string,
  base: number,
  { acknowledged, faults: seen }: CrowdReport,
): Promise<CrowdResult> => {
  const pond = pondIn(folder);
  const faults = [...seen];
  const recovery = await run(ponds.pond, pond, ['recover']);
  if (recovery.code !== 0) faults.push(`recover: exit code ${recovery.code}: ${recovery.stderr}`);
  const commits = lastTxnSeq(readDeltaLog(pond)) - base;
  const records = (await recordsOf(pond)).filter(({ parentTxnSeq }) => (parentTxnSeq ?? 0) > base);
  const ofType = (type: string) => records.filter(({ recordType }) => recordType === `post_commit_${type}`);
  const interrupted = ofType('failed').filter(({ errorMessage }) => ENDED_EARLY.has(errorMessage)).length;

  const seqs = acknowledged.map(({ txnSeq }) => txnSeq);
  if (new Set(seqs).size !== seqs.length) faults.push('two acknowledged commits have one number');
  if (seqs.some((seq) => seq <= base || seq > base + commits))
    faults.push('an acknowledged commit is missing');
  faults.push(...(await faultsOfContents(pond, acknowledged)));
  if (ofType('completed').length !== TASKS * commits) {
    faults.push(`${ofType('completed').length} tasks are completed, not ${TASKS * commits}`);
  }
  if (ofType('started').length !== ofType('completed').length + interrupted) {
    const others = ofType('failed').filter(({ errorMessage }) => !ENDED_EARLY.has(errorMessage));
    const said = others.map(({ configPath, errorMessage }) => `${configPath}: ${errorMessage}`);
    faults.push(`attempts that neither completed nor were interrupted: ${said.join('; ')}`);
  }
  for (const [task, history] of tasksOf(records)) {
    const ends = history.filter(({ recordType }) => recordType === 'post_commit_completed').length;
    if (ends !== 1) faults.push(`task ${task} completed ${ends} times`);
  }
  faults.push(...(await faultsOfSpans(folder)), ...(await faultsOfPublished(folder)));
  faults.push(
    ...(await faultsOfEnd(folder, { files: {}, writes: {}, txnSeq: 0, tasks: {} }, false)),
    ...(await faultsOfCheck(pond)),
  );
  return {
    commits,
    unacknowledged: commits - acknowledged.length,
    tasks: ofType('completed').length,
    interrupted,
    faults,
  };
};

/** Whether each commit that was acknowledged has what was written in it. */
const faultsOfContents = async (
  directory: string,
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> => {
  const pond = await Steward.open(directory);
  const faults: string[] = [];
  for (const { path, content, txnSeq } of acknowledged) {
    const found = await pond.read(({ fs }) => fs.readBytes(path), { at: txnSeq });
    if (!content.equals(found)) faults.push(`transaction ${txnSeq}: ${path} is not what was written`);
  }
  await pond.close();
  return faults;
};

/** Two tasks of one configuration never run at once: whoever began last is the only one who may still say anything. */
const faultsOfSpans = async (folder: string): Promise<readonly string[]> => {
  const faults: string[] = [];
  let running = '';
  for (const line of (await readFile(join(folder, 'spans'), 'utf8')).trimEnd().split('\n')) {
    const attempt = line.slice(2);
    if (line.startsWith('+')) running = attempt;
    else if (running !== attempt) faults.push(`${attempt} ran beside ${running}`);
  }
  const lines = journalOf(folder);
  return new Set(lines).size === lines.length ? faults : [...faults, 'an attempt ran twice'];
};

/** What is published is the newest commit's, whatever ran late. */
const faultsOfPublished = async (folder: string): Promise<readonly string[]> => {
  const names = (await readdir(publishedIn(folder))).filter((name) => !name.startsWith('.'));
  const listed = await ask(pondIn(folder), 'list', '/latest/*', '--json');
  const wanted: readonly { readonly path: string }[] = JSON.parse(listed.out.toString());
  const faults: string[] = names.length === wanted.length ? [] : [`${names.length} files are published`];
  for (const { path } of wanted) {
    const published = await readFile(join(publishedIn(folder), path.slice('/latest/'.length)));
    const content = (await ask(pondIn(folder), 'cat', path)).out;
    if (!published.equals(content)) faults.push(`${path} is not published as it is`);
  }
  return faults;
};
