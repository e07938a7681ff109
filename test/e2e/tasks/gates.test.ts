import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const RULES = `factory: validate
condition: { path_pattern: "/in/**" }
config: { columns: [ { name: t, type: number, max: 60 } ] }
`;

let pond: TempPond;
let rules = '';
beforeAll(async () => {
  pond = await tempPond(callPond);
  rules = join(temporaryFolder('pond-gates-'), 'rules.yaml');
  writeFileSync(rules, RULES);
  await pond.run(['mknod', 'validate', '/etc/gate.d/10-max', '--config-path', rules]);
  await pond.run(['copy', '-', '/in/good.csv'], { input: 't\n60\n' });
});
afterAll(() => pond.remove());

const json = async (...args: readonly string[]) => JSON.parse((await pond.run([...args, '--json'])).stdout);

describe('a gate on the command line', () => {
  it('refuses with exit code 8, its words, and what can be done; as JSON with its report', async () => {
    const { stderr } = await pond.run(['copy', '-', '/in/bad.csv'], { input: 't\n61\n', expect: 8 });
    expect(stderr).toContain(
      'nothing was committed: /etc/gate.d/10-max: /in/bad.csv: t: 1 value is above 60 (max), first "61" in row 1',
    );
    expect(stderr).toContain('--no-gates');
    const refused = await pond.run(['copy', '-', '/in/bad.csv', '--json'], { input: 't\n61\n', expect: 8 });
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { tag: 'GateRefused', gates: [{ path: '/etc/gate.d/10-max', report: { failed: 1 } }] },
    });
    expect(await json('list', '/in/*')).toHaveLength(1);
  });

  it('is in the plan of gates, in the trace of its commit, and in the control table', async () => {
    expect(await json('plan', '3', '--gates')).toMatchObject({
      tasks: [{ name: '10-max', factory: 'validate' }],
    });
    expect(await json('plan', '3')).toMatchObject({ tasks: [] });
    expect((await pond.run(['trace', '3'])).stdout).toMatch(/✓ gate +10-max/);
    expect(await json('trace', '3')).toMatchObject({
      gates: [{ state: 'completed', report: { failed: 0 } }],
    });
    const { stdout } = await pond.run(['control', '--txn', '3', '--mode', 'detailed']);
    expect(stdout).toContain('gate_completed');
    const kept = await json(
      'sql',
      "SELECT report->>'passed' AS passed FROM control_table WHERE record_type = 'gate_completed'",
    );
    expect(kept).toEqual([{ passed: '3' }]);
  });

  it('is not asked with --no-gates', async () => {
    await pond.run(['--no-gates', 'copy', '-', '/in/late.csv'], { input: 't\n61\n' });
    const { transactions } = await json('control', '--limit', '1');
    expect(transactions[0]).toMatchObject({ txn_seq: 4, status: 'committed' });
    expect(transactions[0]).not.toHaveProperty('gates');
  });

  it('of a pond that nobody has approved refuses before anything happens, unless it is not to be asked', async () => {
    const elsewhere = { env: { POND_STATE_DIR: temporaryFolder('pond-other-user-') } };
    const copy = ['copy', '-', '/in/x.csv'];
    await pond.run(copy, { ...elsewhere, input: 't\n1\n', expect: 7 });
    await pond.run(['--no-post-commit', ...copy], { ...elsewhere, input: 't\n1\n', expect: 7 });
    await pond.run(['--no-gates', ...copy], { ...elsewhere, input: 't\n1\n', expect: 7 });
    await pond.run(['--no-post-commit', '--no-gates', ...copy], { ...elsewhere, input: 't\n1\n' });
  });
});

describe('pond validate', () => {
  it('tries rules without changing anything, and ends with 1 where they are broken', async () => {
    const { stdout } = await pond.run(['validate', '/in/*.csv', '--rules', rules], { expect: 1 });
    expect(stdout).toContain('/in/good.csv, 1 row: 0 broken, 0 warned of, 3 kept');
    expect(stdout).toContain('✗ t: 1 value is above 60 (max), first "61" in row 1');
    expect(stdout).toContain('row 1: {"t":"61"}');
    await pond.run(['validate', '/in/good.csv', '--rules', '-'], { input: RULES });
    expect(await json('validate', '/in/good.csv', '--rules', rules)).toMatchObject({ failed: 0, passed: 3 });
  });

  it('tries rules on files of the host before they are copied in, with references to those of the pond', async () => {
    writeFileSync(join(pond.host, 'new.csv'), 't\n59\n61\n');
    const file = `host://${join(pond.host, 'new.csv')}`;
    const { stdout } = await pond.run(['validate', file, '/in/good.csv', '--rules', rules], { expect: 1 });
    expect(stdout).toContain(`${file}, 2 rows: 1 broken`);
    const referring = 'columns: [ { name: t, references: { file: /in/good.csv, column: t } } ]';
    const refused = await pond.run(['validate', file, '--rules', '-'], { input: referring, expect: 1 });
    expect(refused.stdout).toContain('t: 2 values');
    const suggested = await pond.run(['validate', file, '--suggest']);
    expect(suggested.stdout).toContain('path_pattern: "/**/new.csv"');
    await pond.run(['validate', file, '--rules', '-'], { input: suggested.stdout });
    for (const [wrong, words] of [
      [`${file}x`, 'no such file'],
      [`host://${pond.host}`, 'is a directory'],
      ['host:///dev/null', 'pipe, socket or device'],
      [`host://${rules}`, 'cannot be read as a table'],
    ] as const) {
      const { stderr, code } = await callPond(['validate', wrong, '--rules', rules], { pond: pond.pond });
      expect([wrong, code === 0, stderr.includes(words) ? '' : stderr]).toEqual([wrong, false, '']);
    }
  });

  it('suggests rules that the file keeps and that mknod accepts', async () => {
    const { stdout } = await pond.run(['validate', '/in/good.csv', '--suggest']);
    await pond.run(['validate', '/in/good.csv', '--rules', '-'], { input: stdout });
    await pond.run(['mknod', 'validate', '/rules', '--config', '-'], { input: stdout });
  });

  it('takes one of several schemas of a contract by its name', async () => {
    const contract = join(pond.host, 'contract.yaml');
    const schema = (name: string, max: number) =>
      `  - name: ${name}\n    properties: [ { name: t, logicalType: number, logicalTypeOptions: { maximum: ${max} } } ]\n`;
    writeFileSync(
      contract,
      `kind: DataContract\napiVersion: v3.1.0\nschema:\n${schema('warm', 60)}${schema('cold', 9)}`,
    );
    await pond.run(['validate', '/in/good.csv', '--rules', `${contract}#warm`]);
    await pond.run(['validate', '/in/good.csv', '--rules', `${contract}#cold`], { expect: 1 });
    const unnamed = await pond.run(['validate', '/in/good.csv', '--rules', contract], { expect: 4 });
    expect(unnamed.stderr).toContain('has the schemas warm, cold: name one of them, as FILE#NAME');
    const none = await pond.run(['validate', '/in/good.csv', '--rules', `${rules}#warm`], { expect: 4 });
    expect(none.stderr).toContain('#warm names a schema of a contract, which this is not');
  });

  it('says which key is wrong, which file is missing, and that it needs rules', async () => {
    const wrong = await pond.run(['validate', '/in/good.csv', '--rules', '-'], {
      input: 'columns: [ { name: t, mx: 3 } ]',
      expect: 4,
    });
    expect(wrong.stderr).toContain('columns[0].mx: unknown key, max is meant?');
    await pond.run(['validate', '/none.csv', '--rules', rules], { expect: 1 });
    await pond.run(['validate', '/in/good.csv'], { expect: 2 });
  });
});
