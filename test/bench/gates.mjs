import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { interleaved, median, ms, settled, timed, times } from './machinery/measure.mjs';
import { peakMemoryOf, runNode } from './machinery/processes.mjs';
import { sized } from './machinery/sized.mjs';

const ROUNDS = sized(400, 1);
const WARM_UP = sized(60, 0);
const ROWS = sized(1_000_000, 2_000);
const VALIDATIONS = sized(5, 1);

const GATE = `factory: validate
condition: { path_pattern: "/elsewhere/**" }
config: { columns: [ { name: a, type: number, max: 60 } ] }
`;

/** A commit beside a gate that has nothing to check, and ten checks over a million rows beside DuckDB alone. */
export const benchGates = async (product, scratch) => [
  await besideGate(product, scratch),
  ...(await millionRows(product, scratch)),
];

const besideGate = async ({ Steward }, scratch) => {
  const pondWith = async (name, gate) => {
    const directory = join(scratch, name);
    await settled(Steward.init(directory));
    const pond = await settled(Steward.open(directory));
    const write = (path, text) => settled(pond.write(({ fs }) => fs.write(path, Buffer.from(text))));
    // Both have something configured, which has to be looked at with every commit.
    await write('/etc/system.d/10.yaml', GATE);
    if (gate !== null) {
      await settled(pond.write(({ fs }) => fs.mkdirAll('/etc/gate.d')));
      await write('/etc/gate.d/10.yaml', gate);
    }
    return { write, close: () => settled(pond.close()) };
  };
  const plain = await pondWith('without-gate', null);
  const gated = await pondWith('with-gate', GATE);
  // Processor time: what fsync takes differs by more than a gate does.
  const used = { plain: [], gated: [] };
  const write = (name, pond) => async (round) => {
    const before = process.cpuUsage();
    await pond.write(`/${round % 50}.txt`, `${round} `.repeat(200));
    const { user, system } = process.cpuUsage(before);
    if (round >= WARM_UP) used[name].push((user + system) / 1000);
  };
  await interleaved(ROUNDS, WARM_UP, { plain: write('plain', plain), gated: write('gated', gated) });
  await plain.close();
  await gated.close();
  const [without, beside] = [median(used.plain), median(used.gated)];
  return [
    'a commit beside a gate that has nothing to check',
    `${(beside - without).toFixed(3)} ms more`,
    '<= 0.1 ms',
    `${ms(beside)} of the processor's time, beside ${ms(without)} in a pond with a task alone; medians of ${ROUNDS}`,
  ];
};

const RULES = `columns:
  - { name: date, required: true }
  - { name: station, pattern: "^S[0-9]+$", unique: false }
  - { name: temp_max, type: number, min: -60, max: 60 }
  - { name: temp_min, type: number, required: true }
  - { name: wind, type: number, min: 0, max: 100 }
  - { name: weather, enum: [rain, sun, fog] }
checks:
  - { metric: duplicateValues, column: station, mustBeGreaterThan: 0 }
`;

/** The same counts as DuckDB makes them by itself. */
const COUNTS = `SELECT count(*), count(*) FILTER (WHERE date IS NULL),
  count(*) FILTER (WHERE NOT regexp_matches(station, '^S[0-9]+$')),
  count(*) FILTER (WHERE temp_max < -60), count(*) FILTER (WHERE temp_max > 60),
  count(*) FILTER (WHERE temp_min IS NULL),
  count(*) FILTER (WHERE wind < 0), count(*) FILTER (WHERE wind > 100),
  count(*) FILTER (WHERE weather NOT IN ('rain', 'sun', 'fog')), count(station) - count(DISTINCT station)
  FROM read_csv_auto('FILE')`;

const millionRows = async ({ pond, Steward }, scratch) => {
  const host = join(scratch, 'gates-host');
  mkdirSync(host);
  const csv = join(host, 'rows.csv');
  const rules = join(host, 'rules.yaml');
  writeRows(csv);
  writeFileSync(rules, RULES);
  const directory = join(scratch, 'gates');
  await settled(Steward.init(directory));
  runNode([pond, '--pond', directory, 'copy', `host://${csv}`, '/rows.csv']);
  const script = `import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.runAndReadAll(${JSON.stringify(COUNTS.replace('FILE', csv))});`;
  const inProject = { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' };
  const duckdb = () => {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], inProject);
    if (status !== 0) throw new Error(stderr);
  };
  const validate = [pond, '--pond', directory, 'validate', '/rows.csv', '--rules', rules];
  const measured = { duckdb: [], validate: [] };
  for (let round = 0; round <= VALIDATIONS; round += 1) {
    const one = await timed(duckdb);
    const other = await timed(() => runNode(validate));
    if (round === 0) continue;
    measured.duckdb.push(one);
    measured.validate.push(other);
  }
  const peak = peakMemoryOf(validate);
  const [floor, ours] = [median(measured.duckdb), median(measured.validate)];
  return [
    [
      `ten checks over ${ROWS / 1e6} million rows of CSV`,
      times(ours / floor),
      '<= 1.3 x',
      `${ms(ours)} for pond validate, beside ${ms(floor)} for DuckDB in a process of its own; medians of ${VALIDATIONS}`,
    ],
    [
      '  its memory',
      `${peak.toFixed(0)} MB`,
      '< 300 MB',
      'largest resident set of the process and those it starts',
    ],
  ];
};

const writeRows = (path) => {
  const file = openSync(path, 'wx');
  const lines = ['date,station,temp_max,temp_min,wind,weather'];
  for (let row = 0; row < ROWS; row += 1) {
    const day = String(1 + (row % 28)).padStart(2, '0');
    const weather = ['rain', 'sun', 'fog'][row % 3];
    lines.push(
      `2020-01-${day},S${row % 1000},${(row % 90) - 30}.5,${(row % 50) - 30},${row % 20},${weather}`,
    );
    if (lines.length < 10_000) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines.length = 0;
  }
  if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
  closeSync(file);
};
