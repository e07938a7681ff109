// `npm run test:interop`: what other people's programs see of ours. The data is opened by delta-rs, DuckDB and Spark; traces
// are sent to a Jaeger and asked of it. `--plant` damages what is compared, to prove that a difference is found.
// `--only delta,spark,remotes,versitygw,jaeger,fleet,fleet-table` does some of these parts; `fleet` is the control table on a PostgreSQL, with a fleet in
// trouble for `--minutes N` or until it has made `--commits N`; `fleet-table` lets other engines at the table of a shared pond. Needs python3 and Go, for Spark Java and Maven; the rest is installed here.
import '../build/ensure-installed.mjs';
import { countChecks } from './checks.mjs';

const option = process.argv.indexOf('--only');
const PARTS = ['delta', 'spark', 'remotes', 'versitygw', 'jaeger', 'fleet', 'fleet-table'];
const parts = option === -1 ? PARTS : (process.argv[option + 1] ?? '').split(',');
const unknown = parts.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`--only ${unknown}: the parts are ${PARTS.join(', ')}`);
const plant = process.argv.includes('--plant');
const checks = countChecks();

const readers = parts.every((part) => part === 'fleet') ? null : await import('./delta-readers.mjs');
if (parts.includes('delta')) await readers.compareData(checks, { plant });
const withoutSpark =
  parts.includes('spark') && !(await (await import('./spark.mjs')).compareSpark(checks, readers.pythonWith));
if (parts.includes('remotes')) {
  await (await import('./remotes.mjs')).compareRemotes(checks, readers.pythonWith);
}
const withoutVersitygw =
  parts.includes('versitygw') && !(await (await import('./remotes.mjs')).compareVersitygw(checks));
if (parts.includes('jaeger'))
  await (await import('./jaeger/compare-traces.mjs')).compareTraces(checks, { plant });

const numberOf = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`);
  return place === -1 ? otherwise : Number(process.argv[place + 1]);
};
const trouble = {
  minutes: numberOf('minutes', 1),
  commits: numberOf('commits', 60),
  seed: numberOf('seed', Date.now() % 1_000_000),
};
const withoutPostgres =
  parts.includes('fleet') && !(await (await import('./fleet.mjs')).compareFleet(checks, trouble));
const withoutTable =
  parts.includes('fleet-table') &&
  !(await (await import('./fleet.mjs')).compareFleetTable(checks, readers.pythonWith));

const { passed, failed } = checks.counts;
console.log(`${passed} passed, ${failed} failed`);
// Where Spark, versitygw or PostgreSQL cannot be had, that was said, and is not a failure of ours.
const untried = withoutSpark || withoutVersitygw || withoutPostgres || withoutTable;
process.exitCode = failed === 0 && (passed > 0 || untried) ? 0 : 1;
