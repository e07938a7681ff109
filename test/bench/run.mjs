// `npm run bench`: builds the product into a scratch folder, measures it against the floor of this machine, and prints
// one table of figures beside their targets. A time never makes it fail; a part that breaks does, after the figures of
// the others. Arguments name the parts to run: all of them when there are none, but for the peers, which are installed
// for it, and what takes many minutes. `--small` measures nothing: it runs every part but those that
// need a database server, on as little as there can be.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProduct } from './machinery/build-product.mjs';

const PARTS = {
  commits: 'benchCommits',
  tasks: 'benchTasks',
  background: 'benchBackground',
  fleet: 'benchFleet',
  derived: 'benchDerived',
  gates: 'benchGates',
  notices: 'benchNotices',
  collecting: 'benchCollecting',
  opening: 'benchOpening',
  'start-up': 'benchStartUp',
  'large-file': 'benchLargeFile',
  'host-plans': 'benchHostPlans',
  planner: 'benchPlanner',
  telemetry: 'benchTelemetry',
  peers: 'benchPeers',
  growth: 'benchGrowth',
  queries: 'benchQueries',
  remotes: 'benchRemotes',
  size: 'benchSize',
};

const ON_SERVERS = ['fleet', 'peers'];
const ONLY_WHEN_ASKED = ['fleet', 'peers', 'growth', 'size', 'remotes', 'queries'];

const printTable = (rows) => {
  const cells = [['measured', 'figure', 'target', 'how it was obtained'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  }
};

const SMALL = '--small';
const words = process.argv.slice(2);
const isSmall = words.includes(SMALL);
// The parts look at it when they are loaded.
if (isSmall) process.env.POND_BENCH_SMALL = '1';

const asked = words.filter((word) => word !== SMALL);
const isWanted = (name) => {
  if (asked.length > 0) return asked.includes(name);
  return !(isSmall ? ON_SERVERS : ONLY_WHEN_ASKED).includes(name);
};
const unknown = asked.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), 'pond-bench-'));
try {
  const product = await buildProduct(scratch);
  const rows = [];
  for (const [name, bench] of Object.entries(PARTS)) {
    if (!isWanted(name)) continue;
    console.error(`measuring ${name} ...`);
    try {
      const part = await import(`./${name}.mjs`);
      rows.push(...(await part[bench](product, scratch)));
    } catch (error) {
      console.error(error);
      rows.push([name, 'could not be measured', '', error instanceof Error ? error.message : String(error)]);
      process.exitCode = 1;
    }
  }
  printTable(rows);
  const load = loadavg()[0].toFixed(1);
  console.log(`Node ${process.version}, ${cpus().length} cores, load ${load}: a busy machine tells less.`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
