// `npm run test:interop`: what other people's programs see of ours. The data is opened by delta-rs and DuckDB; traces
// are sent to a Jaeger and asked of it. `--plant` damages what is compared, to prove that a difference is found.
// `--only delta`, `--only remotes` or `--only jaeger` does a part of it. Needs python3 and Go; the rest is installed here.
import '../build/ensure-installed.mjs';
import { countChecks } from './checks.mjs';

const option = process.argv.indexOf('--only');
const only = option === -1 ? null : process.argv[option + 1];
const plant = process.argv.includes('--plant');
const checks = countChecks();

const readers = await import('./delta-readers.mjs');
if (only === null || only === 'delta') await readers.compareData(checks, { plant });
if (only === null || only === 'remotes') {
  await (await import('./remotes.mjs')).compareRemotes(checks, readers.pythonWith);
}
if (only === null || only === 'jaeger')
  await (await import('./jaeger/compare-traces.mjs')).compareTraces(checks, { plant });

const { passed, failed } = checks.counts;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
