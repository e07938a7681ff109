// Half a year of daily sensor files with everything that is wrong with such files, taken in as series and read back, whole and
// reduced, by pandas, Polars and DuckDB, which compute the same from the files themselves.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

/** Files that are there before a reduction is read for the first time; then come some at once, then one by one. */
const FIRST = 150;
const ONE_BY_ONE = 5;

export const compareHalfAYear = ({ add }, python) => {
  const folder = mkdtempSync(join(tmpdir(), 'pond-half-a-year-'));
  const script = (...args) =>
    execFileSync(python, [join(here, 'sensor_days.py'), ...args], { stdio: 'inherit' });
  const env = { ...process.env, POND_STATE_DIR: join(folder, 'state') };
  const pond = (...args) =>
    execFileSync(process.execPath, [join(root, 'dist/pond.cjs'), '--pond', join(folder, 'P'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 30,
    });
  try {
    script('write', folder);
    mkdirSync(join(folder, 'out'));
    pond('init');
    for (const place of ['north', 'vienna']) {
      const files = readdirSync(join(folder, place))
        .sort()
        .map((name) => `host://${join(folder, place, name)}`);
      const path = `/sensors/${place}`;
      const contract = ['--unique', 'time,sensor', '--on-duplicate', 'replace', '--time-column', 'time'];
      const zone = place === 'vienna' ? ['--timezone', 'Europe/Vienna'] : [];
      const aggregates = '{ value: [avg, min, max, count, sum], humidity: [count] }';
      const reduce = `{ source: ${path}, time_column: time, every: [1h, 1d], group_by: [sensor], aggregates: ${aggregates} }`;
      pond('copy', '--as', 'series', ...contract, ...zone, ...files.slice(0, FIRST), path);
      pond('mknod', 'temporal-reduce', `/derived/${place}`, '--config', reduce);
      pond('cat', `/derived/${place}/1h.parquet`);
      pond('copy', '--as', 'series', ...files.slice(FIRST, -ONE_BY_ONE), path);
      for (const file of files.slice(-ONE_BY_ONE)) {
        pond('copy', '--as', 'series', file, path);
        pond('cat', `/derived/${place}/1h.parquet`);
      }
      const out = `host://${join(folder, 'out', place)}`;
      pond('copy', path, `${out}.parquet`);
      pond('copy', '--format', 'arrow', path, `${out}.arrow`);
      for (const every of ['1h', '1d'])
        pond('copy', `/derived/${place}/${every}.parquet`, `${out}-${every}.parquet`);
    }
    script('compare', folder);
    add(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
