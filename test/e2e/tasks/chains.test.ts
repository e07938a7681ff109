import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

/*
 * A task that writes to its own pond, in every way in which it can: its commit sets off nothing that is in the chain. Each
 * task stops writing by itself after a few runs, so that a test that fails ends, too.
 */

let pond: TempPond;
beforeEach(async () => {
  pond = await tempPond(callPond);
});
afterEach(() => pond.remove());

const SLOW = 240_000;
const library = resolve(import.meta.dirname, '../../../dist/index.js');

const executable = () => `"${process.execPath}" "${builtExecutable()}"`;
/** `pond` as it is, and without anything in its environment that tells what it is called by. */
const plain = () => `pond() { ${executable()} "$@"; }`;
const stripped = (directory: string) =>
  `pond() { env -i PATH="$PATH" HOME="$HOME" XDG_STATE_HOME="$XDG_STATE_HOME" ${executable()} --pond "${directory}" "$@"; }`;

/** A script of which `write` makes a commit, at most `most` times. */
const limited = (name: string, prelude: string, write: string, most = 4): string =>
  `${prelude}; echo run >> "$POND/../${name}"; [ $(wc -l < "$POND/../${name}") -gt ${most} ] || { ${write}; }`;

const WRITE = 'date +%s%N | pond copy - /out/x --json';

const addCommand = (on: TempPond, name: string, script: string, derived = true) =>
  on.run([
    'mknod',
    'command',
    `/etc/system.d/${name}`,
    '--config',
    JSON.stringify({ factory: 'command', derived, config: { run: [script], shell: true } }),
  ]);

const runsOf = (name: string): number =>
  readFileSync(join(pond.host, name), 'utf8').trimEnd().split('\n').length;

interface Written {
  readonly txn_seq: number;
  readonly tasks: readonly { readonly task: string; readonly state: string }[];
  readonly derived?: readonly {
    readonly txn_seq: number;
    readonly caused_by: readonly { readonly task: string }[];
    readonly tasks: readonly { readonly config_path: string; readonly state: string }[];
  }[];
}

const commit = async (): Promise<Written> =>
  JSON.parse((await pond.run(['copy', '-', '/in/x', '--json'], { input: 'x' })).stdout);

const lastTxnSeq = async (): Promise<number> =>
  JSON.parse((await pond.run(['status', '--json'])).stdout).last_txn_seq;

/** One commit of the user's, one inside its task, and the task did not run for that. */
const expectOneDerived = async (name: string) => {
  const before = await lastTxnSeq();
  const written = await commit();
  expect(written.tasks).toMatchObject([{ state: 'completed' }]);
  expect(written.derived).toMatchObject([
    { txn_seq: before + 2, caused_by: [{ task: `${before + 1}.1` }], tasks: [] },
  ]);
  expect(runsOf(name)).toBe(1);
  expect(await lastTxnSeq()).toBe(before + 2);
};

/** A module whose factory writes to its own pond: `body` does, in an `execute` that runs at most four times. */
const addModule = async (body: string) => {
  const file = join(pond.host, 'writer.mjs');
  writeFileSync(
    file,
    `
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { Steward } from ${JSON.stringify(library)};
const runs = ${JSON.stringify(join(pond.host, 'module'))};
export default {
  name: 'writer', description: 'writes', kind: 'executable', modes: ['PostCommitReader'], config: (input) => input,
  async execute(context) {
    appendFileSync(runs, 'run\\n');
    if (readFileSync(runs, 'utf8').length > 16) return;
    ${body}
  },
};
`,
  );
  await pond.run(['config', 'set', 'factories', `[${file}]`]);
  await pond.run([
    'mknod',
    'writer',
    '/etc/system.d/10-module',
    '--config',
    'factory: writer\nderived: true',
  ]);
};

describe('a task that writes to its own pond never sets itself off', () => {
  it('through a child process', { timeout: SLOW }, async () => {
    await addCommand(pond, '10-child', limited('child', plain(), WRITE));
    await expectOneDerived('child');
  });

  it('through one with a stripped environment', { timeout: SLOW }, async () => {
    await addCommand(pond, '10-stripped', limited('stripped', stripped(pond.pond), WRITE));
    await expectOneDerived('stripped');
  });

  it('through one in a session and a process group of its own, too', { timeout: SLOW }, async () => {
    const script = join(pond.host, 'detached.mjs');
    writeFileSync(
      script,
      `import { spawnSync } from 'node:child_process';
const args = [${JSON.stringify(builtExecutable())}, '--pond', ${JSON.stringify(pond.pond)}, 'copy', '-', '/out/x', '--json'];
const env = { PATH: process.env.PATH, XDG_STATE_HOME: process.env.XDG_STATE_HOME };
process.exit(spawnSync(process.execPath, args, { detached: true, env, input: String(Date.now()) }).status);`,
    );
    await addCommand(
      pond,
      '10-detached',
      limited('detached', 'true', `"${process.execPath}" "${script}" < /dev/null`),
    );
    await expectOneDerived('detached');
  });

  it('through the library, from a module of its own in the process that runs the task', {
    timeout: SLOW,
  }, async () => {
    await addModule(`
    const done = await Steward.using(${JSON.stringify(pond.pond)}, (steward) =>
      steward.write(({ fs }) => fs.write('/module', Buffer.from(String(Date.now())))))();
    if (done._tag === 'Left') throw new Error(JSON.stringify(done.left));`);
    await expectOneDerived('module');
  });

  it('through a child process of such a module', { timeout: SLOW }, async () => {
    await addModule(`
    execFileSync(${JSON.stringify(process.execPath)},
      [${JSON.stringify(builtExecutable())}, '--pond', ${JSON.stringify(pond.pond)}, 'copy', '-', '/out/x'],
      { input: String(Date.now()), env: { XDG_STATE_HOME: process.env.XDG_STATE_HOME } });`);
    await expectOneDerived('module');
  });

  it('through pond run, which is refused', { timeout: SLOW }, async () => {
    await addCommand(pond, '20-other', 'true', false);
    await addCommand(
      pond,
      '10-runs',
      limited(
        'runs',
        plain(),
        'pond run /etc/system.d/20-other > "$POND/../said" 2>&1; echo "exit $?" >> "$POND/../said"',
      ),
    );
    const { derived, txn_seq } = await commit();
    expect(derived).toBeUndefined();
    const said = readFileSync(join(pond.host, 'said'), 'utf8');
    expect(said).toContain(`run is refused inside task ${txn_seq}.1 of the same pond`);
    expect(said.trimEnd().endsWith('exit 1')).toBe(true);
  });

  it('through another pond that writes back, be both environments stripped', { timeout: SLOW }, async () => {
    const other = await tempPond(callPond);
    try {
      await addCommand(other, '10-back', limited('back', stripped(pond.pond), WRITE, 20));
      await addCommand(pond, '10-there', limited('there', stripped(other.pond), WRITE));
      const before = await lastTxnSeq();
      const { derived } = await commit();
      expect(derived).toMatchObject([{ txn_seq: before + 2, tasks: [] }]);
      expect(runsOf('there')).toBe(1);
    } finally {
      await other.remove();
    }
  });

  it('through entries that it adds', { timeout: SLOW }, async () => {
    const adding = `N=$(date +%s%N); pond mknod command "/etc/system.d/50-$N" --config "{factory: command, derived: true, config: {run: ['echo added >> $POND/../added'], shell: true}}" && ${WRITE}`;
    await addCommand(pond, '10-adds', limited('adds', plain(), adding));
    const before = await lastTxnSeq();
    const { derived = [] } = await commit();
    expect(derived.map(({ txn_seq, tasks }) => [txn_seq, tasks])).toEqual([
      [before + 2, []],
      [before + 3, []],
    ]);
    expect(await readdir(pond.host)).not.toContain('added');
  });
});

describe('a chain', () => {
  it('arrives in one command: what a task aggregates, an entry that says derived: true publishes', {
    timeout: SLOW,
  }, async () => {
    const published = join(pond.host, 'published');
    await addCommand(pond, '10-agg', `${plain()}; echo total | pond copy - /out/rollup.csv`, false);
    const publish = {
      factory: 'host-export',
      derived: true,
      depends_on: '10-agg',
      condition: { path_pattern: '/out/**' },
      config: { source: '/out/**', target: published },
    };
    await pond.run(['copy', '-', '/etc/system.d/20-publish.yaml'], { input: JSON.stringify(publish) });
    const { derived, txn_seq } = await commit();
    expect(derived).toMatchObject([
      { txn_seq: txn_seq + 1, tasks: [{ config_path: '/etc/system.d/20-publish.yaml', state: 'completed' }] },
    ]);
    expect(readFileSync(join(published, 'out/rollup.csv'), 'utf8')).toBe('total\n');
    const trace = JSON.parse((await pond.run(['trace', String(txn_seq), '--json'])).stdout);
    expect(trace.derived).toMatchObject([
      { txn_seq: txn_seq + 1, trace_id: trace.trace_id, caused_by: [{}] },
    ]);
    expect((await pond.run(['trace', String(txn_seq)])).stdout).toContain(`commit ${txn_seq + 1}`);
    expect((await pond.run(['control', '--limit', '1'])).stdout).toContain(
      `caused by ${txn_seq}.1 /etc/system.d/10-agg`,
    );
    expect(JSON.parse((await pond.run(['fsck', '--plans', '--json'])).stdout)).toMatchObject({ ok: true });
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(pond.pond, `control/control.db${suffix}`), { force: true });
    await pond.run(['rebuild-control']);
    const rebuilt = JSON.parse((await pond.run(['control', '--limit', '1', '--json'])).stdout);
    expect(rebuilt.transactions[0]).toMatchObject({ caused_by: trace.derived[0].caused_by });
  });

  it('counts for nothing once its task has ended: a program that lives on commits like anybody else', {
    timeout: SLOW,
  }, async () => {
    await addCommand(pond, '10-tells', 'echo "$POND_CHAIN" > "$POND/../chain"', false);
    await commit();
    const env = { POND_CHAIN: readFileSync(join(pond.host, 'chain'), 'utf8').trim() };
    expect(JSON.parse(env.POND_CHAIN).chain).toMatchObject([{ config_path: '/etc/system.d/10-tells' }]);
    const later = await pond.run(['mkdir', '/later', '--json'], { env });
    expect(JSON.parse(later.stdout)).not.toHaveProperty('caused_by');
    expect(JSON.parse(later.stdout).tasks).toMatchObject([{ state: 'completed' }]);
  });
});
