// Lets Spark do to a pond's table what it may do by the protocol, and then uses the pond. Spark needs Java, and from
// Maven the classes of Delta Lake: where these cannot be had, that is said, and nothing is compared.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareMoments } from './spark-moments.mjs';
import { checkUsed, pond, withPonds } from './used-pond.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../../node_modules/.cache');

const DELTA = '4.0.0';
const PACKAGES = ['pyspark==4.0.1', `delta-spark==${DELTA}`];

/** Versions of the format that a pond has and Spark writes: everything but what raises them. */
const CASES = [
  ...['optimize', 'z-order', 'vacuum', 'properties', 'gzip', 'zstd'].map((what) => ({ what, old: false })),
  { what: 'checkpoint', old: true },
].map((one) => ({ ...one, base: 'plain' }));

const PACKED_CASES = ['vacuum', 'checkpoint'].map((what) => ({
  what,
  base: 'packed',
  old: what === 'checkpoint',
}));

/** What the pond cannot read any more, and must say so. */
const UNSUPPORTED = ['deletion-vectors'];

export const compareSpark = async ({ check }, pythonWith) => {
  const installed = installSpark(pythonWith);
  if ('problem' in installed) {
    console.log(`Spark cannot be installed here, so nothing was compared with it: ${installed.problem}`);
    return false;
  }
  await compareMoments({ check }, (directories) =>
    sparkOn(
      installed,
      directories.map((directory) => [directory, 'read']),
    ).map((rows) => JSON.stringify(rows)),
  );
  await withPonds(({ roots, copyOf }) => {
    const cases = [...CASES, ...PACKED_CASES].map((one, index) => ({
      ...one,
      directory: copyOf(one.base, `used-${index}`, one),
      title: `after ${one.what} by Spark${one.old ? ' of an old log' : ''}${one.base === 'packed' ? ' of a packed log' : ''} the pond`,
    }));
    const raised = UNSUPPORTED.map((what) => ({ what, directory: copyOf('plain', what, { old: false }) }));
    const entries = cases.map(({ directory }) => currentEntries(directory));
    const seen = runSpark(installed, [...cases, ...raised]);
    for (const [index, { directory, title, base }] of cases.entries()) {
      check(`${title} was read`, JSON.stringify(seen[index]), JSON.stringify(entries[index]));
      checkUsed(check, { directory, title, root: roots[base] });
    }
    for (const { what, directory } of raised) {
      const said = pond(directory, 'list');
      check(`${what} by Spark are told as what is not supported`, /not support/.test(said), true);
      check(`${what} by Spark are not told as damage`, /damaged|corrupt/.test(said), false);
      if (!/not support/.test(said)) console.log(said);
    }
  });
  return true;
};

/** Names, sizes and digests of the files of the pond, as Spark finds them in the newest rows. */
const currentEntries = (directory) =>
  JSON.parse(pond(directory, 'list', '--json'))
    .filter(({ file_type }) => file_type === 'file')
    .map(({ path, size, sha256 }) => [path.split('/').at(-1), size, sha256])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

/** One Spark for all of them: its start takes longer than its work. */
const runSpark = (installed, cases) =>
  sparkOn(
    installed,
    cases.map(({ directory, what }) => [join(directory, 'data'), what]),
  );

const sparkOn = ({ python, jars }, list) => {
  const said = execFileSync(python, [join(here, 'spark.py'), jars, JSON.stringify(list)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(said.trimEnd().split('\n').at(-1));
};

const installSpark = (pythonWith) => {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.error !== undefined || java.status !== 0) return { problem: 'there is no Java' };
  try {
    return { jars: deltaJars(), python: pythonWith(PACKAGES) };
  } catch (error) {
    return { problem: String(error.stderr ?? '').trim() || error.message };
  }
};

/** The classes of Delta Lake for Spark, from Maven, once: a list with commas. */
const deltaJars = () => {
  const kept = join(cache, `interop-delta-spark-${DELTA}`);
  if (!existsSync(kept)) {
    const being = `${kept}-${process.pid}`;
    mkdirSync(being, { recursive: true });
    writeFileSync(join(being, 'pom.xml'), POM);
    const jars = join(being, 'jars');
    const maven = ['-q', '-B', '-f', join(being, 'pom.xml'), 'dependency:copy-dependencies'];
    const fetched = spawnSync(
      'mvn',
      [...maven, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime', '-DexcludeGroupIds=org.scala-lang'],
      { encoding: 'utf8' },
    );
    if (fetched.error !== undefined) throw fetched.error;
    if (fetched.status !== 0) throw new Error(`mvn: ${fetched.stdout.split('\n').slice(0, 3).join(' ')}`);
    rmSync(kept, { recursive: true, force: true });
    renameSync(jars, kept);
    rmSync(being, { recursive: true });
  }
  return readdirSync(kept)
    .map((name) => join(kept, name))
    .join(',');
};

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>interop</groupId><artifactId>interop</artifactId><version>1</version><dependencies><dependency>
<groupId>io.delta</groupId><artifactId>delta-spark_2.13</artifactId><version>${DELTA}</version>
</dependency></dependencies></project>`;
