import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

const ACTS = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;
const EVIL = 'a\u001b[1A\u001b[2Kb\u202ec\u009b31md\re\nforged f';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['copy', '-', `/in/${EVIL}`], { input: 'x' });
  await pond.run(['mknod', 'command', `/etc/system.d/10-${EVIL}`, '--config', failing()]);
  await pond.run(['copy', '-', '/in/b', '--json'], { input: 'x', expect: 3 });
  await pond.run(['copy', '-', '/in/t.csv', '--no-post-commit'], { input: `a,"${EVIL}"\n"${EVIL}",2\n` });
  writeFileSync(`${pond.host}/plan.yaml`, JSON.stringify({ operations: [operation()] }));
});
afterAll(() => pond.remove());

/** A command that prints what repaints a terminal, and fails. */
const failing = () =>
  JSON.stringify({ run: ["printf '\\033[2J\\r\\342\\200\\256evil\\n' >&2; exit 1"], shell: true });

const operation = () => ({ id: EVIL, kind: 'FileDelete', path: `/nowhere/${EVIL}` });

const commands = (): readonly (readonly string[])[] => [
  ['list'],
  ['list', '-l', '/**/*'],
  ['list', `/nothing/${EVIL}`],
  ['cat', `/nothing/${EVIL}`],
  ['describe', `/in/${EVIL}`],
  ['versions', `/in/${EVIL}`],
  ['plan'],
  ['plan', '1', '--diff', '2'],
  ['control'],
  ['control', '--mode', 'detailed'],
  ['control', '--incomplete'],
  ['show-post-commit'],
  ['trace'],
  ['status', '--post-commit'],
  ['recover', '--failed'],
  ['control', 'retry', '4'],
  ['fsck'],
  ['host', 'apply', `${pond.host}/plan.yaml`, '--dry-run'],
  ['host', 'apply', `${pond.host}/plan.yaml`],
  ['host', 'checkpoints'],
  ['rm', `/nothing/${EVIL}`],
  ['mv', `/in/${EVIL}`, `/etc/${EVIL}/${EVIL}`],
  ['copy', `/in/${EVIL}`, `host:///nowhere/at/all/\u001b[2K`],
  ['config', 'set', EVIL, EVIL],
  ['sql', `SELECT '${EVIL}' AS a, 1 AS "${EVIL}"`],
  ['sql', `SELECT '${EVIL}' AS a`, '--format', 'json'],
  ['sql', `SELECT "${EVIL}" FROM '/nothing/${EVIL}'`],
  ['cat', '/in/t.csv', '--sql', 'SELECT * FROM source', '--format', 'table'],
  ['ls', '/in'],
  ['log'],
  ['log', `/in/${EVIL}`],
  ['diff', '1', '4'],
  ['cp', `/in/${EVIL}`, `/nothing/${EVIL}`],
  ['restore-path', `/in/${EVIL}`, '--at', '99'],
  ['revert', '99'],
  ['trust', '--list'],
  ['trust', '--revoke', EVIL],
  ['run', `/in/${EVIL}`],
  [EVIL],
  ['list', `--${EVIL}`],
  ['--pond', `/nowhere/${EVIL}`, 'list'],
];

test('no command prints a control or bidirectional character of a name, a message, an operation or an output', async () => {
  for (const args of commands()) {
    const { stdout, stderr } = await callPond(args, { pond: pond.pond });
    for (const line of `${stdout}\n${stderr}`.split('\n')) {
      expect(ACTS.test(line), `${JSON.stringify(args)}: ${JSON.stringify(line)}`).toBe(false);
      expect(line.startsWith('forged'), `${JSON.stringify(args)}: ${line}`).toBe(false);
    }
  }
});

test('--json gives the exact names', async () => {
  const { stdout } = await pond.run(['list', '--json', '/in/*']);
  const paths = (JSON.parse(stdout) as { path: string }[]).map(({ path }) => path);
  expect(paths).toContain(`/in/${EVIL}`);
});

test('what a stranger is asked about says nothing that acts on the terminal where it is asked', async () => {
  const env = { POND_STATE_DIR: `${pond.host}/stranger` };
  for (const args of [['trust'], ['mkdir', '/x'], ['trust', '--yes'], ['trust', '--list']]) {
    const { stdout, stderr } = await callPond(args, { pond: pond.pond, env });
    for (const line of `${stdout}\n${stderr}`.split('\n')) {
      expect([args, line, ACTS.test(line) || line.startsWith('forged')]).toEqual([args, line, false]);
    }
  }
});
