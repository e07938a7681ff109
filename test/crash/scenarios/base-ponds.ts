import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pondIn } from '../machinery/invariants.js';
import { ask } from './asking.js';

/** A file of the host's, given as `host://...`. */
export interface HostFile {
  readonly url: string;
  readonly content: Buffer;
}

/** Bytes that look like nothing else, the same in each run. */
export const bytes = (length: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 8)) % 256));

export const hostFile = async (folder: string, name: string, content: Buffer): Promise<HostFile> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), content);
  return { url: `host://${join(folder, name)}`, content };
};

/** Runs a command that prepares a pond. */
export const prepare = async (pond: string, args: readonly string[], code = 0): Promise<void> => {
  const answer = await ask(pond, ...args);
  if (answer.code !== code)
    throw new Error(`pond ${args.join(' ')}: exit code ${answer.code}\n${answer.err}`);
};

/** A pond without factories, in `folder`. */
export const plainPond = async (folder: string): Promise<string> => {
  const pond = pondIn(folder);
  await mkdir(folder, { recursive: true });
  await prepare(pond, ['init']);
  return pond;
};

/** A task that says in the journal beside the pond that it runs. */
const journalling = (condition = 'true') =>
  JSON.stringify({
    run: [`${condition} && echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal" && echo done`],
    shell: true,
  });

const addTask = (pond: string, factory: string, name: string, config: string): Promise<void> =>
  prepare(pond, ['mknod', factory, `/etc/system.d/${name}`, '--config', config]);

/** Configures the three tasks of the matrix: the second always fails. */
export const addTasks = async (pond: string): Promise<void> => {
  await addTask(pond, 'command', '10-ok', journalling());
  await addTask(pond, 'test-executor', '20-fail', '{ "message": "no", "fail": true }');
  await addTask(pond, 'command', '30-ok', journalling());
};

/** A task that fails unless there is a file `go` beside the pond. */
export const addFlakyTask = (pond: string): Promise<void> =>
  addTask(pond, 'command', '40-flaky', journalling('test -e "$POND/../go"'));

/** A task whose first attempt fails; its policy tries it again at once. */
export const addRetriedTask = (pond: string): Promise<void> => {
  const note = `A=\${POND_ATTEMPT_ID##*/}; echo "$POND_TASK $A" >> "$POND/../journal" && echo done && test $A != 1`;
  const run = [note];
  const retry = { max_attempts: 2, initial_interval: '1ms', jitter: false };
  const envelope = { factory: 'command', retry, config: { run, shell: true } };
  return addTask(pond, 'command', '50-again', JSON.stringify(envelope));
};

/** Configures four tasks that share their transactions: three run side by side, and one after the first of them. */
export const addTasksSideBySide = async (pond: string): Promise<void> => {
  const folder = join(pond, '..');
  const schedule = await hostFile(
    folder,
    'config.yaml',
    Buffer.from('schedule: graph\nmax_concurrency: 3\n'),
  );
  await prepare(pond, ['copy', schedule.url, '/etc/system.d/config.yaml']);
  await addTask(pond, 'test-executor', '10-quick', '{ "message": "a" }');
  await addTask(pond, 'test-executor', '20-fail', '{ "message": "no", "fail": true }');
  await addTask(pond, 'command', '30-ok', journalling());
  const after = { factory: 'test-executor', depends_on: ['10-quick'], config: { message: 'b' } };
  await addTask(pond, 'test-executor', '40-after', JSON.stringify(after));
};

export const ENDS_SIDE_BY_SIDE = {
  '/etc/system.d/10-quick': ['completed'],
  '/etc/system.d/20-fail': ['failed'],
  '/etc/system.d/30-ok': ['completed'],
  '/etc/system.d/40-after': ['completed'],
};

export const TASK_ENDS = {
  '/etc/system.d/10-ok': ['completed'],
  '/etc/system.d/20-fail': ['failed'],
  '/etc/system.d/30-ok': ['completed'],
};
