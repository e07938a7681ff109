import { describe, expect, it, onTestFinished } from 'vitest';
import { Steward } from '../../src/promises.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weather } from '../validation/checking.js';

const RULES = `factory: validate
condition: { path_pattern: "/in/**" }
config:
  columns:
    - { name: date, type: date, required: true, unique: true }
    - { name: temp_max, type: double, max: 60 }
    - { name: wind, type: double, max: 9, severity: warning }
  checks:
    - { name: a year at least, metric: rowCount, mustBeGreaterThan: 365 }
`;

/** A pond with a validating task. */
const validatingPond = async (rules = RULES) => {
  const directory = `${temporaryFolder('pond-validate-')}/pond`;
  await Steward.init(directory);
  const pond = await Steward.open(directory);
  onTestFinished(() => pond.close());
  await pond.write(({ fs }) => fs.write('/etc/system.d/10-validate.yaml', Buffer.from(rules)));
  return pond;
};

type Pond = Awaited<ReturnType<typeof validatingPond>>;

const put = (pond: Pond, path: string, text: string) =>
  pond.write(async ({ fs }) => {
    await fs.mkdirAll('/in');
    return fs.write(path, Buffer.from(text));
  });

const taskOf = async (pond: Pond, path: string, text: string) => {
  const outcome = await put(pond, path, text);
  if (outcome._tag !== 'Committed') throw new Error('nothing was committed');
  const [task] = outcome.tasks;
  if (task === undefined) throw new Error('there is no task');
  return task;
};

describe('validate after a commit', () => {
  it('completes where the changed files keep their rules, also the large ones', async () => {
    const pond = await validatingPond();
    expect(await taskOf(pond, '/in/weather.csv', weather())).toMatchObject({ state: 'completed' });
    const [head, ...rows] = weather().split('\n');
    const long = [head, ...rows.map((row) => `${row}${' '.repeat(100)}`)].join('\n').replace(/ +$/gm, '');
    expect(Buffer.byteLength(long)).toBeLessThan(64 * 1024);
    const days = Array.from({ length: 20_000 }, (_, day) =>
      new Date(day * 86_400_000).toISOString().slice(0, 10),
    );
    const large = `date,temp_max,wind\n${days.map((day) => `${day},1,1`).join('\n')}\n`;
    expect(Buffer.byteLength(large)).toBeGreaterThan(64 * 1024);
    expect(await taskOf(pond, '/in/large.csv', large)).toMatchObject({ state: 'completed' });
  });

  it('fails where one of them breaks a rule, with its path, the rule, the value, the limit and the row', async () => {
    const pond = await validatingPond();
    const task = await taskOf(pond, '/in/weather.csv', weather({ 7: '2012-01-07,0.0,99.5,5.0,4.7,sun' }));
    expect(task).toMatchObject({ state: 'failed', attempts: 1 });
    expect(task.errorMessage).toContain(
      '/in/weather.csv: temp_max: 1 value is above 60 (max), first "99.5" in row 7',
    );
  });

  it('looks at what the condition names and nothing else, and never at what was deleted', async () => {
    const pond = await validatingPond();
    const outcome = await pond.write(async ({ fs }) => {
      await fs.mkdirAll('/in');
      await fs.write('/in/weather.csv', Buffer.from(weather()));
      await fs.write('/elsewhere.csv', Buffer.from('no rule,is kept\n'));
    });
    expect(outcome._tag === 'Committed' && outcome.tasks.map(({ state }) => state)).toEqual(['completed']);
    const removed = await pond.write(({ fs }) => fs.remove('/in/weather.csv'));
    expect(removed._tag === 'Committed' && removed.tasks.map(({ state }) => state)).toEqual(['completed']);
  });

  it('refuses to move rows, since a commit is not changed any more', async () => {
    const pond = await validatingPond(
      'factory: validate\nconfig: { columns: [ { name: a } ], on_failure: { quarantine: /q } }\n',
    );
    const task = await taskOf(pond, '/in/a.csv', 'a\n1\n');
    expect(task.errorMessage).toMatch(/quarantine works before a commit only: an entry of \/etc\/gate\.d/);
  });

  it('rejects an entry whose rules are wrong, by the key', async () => {
    const pond = await validatingPond('factory: validate\nconfig: { columns: [ { name: a, mn: 1 } ] }\n');
    const task = await taskOf(pond, '/in/a.csv', 'a\n1\n');
    expect(task.errorMessage).toContain('config.columns[0].mn: unknown key, min is meant?');
  });

  it('reads the rules of a contract in the pond at its own commit', async () => {
    const pond = await validatingPond('factory: validate\nconfig: { contract: /contracts/a.yaml }\n');
    const contract = (max: number) =>
      Buffer.from(`kind: DataContract
apiVersion: v3.1.0
schema: [ { name: a, properties: [ { name: a, logicalType: number, logicalTypeOptions: { maximum: ${max} } } ] } ]`);
    await pond.write(async ({ fs }) => {
      await fs.mkdirAll('/contracts');
      await fs.write('/contracts/a.yaml', contract(5));
    });
    expect(await taskOf(pond, '/in/a.csv', 'a\n5\n')).toMatchObject({ state: 'completed' });
    expect((await taskOf(pond, '/in/b.csv', 'a\n6\n')).errorMessage).toContain('a: 1 value is above 5 (max)');
  });

  it('checks of a series what the commit has appended, as one table of its versions', async () => {
    const pond = await validatingPond(
      'factory: validate\nconfig: { columns: [ { name: a, type: number, max: 5 } ] }\n',
    );
    const parquet = await parquetOf(6);
    const append = async (value: number) => {
      const bytes = value === 6 ? parquet : await parquetOf(value);
      const outcome = await pond.write(({ fs }) => fs.appendToSeries('/series', bytes));
      return outcome._tag === 'Committed' ? outcome.tasks.map(({ state }) => state) : [];
    };
    expect(await append(6)).toEqual(['failed']);
    expect(await append(4)).toEqual(['completed']);
  });
});

const parquetOf = async (value: number): Promise<Uint8Array> => {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'time', data: [new Date(0)], type: 'TIMESTAMP' },
        { name: 'a', data: [value], type: 'DOUBLE' },
      ],
    }),
  );
};
