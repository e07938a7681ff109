import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-index.js';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const ACTS = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;
const EVIL = 'a\u001b[1A\u001b[2Kb\u202ec\u009b31md\re\nforged f';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['copy', '-', `/in/${EVIL}`], { input: 'x' });
  await pond.run(['mknod', 'command', `/etc/system.d/10-${EVIL}`, '--config', failing()]);
  await pond.run(['copy', '-', '/in/b', '--json'], { input: 'x', expect: 3 });
  await pond.run(['copy', '-', '/in/t.csv', '--no-post-commit'], { input: `a,"${EVIL}"\n"${EVIL}",2\n` });
  await pond.run(['copy', '-', '/in/t.csv', '--no-post-commit'], { input: `a,"${EVIL}"\n"${EVIL}2",3\n` });
  await pond.run([
    ...['mknod', 'validate', `/etc/gate.d/20-${EVIL}`],
    ...['--config', JSON.stringify(rules())],
  ]);
  await pond.run(['copy', '-', `/in/${EVIL}.csv`, '--no-post-commit'], {
    input: `a,"${EVIL}"\n"${EVIL}",2\n`,
    expect: 8,
  });
  writeFileSync(`${pond.host}/plan.yaml`, JSON.stringify({ operations: [operation()] }));
  writeFileSync(`${pond.host}/rules.yaml`, JSON.stringify(rules()));
  writeFileSync(
    `${pond.host}/wrong-rules.yaml`,
    JSON.stringify({ [EVIL]: EVIL, columns: [{ name: 'a', type: EVIL }] }),
  );
  writeFileSync(`${pond.host}/set-up.yaml`, JSON.stringify(setUp()));
  writeFileSync(
    `${pond.host}/wrong-set-up.yaml`,
    JSON.stringify({ [EVIL]: 1, nodes: [{ path: EVIL, factory: EVIL, config: {} }] }),
  );
});
afterAll(() => pond.remove());

/** A command that prints what repaints a terminal, and fails. */
const failing = () =>
  JSON.stringify({ run: ["printf '\\033[2J\\r\\342\\200\\256evil\\n' >&2; exit 1"], shell: true });

/** Rules that no file of it keeps, with what repaints a terminal in whatever is said of them. */
const rules = () => ({
  files: '/in/*.csv',
  columns: [
    { name: EVIL, type: 'integer', max: 1 },
    { name: 'a', enum: [EVIL, 'x'], pattern: `^${EVIL.replaceAll('[', '\\[')}$` },
    { name: `missing ${EVIL}`, required: true, references: { file: `/nothing/${EVIL}`, column: EVIL } },
  ],
  checks: [{ name: EVIL, sql: `SELECT count(*) AS "${EVIL}" FROM {file}`, mustBe: 7 }],
});

const setUp = () => ({
  mkdir: [`/made/${EVIL}`],
  nodes: [{ path: `/made/${EVIL}/node`, factory: 'test-file', config: { content: EVIL } }],
  files: [{ path: `/made/${EVIL}/file`, content: EVIL }],
  settings: { secret_variables: [EVIL] },
});

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
  ['diff', '4', '5', '/in/t.csv', '--rows'],
  ['diff', '4', '5', '--rows', '--key', EVIL],
  ['validate', '/in/t.csv', '--rules', `${pond.host}/rules.yaml`],
  ['validate', '/in/t.csv', '--rules', `${pond.host}/wrong-rules.yaml`],
  ['validate', '/in/t.csv', '--suggest'],
  ['validate', `/in/${EVIL}`, '--rules', `${pond.host}/${EVIL}`],
  ['apply', `${pond.host}/set-up.yaml`, '--dry-run'],
  ['apply', `${pond.host}/wrong-set-up.yaml`, '--dry-run'],
  ['apply', `${pond.host}/set-up.yaml`, '--no-gates'],
  ['notify', 'test', `/etc/system.d/10-${EVIL}`],
  ['notify', 'test', `/in/${EVIL}`],
  ['mknod', EVIL, '/x', '--example'],
  ['mknod', 'validate', '/x', '--config', JSON.stringify({ [EVIL]: EVIL })],
  ['plan', '--gates'],
  ['plan', '--with', `${pond.host}/rules.yaml`],
  ['control', 'dismiss', '4', '--reason', EVIL],
  ['control'],
  ['host', 'recover', '--adopt', EVIL],
  ['host', 'recover', '--discard', EVIL],
  ['completion', EVIL],
  ['trust', '--list'],
  ['trust', '--revoke', EVIL],
  ['run', `/in/${EVIL}`],
  [EVIL],
  ['list', `--${EVIL}`],
  ['--pond', `/nowhere/${EVIL}`, 'list'],
];

/** `npm run test:security` tries everything; `npm test` what is written here. */
const isWhole = process.env.POND_TEST_SECURITY === 'whole';

/** Every command that ends by itself, with hostile words in the place of whatever it takes. */
const allCommands = (): readonly (readonly string[])[] => [
  ...COMMANDS.filter(({ name }) => !LEFT_OUT.has(name)).flatMap(({ name }) => {
    const words = name.split(' ');
    return [
      [...words, EVIL],
      [...words, `/in/${EVIL}`],
      [...words, `/in/${EVIL}`, `/nothing/${EVIL}`],
    ];
  }),
  ...[
    ['work', '--once', EVIL],
    ['worker', '--drain', EVIL],
  ],
  ['init', `${pond.host}/${EVIL}`],
];

/** Commands that go on until they are told to stop, and the one that would make ponds of these names on the host. */
const LEFT_OUT: ReadonlySet<string> = new Set(['serve', 'work', 'worker', 'init']);

test('no command prints a control or bidirectional character of a name, a message, an operation or an output', async () => {
  for (const args of [...commands(), ...(isWhole ? allCommands() : [])]) {
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
