import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, plainEnvironment, removeFolder } from './built-ponds.js';
import { copyOf, faultsAfter, type Scenario, sideBySide } from './crash-matrix.js';
import { hasLanded, pondIn } from './invariants.js';

/** What refuses a process what it wants to write: it gets an error, as it does where a disk is full. */
export interface Scarcity {
  readonly name: string;
  /** Runs a command in the folder of a run, with too little room for it. */
  readonly run: (executable: string, folder: string, args: readonly string[], env: Env) => Promise<Ended>;
  /** What becomes of the folder before anything else, and after it all. */
  readonly begin?: (folder: string) => Promise<void>;
  readonly end?: (folder: string) => Promise<void>;
}

export type Env = Readonly<Record<string, string>>;

/** No file may grow beyond so many bytes: `ulimit -f` counts in 512 bytes, as POSIX says. */
export const filesUpTo = (bytes: number): Scarcity => ({
  name: `files up to ${bytes} bytes`,
  run: (executable, folder, args, env) =>
    runShell('ulimit -f "$0" && exec "$@"', [String(bytes / 512), process.execPath, executable, ...args], {
      ...env,
      POND: pondIn(folder),
    }),
});

const runShell = (script: string, words: readonly string[], env: Env): Promise<Ended> =>
  new Promise((done, failed) => {
    const child = spawn('/bin/sh', ['-c', script, ...words], {
      env: { ...plainEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', failed);
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });

export interface ScarcityReport {
  /** Codes of errors and names of events that the commands told of. */
  readonly said: readonly string[];
  readonly faults: readonly string[];
}

/** What is done when there is room again: tasks that failed for want of it are tried again. */
const RECOVER_ALL = { args: ['recover', '--failed'], codes: [0, 3] };

/** Words for want of room, of which one must be there. */
const REASONS = /EFBIG|ENOSPC|SQLITE_FULL|SQLITE_IOERR/;
const WORDS = /EFBIG|ENOSPC|SQLITE_[A-Z_]+|[a-z]+_not_[a-z]+/g;

/**
 * Runs a command where there is too little room, several times, each with less or more of it; then there is room
 * again, and the pond is recovered and looked at.
 */
export const runShort = async (scenario: Scenario, all: readonly Scarcity[]): Promise<ScarcityReport> => {
  const faults: string[] = [];
  const said = new Set<string>();
  await sideBySide(all, async (scarcity) => {
    const folder = await copyOf(scenario, scarcity.name.replaceAll(' ', '-'));
    await scarcity.begin?.(folder);
    const env = (await scenario.furnish?.(folder)) ?? {};
    const args = scenario.args.map((word) => word.replaceAll('{folder}', folder));
    const ended = await scarcity.run(scenario.ponds.pond, folder, args, env);
    const isDone = ended.code !== null && scenario.codes.includes(ended.code);
    const isNamed = REASONS.test(ended.stderr);
    for (const word of ended.stderr.match(WORDS) ?? []) said.add(word);
    const found = [
      ...(isDone || isNamed ? [] : [`exit code ${ended.code}, and it says ${ended.stderr}`]),
      // Merging files may be put off to the next commit, with a warning.
      ...(ended.code === 0 && /"level":"error"/.test(ended.stderr) ? [`exit code 0: ${ended.stderr}`] : []),
      ...(isDone && !hasLanded(folder, scenario.expected) ? ['what was acknowledged is not there'] : []),
      ...(await faultsAfter({ rescue: () => [RECOVER_ALL], ...scenario }, folder)),
    ];
    await scarcity.end?.(folder);
    faults.push(...found.map((fault) => `${scarcity.name}: ${fault}`));
    if (found.length === 0) await removeFolder(folder);
    else await writeFile(join(folder, 'faults'), [...found, ended.stdout, ended.stderr].join('\n'));
  });
  return { said: [...said].sort(), faults };
};
