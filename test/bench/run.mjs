// `npm run bench`: builds the product into a scratch folder, measures it against the floor of this machine, and prints
// one table of figures beside their targets. A time never makes it fail; a part that breaks does, after the figures of
// the others. Arguments name the parts to run: all of them when there are none, but for the peers, which are installed
// for it, and what takes many minutes.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchBackground } from './background.mjs';
import { benchCollecting } from './collecting.mjs';
import { benchCommits } from './commits.mjs';
import { benchDerived } from './derived.mjs';
import { benchFleet } from './fleet.mjs';
import { benchGates } from './gates.mjs';
import { benchGrowth } from './growth.mjs';
import { benchHostPlans } from './host-plans.mjs';
import { benchLargeFile } from './large-file.mjs';
import { buildProduct } from './machinery/build-product.mjs';
import { benchNotices } from './notices.mjs';
import { benchOpening } from './opening.mjs';
import { benchPeers } from './peers.mjs';
import { benchPlanner } from './planner.mjs';
import { benchQueries } from './queries.mjs';
import { benchRemotes } from './remotes.mjs';
import { benchSize } from './size.mjs';
import { benchStartUp } from './start-up.mjs';
import { benchTasks } from './tasks.mjs';
import { benchTelemetry } from './telemetry.mjs';

const PARTS = {
  commits: benchCommits,
  tasks: benchTasks,
  background: benchBackground,
  fleet: benchFleet,
  derived: benchDerived,
  gates: benchGates,
  notices: benchNotices,
  collecting: benchCollecting,
  opening: benchOpening,
  'start-up': benchStartUp,
  'large-file': benchLargeFile,
  'host-plans': benchHostPlans,
  planner: benchPlanner,
  telemetry: benchTelemetry,
  peers: benchPeers,
  growth: benchGrowth,
  queries: benchQueries,
  remotes: benchRemotes,
  size: benchSize,
};

const ONLY_WHEN_ASKED = ['fleet', 'peers', 'growth', 'size', 'remotes', 'queries'];

const printTable = (rows) => {
  const cells = [['measured', 'figure', 'target', 'how it was obtained'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  }
};

const asked = process.argv.slice(2);
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
    if (asked.length > 0 ? !asked.includes(name) : ONLY_WHEN_ASKED.includes(name)) continue;
    console.error(`measuring ${name} ...`);
    try {
      rows.push(...(await bench(product, scratch)));
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
