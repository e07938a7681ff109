import { readdirSync, readFileSync } from 'node:fs';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assemble } from '../../../src/composition-root.js';
import type { Factory } from '../../../src/factories/factory.js';
import { livePorts } from '../../../src/live-ports.js';
import type { Logger } from '../../../src/ports/logger.js';
import { Steward } from '../../../src/promises.js';
import type { OpenOptions } from '../../../src/steward/shapes/open-options.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { weather } from '../../validation/checking.js';

const MAX_60 = `factory: validate
condition: { path_pattern: "/in/**" }
config: { columns: [ { name: temp_max, type: double, max: 60 } ] }
`;

const gatedPond = async (gates: Readonly<Record<string, string>>, options: OpenOptions = {}) => {
  const directory = `${temporaryFolder('pond-gates-')}/pond`;
  await Steward.init(directory);
  const pond = await Steward.open(directory, options);
  onTestFinished(() => pond.close());
  await configure(pond, gates);
  return { pond, directory };
};

type Pond = Awaited<ReturnType<typeof Steward.open>>;

const configure = (pond: Pond, gates: Readonly<Record<string, string>>) =>
  pond.write(async ({ fs }) => {
    await fs.mkdirAll('/etc/gate.d');
    for (const [name, text] of Object.entries(gates))
      await fs.write(`/etc/gate.d/${name}`, Buffer.from(text));
  });

const put = (pond: Pond, path: string, text: string, options = {}) =>
  pond.write(async ({ fs }) => {
    await fs.mkdirAll('/in');
    return fs.write(path, Buffer.from(text));
  }, options);

const textOf = (pond: Pond, path: string): Promise<string> =>
  pond.read(async ({ fs }) => Buffer.from(await fs.readBytes(path)).toString());

/** Why a write was refused. */
const refusalOf = async (write: Promise<unknown>) => {
  try {
    await write;
  } catch (thrown) {
    const { error } = thrown as {
      error: { _tag: string; gates?: readonly { path: string; message: string }[] };
    };
    return error;
  }
  throw new Error('it was not refused');
};

const writes = async (pond: Pond) => pond.transactions({ transactionTypes: ['write'] });

/** A factory that does what a test wants of a gate. */
const gate = (name: string, execute: Extract<Factory, { kind: 'executable' }>['execute']): Factory => ({
  name,
  description: 'a gate of a test',
  kind: 'executable',
  modes: ['InTransactionWriter'],
  config: { decode: (input: unknown) => ({ _tag: 'Right', right: input }) },
  execute,
});

const passing = async () => ({ _tag: 'Right', right: undefined }) as const;

describe('a gate', () => {
  it('that refuses leaves nothing of the transaction, and its words are the error', async () => {
    const { pond, directory } = await gatedPond({ '10-max.yaml': MAX_60 });
    const bad = weather({ 7: '2012-01-07,0.0,99.5,5.0,4.7,sun' });
    const before = readdirSync(`${directory}/data`).sort();
    const error = await refusalOf(put(pond, '/in/weather.csv', bad));
    expect(error).toMatchObject({
      _tag: 'GateRefused',
      gates: [
        {
          path: '/etc/gate.d/10-max.yaml',
          factory: 'validate',
          message: '/in/weather.csv: temp_max: 1 value is above 60 (max), first "99.5" in row 7',
          report: { failed: 1, files: [{ path: '/in/weather.csv' }] },
        },
      ],
    });
    expect(await pond.read(({ fs }) => fs.exists('/in'))).toBe(false);
    expect(readdirSync(`${directory}/data`).sort()).toEqual(before);
    expect((await pond.status()).lastTxnSeq).toBe(2);
  });

  it('that passes is recorded with what it has reported, and how long it took', async () => {
    const { pond } = await gatedPond({ '10-max.yaml': MAX_60 });
    await put(pond, '/in/weather.csv', weather());
    const [committed] = await writes(pond);
    expect(committed).toMatchObject({ status: 'committed', txnSeq: 3 });
    expect(committed?.gates).toMatchObject([
      {
        configPath: '/etc/gate.d/10-max.yaml',
        factoryName: 'validate',
        state: 'completed',
        report: { failed: 0, files: [{ rows: 1461 }] },
      },
    ]);
    expect(committed?.gates[0]?.durationMs).toBeGreaterThan(0);
  });

  it('that refuses is recorded, and the transaction as failed', async () => {
    const { pond } = await gatedPond({ '10-max.yaml': MAX_60 });
    await refusalOf(put(pond, '/in/a.csv', 'temp_max\n61\n'));
    const [failed] = await writes(pond);
    expect(failed).toMatchObject({ status: 'failed', gates: [{ state: 'failed', report: { failed: 1 } }] });
    const records = await pond.records({ txnId: failed?.txnId ?? '' });
    expect(records.map(({ recordType }) => recordType)).toEqual(['begin', 'gate_failed', 'failed']);
    expect((await pond.fsck()).findings).toEqual([]);
  });

  it('is not asked about commits under /etc alone, nor about what its condition does not name', async () => {
    const { pond } = await gatedPond({
      '10-all.yaml': 'factory: test-executor\nconfig: { message: no, fail: true }\n',
    });
    await configure(pond, { '20-max.yaml': MAX_60 });
    await refusalOf(put(pond, '/in/a.csv', 'temp_max\n1\n'));
    await pond.write(({ fs }) => fs.remove('/etc/gate.d/10-all.yaml'));
    await pond.write(({ fs }) => fs.write('/elsewhere.csv', Buffer.from('no column\n')));
    const [newest] = await writes(pond);
    expect(newest).toMatchObject({ status: 'committed', gates: [] });
  });

  it('is asked as it was before the transaction, though that takes it away or changes it', async () => {
    const { pond } = await gatedPond({ '10-max.yaml': MAX_60 });
    const escaping = pond.write(async ({ fs }) => {
      await fs.remove('/etc/gate.d/10-max.yaml');
      await fs.write('/in.csv', Buffer.from('temp_max\n61\n'));
      await fs.mkdirAll('/in');
      await fs.write('/in/a.csv', Buffer.from('temp_max\n61\n'));
    });
    expect(await refusalOf(escaping)).toMatchObject({ _tag: 'GateRefused' });
    const loosening = pond.write(async ({ fs }) => {
      await fs.write('/etc/gate.d/10-max.yaml', Buffer.from(MAX_60.replace('60', '99')));
      await fs.mkdirAll('/in');
      await fs.write('/in/a.csv', Buffer.from('temp_max\n61\n'));
    });
    expect(await refusalOf(loosening)).toMatchObject({ _tag: 'GateRefused' });
  });

  it('that the transaction adds is asked about that transaction', async () => {
    const { pond } = await gatedPond({});
    const adding = pond.write(async ({ fs }) => {
      await fs.write('/etc/gate.d/10-max.yaml', Buffer.from(MAX_60));
      await fs.mkdirAll('/in');
      await fs.write('/in/a.csv', Buffer.from('temp_max\n61\n'));
    });
    expect(await refusalOf(adding)).toMatchObject({ gates: [{ path: '/etc/gate.d/10-max.yaml' }] });
  });

  it.each([
    ['factory: nobody\n', 'unknown factory "nobody"'],
    ['factory: command\nconfig: { run: ["true"] }\n', 'runs after commits only, so that it cannot be a gate'],
    [
      'factory: validate\nconfig: { columns: [ { nme: a } ] }\n',
      'config.columns[0].nme: unknown key, name is meant?',
    ],
    [
      'factory: test-executor\nretry: { max_attempts: 3 }\nconfig: { message: m }\n',
      'retry: means nothing in /etc/gate.d',
    ],
    [
      'factory: test-executor\ndepends_on: nobody\nconfig: { message: m }\n',
      'depends_on: there is no entry "nobody"',
    ],
    ['factory: [\n', 'not valid YAML'],
  ])('that is configured wrongly refuses: %s', async (text, problem) => {
    const { pond } = await gatedPond({ '10-wrong.yaml': text });
    const error = await refusalOf(put(pond, '/in/a.csv', 'a\n1\n'));
    expect(error.gates?.map(({ message }) => message).join()).toContain(problem);
    await pond.write(({ fs }) => fs.remove('/etc/gate.d/10-wrong.yaml'));
    await put(pond, '/in/a.csv', 'a\n1\n');
  });

  it('is not asked where nobody wants it to be, which the commit and its record say', async () => {
    const { pond, directory } = await gatedPond({ '10-max.yaml': MAX_60 });
    const { dataFsVersion } = await put(pond, '/in/a.csv', 'temp_max\n61\n', { gates: false });
    expect(await textOf(pond, '/in/a.csv')).toBe('temp_max\n61\n');
    const entry = `${String(dataFsVersion).padStart(20, '0')}.json`;
    const log = readFileSync(`${directory}/data/_delta_log/${entry}`, 'utf8');
    expect(log).toContain('"no_gates":true');
    const [committed] = await writes(pond);
    const [begin] = await pond.records({ txnId: committed?.txnId ?? '' });
    expect(begin?.environment).toMatchObject({ gates: 'skipped' });
    const other = await Steward.open(directory, { gates: 'skip' });
    onTestFinished(() => other.close());
    await put(other, '/in/b.csv', 'temp_max\n61\n');
    await refusalOf(put(pond, '/in/c.csv', 'temp_max\n61\n'));
  });

  it('is stopped when its time is over, and refuses', async () => {
    const stopping = gate(
      'slow',
      ({ signal }) =>
        () =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve({ _tag: 'Right', right: undefined }));
          }),
    );
    const failing = gate(
      'late',
      ({ signal, path }) =>
        () =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () =>
              resolve({
                _tag: 'Left',
                left: { _tag: 'FactoryFailed', path, factory: 'late', message: 'told to stop' },
              }),
            );
          }),
    );
    const { pond } = await gatedPond(
      { '10-late.yaml': 'factory: late\ntimeout: 20ms\n', '20-slow.yaml': 'factory: slow\ntimeout: 30ms\n' },
      { factories: [stopping, failing] },
    );
    expect(await refusalOf(put(pond, '/a', 'a'))).toMatchObject({
      gates: [{ message: 'timed out after 20 ms' }, { message: 'timed out after 30 ms' }],
    });
    expect((await writes(pond))[0]?.gates).toMatchObject([{ state: 'failed' }, { state: 'failed' }]);
  });

  it('has 30 seconds where it does not say, and stands in the plan of gates, not in that of tasks', async () => {
    const { pond } = await gatedPond({ '10-max.yaml': MAX_60, 'README.md': 'what these are for\n' });
    await put(pond, '/in/a.csv', 'temp_max\n60\n');
    const gates = await pond.gates();
    expect(gates.plan.tasks).toMatchObject([
      { name: '10-max.yaml', timeout_ms: 30_000, factory: 'validate' },
    ]);
    expect(gates.plan.skipped).toMatchObject([{ path: '/etc/gate.d/README.md' }]);
    expect((await pond.plan()).plan.tasks).toEqual([]);
    expect((await pond.gates(2)).plan.skipped).toMatchObject([
      { reason: { _tag: 'OnlyConfigurationChanged' } },
      { reason: { _tag: 'NotAFactory' } },
    ]);
  });

  it('comes after those that it depends on, and is not asked when one of them has refused; all others are', async () => {
    const asked: string[] = [];
    const noting = gate('noting', ({ path, relevantChanges }) => {
      asked.push(
        `${path.slice('/etc/gate.d/'.length)}: ${relevantChanges.map((change) => change.path).join()}`,
      );
      return path.includes('no')
        ? async () => ({
            _tag: 'Left',
            left: { _tag: 'FactoryFailed', path, factory: 'noting', message: 'no' },
          })
        : passing;
    });
    const { pond } = await gatedPond(
      {
        '10-first.yaml': 'factory: noting\ndepends_on: 90-last\ncondition: { path_pattern: /a }\n',
        '20-no.yaml': 'factory: noting\n',
        '30-after-it.yaml': 'factory: noting\ndepends_on: 20-no\n',
        '90-last.yaml': 'factory: noting\n',
      },
      { factories: [noting] },
    );
    const error = await refusalOf(
      pond.write(async ({ fs }) => {
        await fs.write('/a', Buffer.from('a'));
        await fs.write('/b', Buffer.from('b'));
      }),
    );
    expect(asked).toEqual(['20-no.yaml: /a,/b', '90-last.yaml: /a,/b', '10-first.yaml: /a']);
    expect(error.gates?.map(({ path }) => path)).toEqual(['/etc/gate.d/20-no.yaml']);
  });

  it('may change what is committed: the next gate and the tasks see that, and readers in one step', async () => {
    const seen: string[] = [];
    const adding = gate('adding', ({ fs, isWriter }) =>
      isWriter && 'write' in fs
        ? async () => {
            await fs.write('/added', Buffer.from('by a gate'))();
            return { _tag: 'Right', right: undefined };
          }
        : passing,
    );
    const looking = gate('looking', ({ changes }) => {
      seen.push(...changes.map(({ path }) => path));
      return passing;
    });
    const { pond } = await gatedPond(
      { '10-adds.yaml': 'factory: adding\n', '20-looks.yaml': 'factory: looking\n' },
      { factories: [adding, looking] },
    );
    await pond.write(({ fs }) => fs.write('/a', Buffer.from('a')));
    expect(seen).toEqual(['/a', '/added']);
    expect((await pond.plan()).changes.map(({ path }) => path)).toEqual(['/a', '/added']);
    expect(await textOf(pond, '/added')).toBe('by a gate');
  });

  it('that writes into its own pond past its transaction is refused at once, instead of waiting for its own lock', async () => {
    const refusals: string[] = [];
    const place = { directory: '' };
    const escaping = gate('escaping', ({ path }) => async () => {
      const other = await Steward.open(place.directory);
      const error = await refusalOf(other.write(({ fs }) => fs.write('/beside', Buffer.from('b'))));
      refusals.push(error._tag);
      await other.close();
      return {
        _tag: 'Left',
        left: { _tag: 'FactoryFailed', path, factory: 'escaping', message: error._tag },
      };
    });
    const { pond, directory } = await gatedPond(
      { '10-escapes.yaml': 'factory: escaping\n' },
      { factories: [escaping] },
    );
    place.directory = directory;
    await refusalOf(pond.write(({ fs }) => fs.write('/a', Buffer.from('a'))));
    expect(refusals).toEqual(['RefusedInsideWrite']);
    expect(await pond.read(({ fs }) => fs.exists('/beside'))).toBe(false);
  });

  it('that an interrupt comes upon leaves nothing', async () => {
    const interrupt = new AbortController();
    const waiting = gate('waiting', ({ signal }) => {
      interrupt.abort();
      return async () => {
        signal.throwIfAborted();
        return { _tag: 'Right', right: undefined };
      };
    });
    const { pond } = await gatedPond({ '10-waits.yaml': 'factory: waiting\n' }, { factories: [waiting] });
    const error = await refusalOf(
      pond.write(({ fs }) => fs.write('/a', Buffer.from('a')), { signal: interrupt.signal }),
    );
    expect(error._tag).toBe('Interrupted');
    expect(await pond.read(({ fs }) => fs.exists('/a'))).toBe(false);
  });
});

describe('the quarantine of a gate', () => {
  const QUARANTINE = `factory: validate
condition: { path_pattern: "/in/**" }
config:
  columns:
    - { name: day, type: date, required: true, unique: true }
    - { name: t, type: number, max: 60 }
  checks: [ { name: rows, metric: rowCount, mustBeGreaterThan: 1 } ]
  on_failure: { quarantine: /quarantine }
`;

  const quarantined = async (pond: Pond): Promise<Readonly<Record<string, string>>> => {
    const entries = await pond.read(async ({ fs }) => (await fs.collectMatches('/quarantine/**')).entries);
    const files = entries.filter(({ entryType }) => entryType === 'file');
    return Object.fromEntries(
      await Promise.all(files.map(async ({ path }) => [path, await textOf(pond, path)] as const)),
    );
  };

  it('takes the rows that break a rule, names it, and lets the others land, in one commit', async () => {
    const { pond } = await gatedPond({ '10.yaml': QUARANTINE });
    const csv = 'day;t;note\n2026-01-01;1;"a;b"\n2026-01-02;61;x\n2026-01-01;2;\n;3;""\n2026-01-05;5;z\n';
    const outcome = await put(pond, '/in/a.csv', csv);
    const txnId = outcome.txnId;
    expect(await textOf(pond, '/in/a.csv')).toBe('day;t;note\n2026-01-01;1;"a;b"\n2026-01-05;5;z\n');
    expect(await quarantined(pond)).toEqual({
      [`/quarantine/in/a.csv/${txnId}.csv`]:
        'day;t;note;rule\n2026-01-02;61;x;t max 60\n2026-01-01;2;;day unique true\n;3;;day required true\n',
    });
    const [committed] = await writes(pond);
    expect(committed).toMatchObject({
      txnSeq: 3,
      gates: [
        {
          state: 'completed',
          report: {
            failed: 0,
            quarantined: [{ path: '/in/a.csv', rows: 3, to: `/quarantine/in/a.csv/${txnId}.csv` }],
          },
        },
      ],
    });
    const before = await pond.read(({ fs }) => fs.exists('/in/a.csv'), { at: 2 });
    expect(before).toBe(false);
    expect((await pond.fsck()).findings).toEqual([]);
  });

  it('still refuses where what would land breaks a rule about the whole file', async () => {
    const { pond } = await gatedPond({ '10.yaml': QUARANTINE });
    const error = await refusalOf(put(pond, '/in/a.csv', 'day,t\n2026-01-01,1\n2026-01-02,61\n'));
    expect(error.gates?.[0]?.message).toBe(
      [
        '/in/a.csv: t: 1 value is above 60 (max), first "61" in row 2',
        '/in/a.csv: rows: rowCount is 1, must be greater than 1',
      ].join('\n'),
    );
    expect(await pond.read(({ fs }) => fs.exists('/quarantine'))).toBe(false);
  });

  it('takes rows of large files and of Parquet as well', async () => {
    const { pond } = await gatedPond({ '10.yaml': QUARANTINE.replace('type: date, ', '') });
    const rows = Array.from({ length: 20_000 }, (_, day) => `${day},${day % 100 === 0 ? 61 : 5}`);
    await put(pond, '/in/big.csv', `day,t\n${rows.join('\n')}\n`);
    expect((await textOf(pond, '/in/big.csv')).split('\n').length).toBe(20_000 - 200 + 2);
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: 'day', data: ['a', 'b', 'c', 'c'], type: 'STRING' },
        { name: 't', data: [1, 2, 61, 3], type: 'DOUBLE' },
      ],
    });
    const outcome = await pond.write(({ fs }) =>
      fs.write('/in/t', new Uint8Array(parquet), { entryType: 'table' }),
    );
    const { parquetReadObjects } = await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const read = async (path: string) => {
      const bytes = await pond.read(({ fs }) => fs.readBytes(path));
      return parquetReadObjects({ file: Uint8Array.from(bytes).buffer, compressors });
    };
    expect(await read('/in/t')).toEqual([
      { day: 'a', t: 1 },
      { day: 'b', t: 2 },
    ]);
    expect(await read(`/quarantine/in/t/${outcome.txnId}.parquet`)).toEqual([
      { day: 'c', t: 61, rule: 't max 60' },
      { day: 'c', t: 3, rule: 'day unique true' },
    ]);
  });

  it('takes rows of JSON as they are written, in an array and one a line', async () => {
    const { pond } = await gatedPond({ '10.yaml': QUARANTINE });
    const rows = ['{"day": "2026-01-01", "t": 1.0}', '{"t":61,"day":"2026-01-02","more":[1, {"a":"]"}]}'];
    const last = '{ "day":"2026-01-03","t":2e0 }';
    const array = await put(pond, '/in/a.json', `[ ${[...rows, last].join(',\n  ')} ]`);
    expect(await textOf(pond, '/in/a.json')).toBe(`[\n${rows[0]},\n${last}\n]\n`);
    const lines = await put(pond, '/in/b.ndjson', [...rows, last, '{"day":"2026-01-01","t":3}'].join('\n'));
    expect(await textOf(pond, '/in/b.ndjson')).toBe(`${rows[0]}\n${last}\n`);
    const second = `${rows[1]?.slice(0, -1)},"rule":"t max 60"}`;
    expect(await quarantined(pond)).toEqual({
      [`/quarantine/in/a.json/${array.txnId}.json`]: `[\n${second}\n]\n`,
      [`/quarantine/in/b.ndjson/${lines.txnId}.ndjson`]: `${second}\n{"day":"2026-01-01","t":3,"rule":"day unique true"}\n`,
    });
  });

  it('takes rows of the versions that are appended to a series, whose times are those of what lands', async () => {
    const { pond } = await gatedPond({ '10.yaml': QUARANTINE.replace('type: date, ', '') });
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const version = (days: readonly number[], values: readonly number[]) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'day', data: days.map((day) => new Date(Date.UTC(2026, 0, day))), type: 'TIMESTAMP' },
            { name: 't', data: [...values], type: 'DOUBLE' },
          ],
        }),
      );
    await pond.write(async ({ fs }) => {
      await fs.mkdirAll('/in');
      await fs.appendToSeries('/in/s', version([1, 2], [1, 2]));
    });
    const outcome = await pond.write(async ({ fs }) => {
      await fs.appendToSeries('/in/s', version([3, 4, 5], [3, 61, 5]));
      await fs.appendToSeries('/in/s', version([6, 7], [6, 99]));
    });
    const day = (number: number) => Date.UTC(2026, 0, number) * 1000;
    const versions = await pond.read(({ fs }) => fs.versions('/in/s'));
    expect(versions.map((each) => [each.version, each.minEventTime, each.maxEventTime])).toEqual([
      [1, day(1), day(2)],
      [2, day(3), day(5)],
      [3, day(6), day(6)],
    ]);
    const { parquetReadObjects } = await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const read = async (path: string, options = {}) => {
      const bytes: Uint8Array[] = [];
      for await (const chunk of await pond.read(({ fs }) => fs.read(path, options))) bytes.push(chunk);
      return parquetReadObjects({ file: Uint8Array.from(Buffer.concat(bytes)).buffer, compressors });
    };
    expect((await read('/in/s', { version: 2 })).map(({ t }) => t)).toEqual([3, 5]);
    for (const [number, t] of [
      [2, 61],
      [3, 99],
    ] as const)
      expect(await read(`/quarantine/in/s/${outcome.txnId}-${number}.parquet`)).toMatchObject([
        { t, rule: 't max 60' },
      ]);
    expect((await pond.fsck()).findings).toEqual([]);
    // No version of an earlier transaction changes.
    const late = pond.write(({ fs }) => fs.appendToSeries('/in/s', version([8], [8]), { replaces: 3 }));
    await expect(late).rejects.toMatchObject({ error: { _tag: 'VersionNotFound', version: 3 } });
  });

  it('takes rows that repeat a value of an earlier version of the same transaction', async () => {
    const { pond } = await gatedPond({ '10.yaml': QUARANTINE.replace('type: date, ', '') });
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const version = (days: readonly string[], type: 'INT32' | 'DOUBLE', values: readonly number[]) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            {
              name: 'time',
              data: days.map((_, hour) => new Date(Date.UTC(2026, 0, 1, hour))),
              type: 'TIMESTAMP',
            },
            { name: 'day', data: [...days], type: 'STRING' },
            { name: 't', data: [...values], type },
          ],
        }),
      );
    const outcome = await pond.write(async ({ fs }) => {
      await fs.mkdirAll('/in');
      await fs.appendToSeries('/in/s', version(['a', 'b'], 'INT32', [1, 2]));
      await fs.appendToSeries('/in/s', version(['b', 'c', 'c'], 'INT32', [3, 4, 5]));
      await fs.appendToSeries('/in/s', version(['c', 'a', 'd', 'e'], 'DOUBLE', [6, 7, 8, 99]));
    });
    expect(outcome._tag).toBe('Committed');
    const rowsAt = async (path: string) =>
      (await pond.query(`SELECT day, t::INT AS t FROM '${path}' ORDER BY t`)).rows;
    expect(await rowsAt('/in/s')).toEqual([
      ...[
        ['a', 1],
        ['b', 2],
        ['c', 4],
        ['d', 8],
      ],
    ]);
    const { txnId } = outcome;
    expect(await rowsAt(`/quarantine/in/s/${txnId}-2.parquet`)).toEqual([
      ['b', 3],
      ['c', 5],
    ]);
    expect(await rowsAt(`/quarantine/in/s/${txnId}-3.parquet`)).toEqual([
      ['c', 6],
      ['a', 7],
      ['e', 99],
    ]);
  });

  it('says that rows were moved only once that has come to be', async () => {
    const lines: string[] = [];
    const log: Logger['log'] = (level, event) => void lines.push(`${level} ${event}`);
    const logger: Logger = { log, with: () => logger };
    const { directory } = await gatedPond({
      '10.yaml': QUARANTINE,
      '20.yaml': MAX_60.replace('temp_max', 'n').replace('in/**', 'in/b*'),
    });
    const opened = await assemble(livePorts(logger)).open(directory, { cliArgs: [] })();
    if (isLeft(opened)) throw new Error(opened.left._tag);
    onTestFinished(() => void opened.right.close()());
    const write = (path: string, text: string) =>
      opened.right.write(({ fs }) =>
        pipe(
          fs.mkdirAll('/in'),
          TE.flatMap(() => fs.write(path, Buffer.from(text))),
        ),
      )();
    const rows = 'day,t,n\n2026-01-01,1,1\n2026-01-02,61,1\n2026-01-03,1,';
    expect(isLeft(await write('/in/a.csv', `${rows}1\n`))).toBe(false);
    expect(lines).toContain('warn rows_quarantined');
    lines.length = 0;
    expect(isLeft(await write('/in/b.csv', `${rows}99\n`))).toBe(true);
    expect(lines.filter((line) => /rows_quarantined|gate_/.test(line))).toEqual([
      'info gate_refused',
      'debug rows_quarantined',
      'debug gate_passed',
    ]);
  });

  it('names a rule without the texts of its limit, which may be what a variable holds', async () => {
    const { pond } = await gatedPond({
      '10.yaml': QUARANTINE.replace('type: number, max: 60', 'enum: ["1", "2", "3"]').replace(
        'type: date',
        'pattern: "^2026-.*$"',
      ),
    });
    const { txnId } = await put(
      pond,
      '/in/a.csv',
      'day,t\n2026-01-01,1\n2026-01-02,61\n2025-01-01,2\n2026-01-04,3\n',
    );
    expect(await quarantined(pond)).toEqual({
      [`/quarantine/in/a.csv/${txnId}.csv`]: 'day,t,rule\n2026-01-02,61,t enum\n2025-01-01,2,day pattern\n',
    });
  });

  it('refuses a file as a whole that was there before', async () => {
    const { pond } = await gatedPond({});
    await put(pond, '/in/old.csv', 'day,t\n2026-01-01,61\n2026-01-02,1\n2026-01-03,1\n');
    await configure(pond, { '10.yaml': QUARANTINE.replace('config:', 'config:\n  files: /in/**') });
    const error = await refusalOf(put(pond, '/in/new.csv', 'day,t\n2026-01-01,1\n2026-01-02,1\n'));
    expect(error.gates?.[0]?.message).toContain('/in/old.csv: t: 1 value is above 60');
    await pond.write(({ fs }) => fs.remove('/in/old.csv'), { gates: false });
  });
});
