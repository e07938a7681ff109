// Runs the recipes of docs/your-data.md as whoever reads that page does, on a pond made by the built executable.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

/** Packages that the recipes use, besides those that compare tables. */
export const RECIPE_PACKAGES = ['deltalake==1.6.6', 'pyarrow==26.0.1', 'pandas', 'polars', 'duckdb'];

export const runRecipes = ({ check }, python) => {
  const folder = mkdtempSync(join(tmpdir(), 'pond-recipes-'));
  const pond = join(folder, 'P');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(root, 'dist/pond.cjs'), join(bin, 'pond'));
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    POND_STATE_DIR: join(folder, 'state'),
  };
  const run = (...args) => execFileSync(join(bin, 'pond'), ['--pond', pond, ...args], { env, stdio: 'pipe' });
  const host = (name, text) => {
    writeFileSync(join(folder, name), text);
    return `host://${join(folder, name)}`;
  };
  try {
    run('init');
    const versions = [
      'time,value\n2026-01-03T00:00:00,3\n',
      'time,value,note\n2026-01-02T00:00:00,2.5,x\n',
      'time,value\n2026-01-01T00:00:00,1\n',
      'time,value\n2026-01-04T00:00:00,4\n',
    ];
    for (const [index, text] of versions.entries())
      run('copy', '--as', 'series', host(`${index}.csv`, text), '/sensors/north');
    run('rm', '/sensors/north', '--version', '4');
    run('copy', '--as', 'table', host('stations.csv', 'id,name\n1,hill\n'), '/tables/stations');
    const many = Array.from({ length: 100_000 }, (_, n) => `${n},${(n * 7919) % 100_003}`).join('\n');
    run('copy', '--as', 'table', host('large.csv', `n,m\n${many}\n`), '/tables/large');
    let problem = null;
    try {
      execFileSync(python, [join(here, 'recipes.py'), join(root, 'docs/your-data.md'), pond], {
        env,
        stdio: 'inherit',
      });
    } catch (error) {
      problem = String(error);
    }
    check('the recipes of docs/your-data.md find what is in the pond', problem, null);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
