import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

const ROW = '{"time": "2026-01-01T00:00:00Z", "v": 1}';

const hostFile = (name: string, content: string | Uint8Array): string => {
  const path = join(pond.host, name);
  writeFileSync(path, content);
  return `host://${path}`;
};

/** What is said of a file, without its path. */
const refusal = async (...args: readonly string[]): Promise<string> => {
  const { stderr } = await pond.run(args, { expect: 1 });
  return stderr.replaceAll(`${pond.host}/`, '');
};

describe('JSON that breaks off', () => {
  const broken = {
    'behind a comma': `[${ROW},`,
    'behind a comma and the end of its line': `[\n${ROW},\n`,
    'behind a comma, with a mark of byte order in front': `\u{feff}[${ROW}, `,
    'behind a row': `[${ROW}`,
    'in a row': `[${ROW}, {"time"`,
    'behind a list in a row': `[${ROW}, {"v": [1]`,
    'behind its first sign': '[',
  };

  it.each(Object.entries(broken))('%s is not taken for what is there of it', async (_, text) => {
    const whole = 'is not whole: the list of its rows, which begins with [, has no end';
    expect(await refusal('copy', '--as', 'series', hostFile('a.json', text), '/s/a')).toContain(
      `a.json: it ${whole}\n  try: put the file right;`,
    );
    const compressed = hostFile('a.json.gz', gzipSync(text));
    expect(await refusal('copy', '--as', 'table', compressed, '/t/a')).toContain(`a.json.gz: it ${whole}`);
    await pond.run(['copy', hostFile('b.json', text), '/raw/']);
    expect(await refusal('sql', "FROM '/raw/b.json'")).toContain(`/raw/b.json: it ${whole}`);
    expect(await refusal('sql', "FROM read_json('/raw/b.json')")).toContain(`it ${whole}`);
  });

  it('is taken where its list is whole, whatever stands around it', async () => {
    const file = hostFile('whole.json', ` \r\n[\n${ROW},\n${ROW}\n] \n\n`);
    await pond.run(['copy', '--as', 'series', file, '/s/whole']);
    expect(
      (await pond.run(['cat', '/s/whole', '--sql', 'SELECT count(*) AS n FROM source'])).stdout,
    ).toContain('2');
  });

  it('is not what has a list in its first line and something else in its last', async () => {
    await pond.run(['copy', hostFile('lines.json', `[1, "]"]\n${ROW}\n[2]\n3\n`), '/raw/']);
    const { stdout } = await pond.run(['sql', "SELECT count(*) AS n FROM '/raw/lines.json'"]);
    expect(stdout).toContain('4');
  });
});

describe('JSON that is none', () => {
  it.each([
    ['a.jsonl', `${ROW}\n{"time": \n${ROW}\n`, 'a.jsonl, line 2: it is not JSON: unexpected end of data'],
    ['b.jsonl', `${ROW}\r\n\r\n\r\n${ROW}x\r\n`, 'b.jsonl, line 4: it is not JSON: unexpected content'],
    ['c.json', `[${ROW}, ${ROW}, {"v": q}]`, 'c.json: it is not JSON: unexpected character (value 3)'],
  ])('is named with its place: %s', async (name, text, words) => {
    expect(await refusal('copy', '--as', 'series', hostFile(name, text), '/s/b')).toContain(words);
  });

  it('is named by the line in queries, too', async () => {
    await pond.run(['copy', hostFile('d.jsonl', `${ROW}\nhello\n`), '/raw/']);
    expect(await refusal('sql', "FROM '/raw/d.jsonl'")).toContain(
      '/raw/d.jsonl: it is not JSON: unexpected character (line 2)',
    );
  });
});
