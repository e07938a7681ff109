import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['mknod', 'test-executor', '/etc/system.d/10-x', '--config', 'message: hi']);
  await pond.run(['mknod', 'file', '/in/data.csv', '--config', 'a,b\n1,2\n']);
});
afterAll(() => pond.remove());

describe('--json', () => {
  it.each<[readonly string[], object | unknown[]]>([
    [['mkdir', '/new'], { status: 'committed', tasks: [{ state: 'completed' }] }],
    [['mkdir', '/new'], { status: 'completed', tasks: [] }],
    [['mknod', 'file', '/new/f'], { status: 'committed' }],
    [['mv', '/new/f', '/new/g'], { status: 'committed' }],
    [['rm', '-r', '/new'], { status: 'committed' }],
    [['copy', '-', '/in/std'], { status: 'committed' }],
    [['cat', '/in/data.csv'], { encoding: 'utf-8', content: 'a,b\n1,2\n' }],
    [['cat', '/in/data.csv', '--sql', 'SELECT a FROM source'], [{ a: 1 }]],
    [['sql', "SELECT sum(b) AS b FROM '/in/data.csv'"], [{ b: 2 }]],
    [
      ['list', '/in/data.csv'],
      [{ path: '/in/data.csv', file_type: 'file', size: 8, version: 1, factory: null }],
    ],
    [['list', '/nothing/**'], []],
    [['ls', '/in/data.csv'], [{ path: '/in/data.csv', file_type: 'file' }]],
    [['describe', '/in/data.csv'], { path: '/in/data.csv', size: 8 }],
    [['versions', '/in/data.csv'], [{ version: 1, txn_seq: 3 }]],
    [['run', '/etc/system.d/10-x'], { mode: 'writer', status: 'completed' }],
    [['run', '/etc/system.d/10-x', '--mode', 'post-commit'], { mode: 'post-commit' }],
    [['plan', '3'], { txn_seq: 3, batches: [[1]], skipped: [], rejected: [] }],
    [['control'], { pond_id: expect.any(String), transactions: expect.any(Array) }],
    [
      ['control', '--mode', 'detailed', '--txn', '3'],
      { records: expect.arrayContaining([expect.objectContaining({ record_type: 'begin' })]) },
    ],
    [['control', '--incomplete'], { transactions: [], tasks: [], failed_tasks: [] }],
    [['log', '--limit', '1'], { transactions: expect.any(Array) }],
    [['recover', '--dry-run'], { dry_run: true, tasks: [], rolled_forward: [] }],
    [['recover'], { dry_run: false, remaining: { transactions: [], tasks: [] } }],
    [
      ['status', '--post-commit'],
      { incomplete: { transactions: 0, tasks: 0 }, failed_tasks: 0, post_commit: { tasks: [] } },
    ],
    [['show-post-commit', '3'], { txn_seq: 3, tasks: [{ task: '3.1', state: 'completed' }] }],
    [['config'], expect.arrayContaining([expect.objectContaining({ key: 'recover.on_open' })])],
    [['config', 'set', 'factory_modes.command', 'pull'], { status: 'committed', tasks: [] }],
    [
      ['config', 'get', 'factory_modes.command'],
      { key: 'factory_modes.command', value: 'pull', is_default: false },
    ],
    [['factories'], expect.arrayContaining([expect.objectContaining({ name: 'test-file', kind: 'file' })])],
    [
      ['fsck', '--quick'],
      { ok: true, content_root: expect.stringMatching(/^[0-9a-f]{64}$/), findings: [], checked: {} },
    ],
    [['rebuild-control'], { added: 0, put_aside: null }],
    [['control', '--help'], { help: expect.stringContaining('Usage: pond control') }],
  ])('%j is one JSON document', async (argv, shape) => {
    const { stdout } = await pond.run([...argv, '--json'], { input: 'text' });
    expect(JSON.parse(stdout)).toMatchObject(shape);
  });

  it('of an init shows its first transaction', async () => {
    const { stdout } = await pond.run(['init', '--json', '--pond', `${pond.pond}-2`, '--birthplace', 'lab']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'committed', tasks: [] });
    const status = await pond.run(['status', '--json', '--pond', `${pond.pond}-2`]);
    expect(JSON.parse(status.stdout)).toMatchObject({ birthplace: 'lab' });
  });

  it('of transactions has the newest first, with times in ISO 8601', async () => {
    const { transactions } = JSON.parse((await pond.run(['control', '--json'])).stdout);
    const started = transactions.map(({ started_at }: { started_at: string }) => started_at);
    expect(started).toEqual([...started].sort().reverse());
    expect(started[0]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  });

  it('shows no inline configuration', async () => {
    const { stdout } = await pond.run(['control', '--json']);
    expect(stdout).not.toContain('message: hi');
    expect(stdout).toContain('***');
  });
});
