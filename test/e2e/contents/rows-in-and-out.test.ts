import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { decimalsOf } from '../../tlogfs/parquet-by-hand.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

const TEXT = 'time,station,value\n2026-01-01T00:00:00,a,1\n2026-01-02T00:00:00,b,2.5\n';

const hostFile = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(pond.host, name), content);
  return `host://${join(pond.host, name)}`;
};
const take = (name: string, content: string | Uint8Array, to: string, ...options: readonly string[]) =>
  pond.run(['copy', '--as', 'table', hostFile(name, content), to, ...options]);
const refusal = async (name: string, content: string | Uint8Array, ...options: readonly string[]) =>
  (await pond.run(['copy', '--as', 'table', hostFile(name, content), '/refused', ...options], { expect: 1 }))
    .stderr;
const rows = async (path: string) =>
  JSON.parse((await pond.run(['cat', path, '--format', 'json'])).stdout) as unknown;

const ROWS = [
  { time: '2026-01-01 00:00:00', station: 'a', value: 1 },
  { time: '2026-01-02 00:00:00', station: 'b', value: 2.5 },
];

describe('pond copy --as table', () => {
  it('takes JSON with a mark of byte order in front for what it is, from the host and in the pond', async () => {
    const [first, second] = ROWS;
    for (const [name, text] of [
      ['marked.json', JSON.stringify(ROWS)],
      ['marked.jsonl', `${JSON.stringify(first)}\n${JSON.stringify(second)}\n`],
      // As large that it lies in a file of its own, and too large to be taken whole.
      ['large.json', JSON.stringify(Array.from({ length: 30_000 }, () => ROWS).flat())],
    ] as const) {
      const marked = `\u{feff}${text}`;
      const count = name === 'large.json' ? 60_000 : 2;
      await take(name, marked, `/t/${name}`);
      await pond.run(['copy', hostFile(name, marked), `/f/${name}`]);
      await pond.run(['copy', hostFile(`${name}.gz`, gzipSync(marked)), `/f/${name}.gz`]);
      for (const from of [`'/t/${name}'`, `'/f/${name}'`, `'/f/${name}.gz'`, `read_json('/f/${name}')`]) {
        const sql = `SELECT count(*)::INT AS n, max(value) AS value, max(station) AS station FROM ${from}`;
        const { stdout } = await pond.run(['sql', sql, '--json']);
        expect([from, JSON.parse(stdout)]).toEqual([from, [{ n: count, value: 2.5, station: 'b' }]]);
      }
      expect((await pond.run(['cat', `/f/${name}`])).stdout).toBe(marked);
    }
  });

  it('takes the rows of CSV, JSON and JSON lines, plain or compressed', async () => {
    await take('a.csv', TEXT, '/t/csv');
    await take('a.csv.gz', gzipSync(TEXT), '/t/gz');
    await take('a.csv.br', brotliCompressSync(TEXT), '/t/br');
    await take('a.json', JSON.stringify(ROWS), '/t/json');
    await take('a.jsonl', ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''), '/t/jsonl');
    for (const path of ['csv', 'gz', 'br', 'json', 'jsonl']) expect(await rows(`/t/${path}`)).toEqual(ROWS);
    // That of `zstd`, whose frame is written here by hand: one raw block.
    const text = Buffer.from(TEXT);
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length]);
    const block = Buffer.alloc(3);
    block.writeUIntLE((text.length << 3) | 1, 0, 3);
    await take('a.csv.zst', Buffer.concat([header, block, text]), '/t/zst');
    expect(await rows('/t/zst')).toEqual(ROWS);
  });

  it('names what goes into a directory after its rows, and appends to a series with its contract', async () => {
    await pond.run(['copy', '--as', 'table', hostFile('day.csv.gz', gzipSync(TEXT)), '/tables/']);
    expect(await rows('/tables/day.parquet')).toEqual(ROWS);
    await pond.run(['copy', '--as', 'series', hostFile('1.csv', TEXT), '/s/north']);
    const other = hostFile('2.csv', 'time,station,value\n2026-01-03T00:00:00,a,x\n');
    const { stderr } = await pond.run(['copy', '--as', 'series', other, '/s/north'], { expect: 4 });
    expect(stderr).toContain('"value" is DOUBLE in this series and VARCHAR');
  });

  it('takes what is said of the file: delimiter, header, encoding, types', async () => {
    const latin = Buffer.from('1;caf\u00e9;007\n2;th\u00e9;008\n', 'latin1');
    await take(
      'l.csv',
      latin,
      '/t/latin',
      '--csv-encoding',
      'latin1',
      '--csv-header',
      'no',
      '--csv-delimiter',
      ';',
      '--csv-types',
      'column2=VARCHAR',
    );
    expect(await rows('/t/latin')).toEqual([
      { column0: 1, column1: 'caf\u00e9', column2: '007' },
      { column0: 2, column1: 'th\u00e9', column2: '008' },
    ]);
  });

  it('loses no digit, no zero in front and no empty text on the way in and out again', async () => {
    const csv =
      'id,big,code,text,at\n1,123456789012345678901234567890,00123,"",2026-01-01 00:00:00.123456789\n2,5,7,,2026-01-01 00:00:00\n';
    await take('e.csv', csv, '/t/exact');
    expect((await pond.run(['cat', '/t/exact', '--format', 'csv'])).stdout).toBe(csv);
    await take('e.jsonl', '{"n":18446744073709551615}\n{"n":1}\n', '/t/huge');
    expect((await pond.run(['cat', '/t/huge', '--format', 'csv'])).stdout).toBe(
      'n\n18446744073709551615\n1\n',
    );
    const nested = '{"a":{"n":18446744073709551615,"id":9007199254740993,"v":[1.5,2.0]}}\n';
    await take('n.jsonl', nested, '/t/nested');
    expect((await pond.run(['cat', '/t/nested', '--format', 'jsonl'])).stdout).toBe(nested);
  });

  it('reads days, times and fractions as they are said to be written, and leaves alone what is not in that form', async () => {
    const german =
      'time;v;day;text\n31.12.2026 10:00;1,5;31/12/2026;1,5\n01.02.2026 11:30;-2,25;01/02/2026;a,b\n';
    const said = ['--csv-timestamp-format', '%d.%m.%Y %H:%M', '--csv-date-format', '%d/%m/%Y'];
    const file = hostFile('german.csv', german);
    const unsaid = await pond.run(['copy', '--as', 'series', file, '/t/german'], { expect: 1 });
    expect(unsaid.stderr).toMatch(/none of its columns holds times[\s\S]*--csv-timestamp-format '%d\/%m/);
    await pond.run(['copy', '--as', 'series', ...said, '--csv-decimal-separator', ',', file, '/t/german']);
    expect((await pond.run(['cat', '/t/german', '--format', 'csv'])).stdout).toBe(
      'time,v,day,text\n2026-02-01 11:30:00,-2.25,2026-02-01,"a,b"\n2026-12-31 10:00:00,1.5,2026-12-31,"1,5"\n',
    );
    // Later versions must say it, too: as strings they do not fit.
    const later = hostFile('later.csv', 'time;v;day;text\n01.03.2026 10:00;1,5;01/03/2026;x\n');
    const refused = await pond.run(['copy', '--as', 'series', later, '/t/german'], { expect: 4 });
    expect(refused.stderr).toContain('--csv-timestamp-format');
    await take(
      'zoned.csv',
      'at\n31/12/2026 10:00 +0200\n',
      '/t/zoned',
      '--csv-timestamp-format',
      '%d/%m/%Y %H:%M %z',
    );
    expect((await pond.run(['cat', '/t/zoned', '--format', 'csv'])).stdout).toBe(
      'at\n2026-12-31 08:00:00+00\n',
    );
    await take(
      'money.csv',
      'p\n"12,30"\n"0,05"\n',
      '/t/money',
      '--csv-decimal-separator',
      ',',
      '--csv-types',
      'p=DECIMAL(10,2)',
    );
    expect((await pond.run(['cat', '/t/money', '--format', 'csv'])).stdout).toBe('p\n12.30\n0.05\n');
    const months = 'day\n13/02/2026\n02/13/2026\n';
    expect(
      await refusal('m.csv', months, '--csv-types', 'day=DATE', '--csv-date-format', '%d/%m/%Y'),
    ).toMatch(/line 3: "02\/13\/2026" in the column day/);
    expect(await refusal('m.csv', months, '--csv-types', 'day=DATE')).toMatch(
      /line 2[\s\S]*--csv-date-format/,
    );
    const unknown = await pond.run(['copy', '--as', 'table', '--csv-date-format', 'dmy', file, '/refused'], {
      expect: 2,
    });
    expect(unknown.stderr).toContain("such as '%d/%m/%Y'");
  });

  it('says that no column holds days or times where it was told how they are written', async () => {
    const told = async (name: string, content: string, ...said: readonly string[]) =>
      (await take(name, content, `/t/${name}`, ...said)).stderr;
    const day = ['--csv-date-format', '%d/%m/%Y'];
    expect(await told('other-form.csv', 'day,v\n31.12.2026,1\n', ...day)).toMatch(
      /other-form\.csv: no column holds days; .* %d\/%m\/%Y \(--csv-date-format\) is text/,
    );
    expect(
      await told('only-days.csv', 'day,v\n31/12/2026,1\n', ...day, '--csv-timestamp-format', '%d/%m/%Y %H'),
    ).toMatch(/^pond: warning: .*: no column holds times; .*\n$/);
    expect(await told('iso.csv', 'day,v\n2026-12-31,1\n', ...day)).toBe('');
  });

  it('takes the words that are said to stand for no value for nulls, quoted or not, in columns of every type', async () => {
    const csv =
      'time,v,whole,text,money,part\n2026-01-01 10:00:00,NA,-999,"NA","1,50","-999,0"\nNULL,1.5,3, NA ,NA,"2,5"\n2026-01-02 10:00:00,NAN,4,NAN,"2,25",NA\n';
    const said = ['--csv-decimal-separator', ',', '--csv-types', 'money=DECIMAL(10,2)'];
    await take('null.csv', csv, '/t/null', '--csv-null', 'NA,NULL,NAN,-999,"-999,0"', ...said);
    expect((await pond.run(['cat', '/t/null', '--format', 'csv'])).stdout).toBe(
      'time,v,whole,text,money,part\n2026-01-01 10:00:00,,,,1.50,\n,1.5,3,,,2.5\n2026-01-02 10:00:00,,4,,2.25,\n',
    );
    // An empty text in quotes is one, but where it is said to be none.
    const empty = 'a,b\n"",1\nx,2\n';
    await take('empty.csv', empty, '/t/empty');
    await take('empty.csv', empty, '/t/none', '--csv-null', '""');
    expect(await rows('/t/empty')).toMatchObject([{ a: '' }, { a: 'x' }]);
    expect(await rows('/t/none')).toMatchObject([{ a: null }, { a: 'x' }]);
    const more = `v\n${'1\n'.repeat(5_000)}n/a\n`;
    for (const type of ['DOUBLE', 'BIGINT'])
      expect(await refusal('na.csv', more, '--csv-types', `v=${type}`)).toMatch(
        /line 5002[\s\S]*--csv-null n\/a/,
      );
    await take('na.csv', more, '/t/many', '--csv-null', 'n/a');
    expect((await pond.run(['sql', '--format', 'csv', "SELECT sum(v) AS s FROM '/t/many'"])).stdout).toBe(
      's\n5000\n',
    );
  });

  it('says once which columns are text because of words for no value, and how to say that they are none', async () => {
    const csv = (day: string) =>
      `time,v,at,w,text,code,nothing\n${day}T00:00:00Z,1.5,${day},7,NA,007,NA\n${day}T01:00:00Z,NA,-,n/a,x,NA,NA\n`;
    const options = ['--as', 'series', '--json'];
    const first = await pond.run(['copy', ...options, hostFile('na-1.csv', csv('2026-01-01')), '/s/na']);
    expect(first.stderr.split('\n')).toEqual([
      expect.stringMatching(/^pond: warning: .*na-1\.csv: the column v is text because of "NA"; .* numbers$/),
      expect.stringMatching(/the column at is text because of "-"; its other values are days$/),
      expect.stringMatching(/the column w is text because of "n\/a"; its other values are numbers$/),
      '  say which words stand for no value: --csv-null NA,-,n/a; or which columns are text: --csv-types v=VARCHAR,at=VARCHAR,w=VARCHAR',
      '',
    ]);
    expect(JSON.parse(first.stdout)).toMatchObject({
      text_because_of_words: [
        { column: 'v', type_of_others: 'DOUBLE', words: ['NA'] },
        { column: 'at', type_of_others: 'DATE', words: ['-'] },
        { column: 'w', type_of_others: 'BIGINT', words: ['n/a'] },
      ],
    });
    const silent = async (day: string, to: string, ...said: readonly string[]) => {
      const file = hostFile(`na-${day}.csv`, csv(`2026-01-${day}`));
      const { stderr, stdout } = await pond.run(['copy', ...options, ...said, file, to]);
      expect([day, stderr, JSON.parse(stdout).text_because_of_words]).toEqual([day, '', undefined]);
    };
    // The series has them as text now.
    await silent('02', '/s/na');
    await silent('03', '/s/said', '--csv-types', 'v=VARCHAR,at=VARCHAR,w=VARCHAR');
    await silent('04', '/s/nulls', '--csv-null', '-,NA,n/a');
    // What stands in a late row counts, and other words among them are text that nobody need be told of.
    const rows = '1,2\n'.repeat(4_000);
    const late = await take('late.csv', `a,b\n${rows}null,null\n${rows}3,other\n`, '/t/late');
    expect(late.stderr).toMatch(
      /^pond: warning: .*: the column a is text because of "null"; .*\n {2}say .*\n$/,
    );
    for (const day of ['1', '2']) writeFileSync(join(pond.host, `many-${day}.csv`), csv(`2026-01-0${day}`));
    const many = ['1', '2'].map((day) => `host://${join(pond.host, `many-${day}.csv`)}`);
    const { stderr } = await pond.run(['copy', '--as', 'table', ...many, '/t/of-two/']);
    expect(stderr.match(/the column v is text/g)).toHaveLength(1);
  });

  it('reads instants without seconds, and cuts nanoseconds of instants only where their type is said', async () => {
    const short =
      'time,v\n2021-08-01T00:00Z,1\n2021-08-01T00:30:10+02:00,2\n2021-08-01 00:00 UTC,3\n2021-08-01 00:45+02,4\n';
    await take('short.csv', short, '/t/short');
    const read =
      'time,v\n2021-08-01 00:00:00+00,1\n2021-07-31 22:30:10+00,2\n2021-08-01 00:00:00+00,3\n2021-07-31 22:45:00+00,4\n';
    expect((await pond.run(['cat', '/t/short', '--format', 'csv'])).stdout).toBe(read);
    await pond.run(['copy', hostFile('short.csv', short), '/in/short.csv']);
    expect((await pond.run(['sql', "FROM '/in/short.csv'", '--format', 'csv'])).stdout).toBe(read);
    await take('short.jsonl', '{"t":"2021-08-01T00:00Z"}\n{"t":"2021-08-01T00:30+02:00"}\n', '/t/shorter');
    expect(await rows('/t/shorter')).toEqual([
      { t: '2021-08-01 00:00:00+00' },
      { t: '2021-07-31 22:30:00+00' },
    ]);
    const fine = 'time,v\n2025-01-01T23:00:00.020643808Z,1\n';
    await take('fine.csv', fine, '/t/fine');
    expect((await pond.run(['cat', '/t/fine', '--format', 'csv'])).stdout).toBe(fine);
    const refused = await pond.run(['copy', '--as', 'series', hostFile('fine.csv', fine), '/t/series'], {
      expect: 1,
    });
    expect(refused.stderr).toContain('--csv-types time=TIMESTAMPTZ');
    await take('fine.csv', fine, '/t/cut', '--csv-types', 'time=TIMESTAMPTZ');
    expect(await rows('/t/cut')).toEqual([{ time: '2025-01-01 23:00:00.020643+00', v: 1 }]);
    expect(await refusal('no.csv', 'time\n2021-13-01T00:00Z\n', '--csv-types', 'time=TIMESTAMPTZ')).toMatch(
      /line 2/,
    );
  });

  it('refuses what is ambiguous, with the line and a remedy', async () => {
    expect(await refusal('r.csv', 'a,b\n1,2\n3,4,5\n')).toMatch(/r\.csv, line 3: .*\n/);
    expect(await refusal('h.csv', '1,2\n3,4\n')).toMatch(
      /line 1: its first line may be a row[\s\S]*--csv-header no/,
    );
    expect(await refusal('l.csv', Buffer.from('a,b\n1,x\n2,caf\u00e9\n', 'latin1'))).toMatch(
      /line 3: it is not UTF-8[\s\S]*--csv-encoding/,
    );
    expect(await refusal('c.csv', 'a,b\n1,2\n1,x\n', '--csv-types', 'b=BIGINT')).toMatch(
      /line 3[\s\S]*--csv-types/,
    );
    expect(await refusal('g.csv.gz', 'a,b\n1,2\n')).toContain('it is not whole gzip');
    expect(await refusal('c.csv', 'a,b\n1,2\n1,1.5\n', '--csv-types', 'b=BIGINT')).toMatch(
      /line 3: "1\.5" in the column b[\s\S]*--csv-types/,
    );
    expect(await refusal('u.csv', 'a,b\n1,"2\n')).toMatch(/u\.csv, line 2: Value with unterminated quote/);
    const rounded = '{"a":1.5}\n{"a":123456789012345678901234567890}\n';
    expect(await refusal('j.jsonl', rounded)).toContain(
      '123456789012345678901234567890 in a is a whole number',
    );
    for (const inside of ['{"n":$}', '[$]', '{"m":[{"n":$,"id":9007199254740993}]}'])
      expect(
        await refusal(
          'n.jsonl',
          `{"a":${inside.replace('$', '1.5')}}\n{"a":${inside.replace('$', '9007199254740993')}}\n`,
        ),
      ).toContain('9007199254740993 in a is a whole number');
    // Compressed Parquet gets the checks of plain Parquet.
    expect(await refusal('t.parquet.gz', gzipSync(TEXT))).toContain('it does not begin with PAR1');
    const lost = Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(40, 0xff), Buffer.from('PAR1')]);
    expect(await refusal('f.parquet.gz', gzipSync(lost))).toContain('the footer is longer than the file');
    expect(await refusal('d.parquet.br', brotliCompressSync(decimalsOf(50_000)))).toContain(
      'statistics of a decimal',
    );
    await pond.run(['copy', '--as', 'table', hostFile('x.dat', 'a'), '/refused'], { expect: 2 });
    await pond.run(['list', '/refused'], { expect: 1 });
  });
});

describe('rows that say less than the series that they are for', () => {
  const append = (name: string, content: string, to: string, expected = 0) =>
    pond.run(['copy', '--as', 'series', hostFile(name, content), to], { expect: expected });
  const day = (number: number, rest: string) => `2026-01-0${number}T00:00:00Z,${rest}`;

  it('have the types of the series where a column has no values, or nothing has any', async () => {
    await append('e1.csv', `time,v,n,s\n${day(1, '1.5,7,a')}\n`, '/e/north');
    await append('e2.csv', `time,v,n,s\n${day(2, ',,')}\n`, '/e/north');
    await append('e3.csv', 'time,V,n,s\n', '/e/north');
    await append('e4.jsonl', '{"time":"2026-01-04T01:00:00+01:00","v":null,"s":null}\n', '/e/north');
    await append('e5.json', '[]', '/e/north');
    await append('e6.csv', `time,v,n,s\n${day(6, '2,"",""')}\n`, '/e/north');
    expect((await pond.run(['cat', '/e/north', '--format', 'csv'])).stdout).toBe(
      'time,v,n,s\n2026-01-01 00:00:00+00,1.5,7,a\n2026-01-02 00:00:00+00,,,\n2026-01-04 00:00:00+00,,,\n2026-01-06 00:00:00+00,2.0,,""\n',
    );
    const columns = JSON.parse((await pond.run(['series', '/e/north', '--json'])).stdout).columns;
    expect(columns.map(({ type }: { type: string }) => type)).toEqual([
      'TIMESTAMP WITH TIME ZONE',
      'DOUBLE',
      'BIGINT',
      'VARCHAR',
    ]);
  });

  it('have those of the files before them in the same copy, wherever these go', async () => {
    const first = hostFile('north.csv', `time,v\n${day(1, '1.5')}\n`);
    const second = hostFile('south.csv', `time,v\n${day(2, '')}\n`);
    await pond.run(['copy', '--as', 'series', first, second, second.replace('south', 'north'), '/e/one']);
    expect((await pond.run(['cat', '/e/one', '--format', 'csv'])).stdout).toContain('2026-01-02');
    // Another series knows nothing of it.
    await pond.run(['mkdir', '/e/two']);
    await pond.run(['copy', '--as', 'series', first, second, '/e/two']);
    const told = JSON.parse((await pond.run(['series', '/e/two/south.parquet', '--json'])).stdout);
    expect(told.columns[1]).toEqual({ name: 'v', type: 'VARCHAR' });
  });

  it('are refused where they are JSON without rows and nothing says the columns', async () => {
    for (const content of ['', '[]', '\n'])
      expect(await refusal('nothing.json', content)).toMatch(/it has no rows[\s\S]*without --as/);
    expect((await append('nothing.json', '[]', '/e/new', 1)).stderr).toContain('it has no rows');
  });
});

describe('times in JSON', () => {
  it('are instants where each says its zone, however each is written', async () => {
    const lines = [
      '{"z":"2026-03-29T00:00:00Z","offset":"2026-01-06T00:00:00+02:00","wall":"2026-01-06T10:00:00","ns":"2026-01-06T10:00:00.123456789","late":null}',
      '{"z":"2026-03-29T04:00:00+02:00","offset":"2026-07-06T00:00:00+03:00","wall":"2026-01-06 11:00","ns":"2026-01-06 10:00:00","late":"2026-01-06T00:00:00+02:00"}',
    ];
    await take('zones.jsonl', `${lines.join('\n')}\n`, '/t/zones');
    expect((await pond.run(['cat', '/t/zones', '--format', 'csv'])).stdout).toBe(
      'z,offset,wall,ns,late\n2026-03-29 00:00:00+00,2026-01-05 22:00:00+00,2026-01-06 10:00:00,2026-01-06 10:00:00.123456789,\n2026-03-29 02:00:00+00,2026-07-05 21:00:00+00,2026-01-06 11:00:00,2026-01-06 10:00:00,2026-01-05 22:00:00+00\n',
    );
    const mixed = '{"t":"2026-01-06T00:00:00+02:00"}\n{"t":"2026-01-06T00:00:00"}\n';
    await take('mixed.jsonl', mixed, '/t/mixed');
    expect((await pond.run(['cat', '/t/mixed', '--format', 'jsonl'])).stdout).toBe(mixed);
  });
});

describe('decimals of more digits than the engine has', () => {
  it('are refused in queries and in series, and stay what they are as bytes', async () => {
    const wide = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'time', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
        {
          name: 'd',
          type: 'FIXED_LEN_BYTE_ARRAY',
          type_length: 26,
          repetition_type: 'REQUIRED',
          converted_type: 'DECIMAL',
          precision: 60,
          scale: 2,
        },
      ],
      columnData: [
        { name: 'time', data: [new Date('2026-01-01T00:00:00Z')] },
        { name: 'd', data: [1n] },
      ],
      statistics: false,
    });
    const file = hostFile('wide.parquet', new Uint8Array(wide));
    await pond.run(['copy', file.replace('host://', 'host+table://'), '/wide/']);
    const query = (sql: string) => pond.run(['sql', sql], { expect: 1 });
    const wanted = '/wide/wide.parquet: the column "d" is DECIMAL(60,2); numbers of more than 38 digits';
    expect((await query("SELECT * FROM '/wide/wide.parquet'")).stderr).toContain(wanted);
    expect((await query("SELECT * FROM read_parquet('/wide/*.parquet')")).stderr).toContain(wanted);
    await pond.run(['copy', '/wide/wide.parquet', `host://${join(pond.host, 'back.parquet')}`]);
    expect(readFileSync(join(pond.host, 'back.parquet')).equals(Buffer.from(wide))).toBe(true);
    const appended = await pond.run(['copy', file.replace('host://', 'host+series://'), '/wide/s'], {
      expect: 1,
    });
    expect(appended.stderr).toContain('"d" is DECIMAL(60,2); numbers of more than 38 digits');
  });
});

describe('rows on the way out', () => {
  it('are written as Parquet, CSV, JSON and JSON lines, a series in the order of its times', async () => {
    await pond.run(['copy', '--as', 'series', hostFile('b.csv', 'time,v\n2026-01-02,2\n'), '/o/s']);
    await pond.run(['copy', '--as', 'series', hostFile('a.csv', 'time,v\n2026-01-01,1\n'), '/o/s']);
    const out = async (format: string) => {
      const to = join(pond.host, `out.${format}`);
      await pond.run(['copy', '--format', format, '/o/s', `host://${to}`]);
      return readFileSync(to);
    };
    expect((await out('csv')).toString()).toBe('time,v\n2026-01-01,1\n2026-01-02,2\n');
    expect(JSON.parse((await out('json')).toString())).toEqual([
      { time: '2026-01-01', v: 1 },
      { time: '2026-01-02', v: 2 },
    ]);
    expect((await out('jsonl')).toString().split('\n')).toHaveLength(3);
    expect((await out('parquet')).subarray(0, 4).toString()).toBe('PAR1');
    expect((await pond.run(['cat', '/o/s', '--format', 'jsonl'])).stdout).toBe(
      (await out('jsonl')).toString(),
    );
  });
});

describe('a content that is there already', () => {
  it('is said to be unchanged and makes no commit, unless it is told to', async () => {
    const first = JSON.parse((await pond.run(['copy', hostFile('f.txt', 'one'), '/f.txt', '--json'])).stdout);
    const again = await pond.run(['copy', hostFile('f.txt', 'one'), '/f.txt', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ txn_seq: first.txn_seq, status: 'completed' });
    expect(again.stderr).toContain('/f.txt is unchanged');
    const always = JSON.parse(
      (await pond.run(['copy', hostFile('f.txt', 'one'), '/f.txt', '--always', '--json'])).stdout,
    );
    expect(always).toMatchObject({ txn_seq: first.txn_seq + 1, status: 'committed' });
  });

  it('is said of a folder in one line, and not in one for each file', async () => {
    const folder = join(pond.host, 'again');
    mkdirSync(folder);
    for (let file = 0; file < 20; file += 1) writeFileSync(join(folder, `${file}.txt`), `${file}`);
    const copy = async () => (await pond.run(['copy', '-r', `host://${folder}`, '/again'])).stderr;
    expect(await copy()).toBe('');
    writeFileSync(join(folder, '7.txt'), 'other');
    expect(await copy()).toBe('pond: 19 of 20 files are unchanged: they have their content already\n');
    expect(await copy()).toBe('pond: all 20 files are unchanged: they have their content already\n');
  });
});
