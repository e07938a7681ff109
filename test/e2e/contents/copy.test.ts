import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeEach(async () => {
  pond = await tempPond(callPond);
});
afterEach(() => pond.remove());

const host = (path: string) => `host://${join(pond.host, path)}`;
const pathsIn = async (pattern: string) => (await pond.run(['list', pattern])).stdout.trimEnd().split('\n');

describe('copying in', () => {
  it('takes several files in one transaction, and the working directory for relative ones', async () => {
    await writeFile(join(pond.host, 'a.csv'), 'a,b\n1,2\n');
    await writeFile(join(pond.host, 'b.csv'), 'a,b\n3,4\n');
    const { stdout } = await pond.run(['copy', host('a.csv'), 'host://b.csv', '/in/deep', '--json'], {
      workingDirectory: pond.host,
    });
    expect(JSON.parse(stdout)).toMatchObject({ txn_seq: 2, status: 'committed' });
    expect(await pathsIn('/in/deep/')).toEqual(['/in/deep/a.csv', '/in/deep/b.csv']);
  });

  it('writes a new version onto a file, and into a directory that exists', async () => {
    await writeFile(join(pond.host, 'a.csv'), 'one');
    await pond.run(['copy', host('a.csv'), '/in/a.csv']);
    await writeFile(join(pond.host, 'a.csv'), 'two');
    await pond.run(['copy', host('a.csv'), '/in']);
    expect((await pond.run(['cat', '/in/a.csv'])).stdout).toBe('two');
    expect((await pond.run(['cat', '/in/a.csv', '--version', '1'])).stdout).toBe('one');
    expect((await pond.run(['cat', '/in/a.csv', '--at', '2'])).stdout).toBe('one');
    const versions = JSON.parse((await pond.run(['versions', '/in/a.csv', '--json'])).stdout);
    expect(versions).toMatchObject([
      { version: 1, txn_seq: 2, size: 3 },
      { version: 2, txn_seq: 3, size: 3 },
    ]);
  });

  it('takes standard input', async () => {
    await pond.run(['copy', '-', '/in/std.txt'], { input: 'hello' });
    expect((await pond.run(['cat', '/in/std.txt'])).stdout).toBe('hello');
  });

  it('takes a tree when asked to, and never follows the symlinks in it', async () => {
    await mkdir(join(pond.host, 'tree/sub'), { recursive: true });
    await writeFile(join(pond.host, 'tree/sub/f.txt'), 'f');
    await symlink('/etc/passwd', join(pond.host, 'tree/link'));
    const { stderr } = await pond.run(['copy', '-r', host('tree'), '/in/']);
    expect(stderr).toContain(`${join(pond.host, 'tree/link')} is not a regular file and is not copied`);
    expect(await pathsIn('/in/**')).toEqual(['/in/tree', '/in/tree/sub', '/in/tree/sub/f.txt']);
  });

  it('leaves the pond’s own directories out of a tree that the pond is in, by whatever name', async () => {
    const around = dirname(pond.pond);
    await writeFile(join(around, 'beside.txt'), 'b');
    await symlink(around, join(pond.host, 'above'));
    for (const tree of [`host://${around}`, host('above')]) {
      const { stderr } = await pond.run(['copy', '-r', tree, '/backup']);
      for (const own of ['data', 'control'])
        expect(stderr).toContain(`${join(pond.pond, own)} is the pond's own and is not copied`);
      expect(await pathsIn('/backup/**/{data,control}')).toEqual(['']);
    }
    expect((await pond.run(['cat', '/backup/beside.txt'])).stdout).toBe('b');
  });

  it('takes no file of the pond’s own, whose locks it would let go of', async () => {
    for (const name of ['control/writer.lock', 'control', 'data/_delta_log']) {
      const source = `host://${join(pond.pond, name)}`;
      const { stderr } = await pond.run(['copy', '-r', source, '/in/'], { expect: 2 });
      expect(stderr).toContain("the pond's own");
    }
  });

  it('appends a version to a series with its event times, which queries read together', async () => {
    const series = (day: number) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            {
              name: 'time',
              data: [new Date(Date.UTC(2026, 0, day)), new Date(Date.UTC(2026, 0, day, 12))],
              type: 'TIMESTAMP',
            },
            { name: 'value', data: [day, day + 1], type: 'INT32' },
          ],
        }),
      );
    for (const day of [1, 2]) {
      await writeFile(join(pond.host, 's.parquet'), series(day));
      await pond.run(['copy', `host+series://${join(pond.host, 's.parquet')}`, '/sensors/north']);
    }
    const versions = JSON.parse((await pond.run(['versions', '/sensors/north', '--json'])).stdout);
    expect(versions).toMatchObject([
      { version: 1, min_event_time: '2026-01-01T00:00:00.000Z', max_event_time: '2026-01-01T12:00:00.000Z' },
      { version: 2, min_event_time: '2026-01-02T00:00:00.000Z', max_event_time: '2026-01-02T12:00:00.000Z' },
    ]);
    const sql = 'SELECT count(*) AS n, sum(value) AS total FROM source';
    const { stdout } = await pond.run(['cat', '/sensors/north', '--sql', sql, '--json']);
    expect(JSON.parse(stdout)).toEqual([{ n: 4, total: 8 }]);
    const one = await pond.run(['cat', '/sensors/north', '--version', '1', '--format', 'csv']);
    expect(one.stdout.trimEnd().split('\n')).toHaveLength(3);

    // What one of the versions is already comes once: whichever it is, in whatever company, and with a word about the series.
    const day = (number: number) => join(pond.host, `day-${number}.parquet`);
    for (const number of [1, 2, 3]) await writeFile(day(number), series(number));
    const count = async () =>
      JSON.parse((await pond.run(['versions', '/sensors/north', '--json'])).stdout).length;
    const append = (...more: readonly string[]) => pond.run(['copy', '--once', ...more, '/sensors/north']);
    expect((await append(`host+series://${day(1)}`)).stderr).toContain('unchanged');
    await append('--unique', 'time', `host+series://${day(2)}`);
    expect(JSON.parse((await pond.run(['series', '/sensors/north', '--json'])).stdout).unique).toEqual([
      'time',
    ]);
    expect(await count()).toBe(2);
    await append(...[1, 3, 3, 2].map((number) => `host+series://${day(number)}`));
    expect(await count()).toBe(3);
    await pond.run(['rm', '/sensors/north', '--version', '1']);
    await append(`host+series://${day(1)}`);
    expect(await count()).toBe(3);
    await pond.run(['copy', `host+series://${day(1)}`, '/sensors/north']);
    expect(await count()).toBe(4);
  });

  it('appends rows that become Parquet once with --once, as their bytes are the same each time', async () => {
    await writeFile(join(pond.host, 'once.csv'), 'time,v\n2026-01-01T00:00:00Z,1.5\n2026-01-02T00:00:00Z,\n');
    const append = () => pond.run(['copy', '--once', '--as', 'series', host('once.csv'), '/sensors/once']);
    expect((await append()).stderr).not.toContain('unchanged');
    expect((await append()).stderr).toContain('/sensors/once is unchanged');
    expect(JSON.parse((await pond.run(['versions', '/sensors/once', '--json'])).stdout)).toHaveLength(1);
  });

  it('of a table checks that it is Parquet', async () => {
    const table = parquetWriteBuffer({ columnData: [{ name: 'a', data: [1, 2], type: 'INT32' }] });
    await writeFile(join(pond.host, 't.parquet'), new Uint8Array(table));
    await pond.run(['copy', `host+table://${join(pond.host, 't.parquet')}`, '/tables/t']);
    const [entry] = JSON.parse((await pond.run(['list', '/tables/t', '--json'])).stdout);
    expect(entry).toMatchObject({ file_type: 'table', size: table.byteLength });
    await writeFile(join(pond.host, 't.parquet'), new Uint8Array(table).subarray(0, 60));
    await pond.run(['copy', `host+table://${join(pond.host, 't.parquet')}`, '/tables/t'], { expect: 1 });
  });

  it('fails as a whole when one source fails', async () => {
    await writeFile(join(pond.host, 'a.csv'), 'a');
    await pond.run(['copy', host('a.csv'), host('missing.csv'), '/in/'], { expect: 1 });
    await pond.run(['list', '/in'], { expect: 1 });
  });
});

describe('copying out', () => {
  beforeEach(async () => {
    await pond.run(['mknod', 'file', '/in/a.txt', '--config', 'first']);
    await pond.run(['mknod', 'file', '/in/s/b.txt', '--config', 'b']);
    await pond.run(['mknod', 'file', '/in/a.txt', '--config', 'second', '--overwrite']);
  });
  const read = (path: string) => readFile(join(pond.host, path), 'utf8');

  it('writes nothing over the pond’s own files, wherever the destination begins', async () => {
    const own = join(pond.pond, 'control/control.db');
    const before = await readFile(own);
    await pond.run(['copy', '-', `/old${own}`], { input: 'not a database' });
    const { stderr } = await pond.run(['copy', '/old/**', 'host:///', '--strip-prefix', '/old'], {
      expect: 2,
    });
    expect(stderr).toContain(`${join(pond.pond, 'control')}, which is the pond's own`);
    expect((await readFile(own)).subarray(0, 16)).toEqual(before.subarray(0, 16));
  });

  it('writes a file to a path, into a directory, and as it was', async () => {
    await pond.run(['copy', '/in/a.txt', host('out.txt')]);
    await pond.run(['copy', '/in/a.txt', `${host('made')}/`]);
    await pond.run(['copy', '/in/a.txt', host('made'), '--at', '2', '--json']);
    expect(await read('out.txt')).toBe('second');
    expect(await read('made/a.txt')).toBe('first');
  });

  it('keeps the paths of what a pattern matched below the target, without the prefix that is stripped', async () => {
    const { stdout } = await pond.run(['copy', '/in/**', host('all'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      txn_seq: 4,
      copied: [{ source: '/in/a.txt' }, { source: '/in/s/b.txt', size: 1 }],
    });
    await pond.run(['copy', '/in/**', host('stripped'), '--strip-prefix', '/in']);
    expect(await read('all/in/s/b.txt')).toBe('b');
    expect(await read('stripped/s/b.txt')).toBe('b');
    expect(await readdir(join(pond.host, 'stripped'))).toEqual(['a.txt', 's']);
  });

  it('writes the content that a factory makes', async () => {
    await pond.run(['mknod', 'test-file', '/views/hi', '--config', 'content: hello\nmime_type: text/plain']);
    await pond.run(['copy', '/views/hi', host('hi.txt')]);
    expect(await read('hi.txt')).toBe('hello');
  });
});
