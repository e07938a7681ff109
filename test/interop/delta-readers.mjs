// Opens a pond with other people's readers, delta-rs and DuckDB, and compares what they see with what ours sees.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { build } from 'esbuild';
import { compareForgotten } from './forgetting.mjs';
import { compareHalfAYear } from './half-a-year.mjs';
import { compareNeighbours } from './neighbours.mjs';
import { RECIPE_PACKAGES, runRecipes } from './recipes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const PACKAGES = ['deltalake==1.6.6', 'pyarrow==26.0.1'];

/** Compares; with `plant` the expectation is damaged first. */
export const compareData = async ({ check, add }, { plant }) => {
  const python = pythonWith(PACKAGES);
  const directory = mkdtempSync(join(tmpdir(), 'pond-interop-'));
  try {
    await writePond(directory);
    if (plant) plantDifference(directory);
    execFileSync(python, [join(here, 'compare.py'), directory], { stdio: 'inherit' });
    add(JSON.parse(readFileSync(join(directory, 'delta-rs.json'), 'utf8')));
    await compareWithDuckDb(directory, check);
    await compareNeighbours({ check }, python);
    await compareForgotten({ check }, python);
    runRecipes({ check }, pythonWith(RECIPE_PACKAGES));
    compareHalfAYear({ add }, pythonWith(RECIPE_PACKAGES));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** A Python with these packages, made once and kept. */
export function pythonWith(packages) {
  const cache = join(root, 'node_modules/.cache', `interop-${packages.join('-').replace(/[^\w.-]/g, '_')}`);
  const program = join(cache, 'bin/python');
  if (existsSync(join(cache, 'complete'))) return program;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(dirname(cache), { recursive: true });
  execFileSync('python3', ['-m', 'venv', cache], { stdio: 'inherit' });
  execFileSync(program, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
    stdio: 'inherit',
  });
  writeFileSync(join(cache, 'complete'), '');
  return program;
}

async function writePond(directory) {
  const bundle = join(directory, 'write-pond.mjs');
  await build({
    entryPoints: [join(here, 'write-pond.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
    logLevel: 'warning',
  });
  execFileSync(process.execPath, [bundle, directory], { stdio: 'inherit' });
}

function plantDifference(directory) {
  const path = join(directory, 'expected.json');
  const expected = JSON.parse(readFileSync(path, 'utf8'));
  expected.rows[7].size += 1;
  writeFileSync(path, JSON.stringify(expected));
}

async function compareWithDuckDb(directory, check) {
  const expected = JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8'));
  const files = JSON.parse(readFileSync(join(directory, 'active.json'), 'utf8'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const list = files.map((file) => `'${fileURLToPath(new URL(file, 'file:///'))}'`).join(', ');
  const result = await connection.runAndReadAll(
    `select part_id, node_id, name, file_type, version::double, epoch_us(timestamp)::double, txn_seq::double, deleted,
       storage_format, size::double, sha256, factory, min_event_time::double, max_event_time::double, attributes
     from read_parquet([${list}]) order by txn_seq, part_id, node_id, version`,
  );
  const ours = expected.rows
    .toSorted(
      (a, b) =>
        a.txnSeq - b.txnSeq ||
        (a.partId < b.partId ? -1 : a.partId > b.partId ? 1 : 0) ||
        (a.nodeId < b.nodeId ? -1 : a.nodeId > b.nodeId ? 1 : 0) ||
        a.version - b.version,
    )
    .map((row) => [
      row.partId,
      row.nodeId,
      row.name,
      row.fileType,
      row.version,
      row.timestamp,
      row.txnSeq,
      row.deleted,
      row.storageFormat,
      row.size,
      row.sha256,
      row.factory,
      row.minEventTime,
      row.maxEventTime,
      row.attributes,
    ]);
  const theirs = result.getRows();
  check('DuckDB reads the same rows', JSON.stringify(theirs), JSON.stringify(ours));
  const inline = await connection.runAndReadAll(
    `select node_id || '@' || version, lower(hex(content)) from read_parquet([${list}]) where storage_format = 'inline' order by 1`,
  );
  check(
    'DuckDB reads the same contents',
    JSON.stringify(inline.getRows()),
    JSON.stringify(Object.entries(expected.inline).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
}
