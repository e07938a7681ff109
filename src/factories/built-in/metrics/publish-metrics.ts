import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../../../ports/clock.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import { PATH_GAUGE } from '../../../ports/telemetry-names.js';
import type { Entry } from '../../../tinyfs/tinyfs.js';
import type { FactoryContext } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import {
  clearTheWay,
  describePublicationError,
  executeOnHost,
  type PublicationDeps,
  type PublicationError,
} from '../host-publication.js';
import { measurePath, type PathMeasures } from './measure-path.js';
import type { MetricsConfig } from './metrics-config.js';
import { ownerOf, prometheusText } from './prometheus-text.js';

export interface MetricsDeps extends PublicationDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const MOST_PATHS = 1_000;
/** Bytes of a file that is there already which are looked at for whose it is. */
const FIRST_LINE = 4_096;

/** Measures and says it. Whoever comes after a newer commit says nothing. */
export const publishMetrics = async (
  deps: MetricsDeps,
  context: FactoryContext,
  config: MetricsConfig,
): Promise<void> => {
  if (context.supersededBy !== null) return superseded(context, context.supersededBy);
  const measures = await measuresOf(deps, context, config);
  const nowMicros = deps.clock.nowMicros();
  if (config.prometheus !== undefined) {
    const newer = await replaceFile(deps, context, config.prometheus, measures, nowMicros);
    if (newer !== null) return superseded(context, newer);
  }
  if (config.otlp !== false) for (const one of measures) observe(deps.telemetry, one, nowMicros);
  context.log.log('info', 'metrics_published', { paths: measures.length });
  context.report({
    paths: measures.length,
    ...(config.prometheus === undefined ? {} : { file: config.prometheus }),
  });
};

const superseded = (context: FactoryContext, by: number): void =>
  context.log.log('info', 'metrics_superseded', { txn_seq: context.txnSeq, superseded_by: by });

const measuresOf = async (
  { hostPlans }: MetricsDeps,
  { fs, signal }: FactoryContext,
  { paths }: MetricsConfig,
): Promise<readonly PathMeasures[]> => {
  const entries = new Map<string, Entry>();
  for (const pattern of paths) {
    const matches = await fs.collectMatches(pattern)();
    if (isLeft(matches)) throw matches.left;
    for (const entry of matches.right.entries) if (isMeasured(entry)) entries.set(entry.path, entry);
  }
  if (entries.size > MOST_PATHS)
    throw new Error(
      `${entries.size} files match, and at most ${MOST_PATHS} are measured: name fewer in config.paths`,
    );
  const measures: PathMeasures[] = [];
  for (const entry of entries.values()) {
    if (signal.aborted) throw new Error(describeAbort(signal));
    const measured = await measurePath(fs, hostPlans.files, entry)();
    if (isLeft(measured)) throw measured.left;
    measures.push(measured.right);
  }
  return measures.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

const isMeasured = ({ entryType }: Entry): boolean =>
  ['file', 'table', 'series', 'file:dynamic'].includes(entryType);

const observe = (telemetry: Telemetry, one: PathMeasures, nowMicros: number): void => {
  const { path, rows, bytes, versions, newestEvent } = one;
  const age = newestEvent === null ? null : (nowMicros - newestEvent) / 1e6;
  for (const [gauge, value] of [
    [PATH_GAUGE.rows, rows],
    [PATH_GAUGE.bytes, bytes],
    [PATH_GAUGE.versions, versions],
    [PATH_GAUGE.age, age],
  ] as const)
    if (value !== null) telemetry.observe(gauge, value, path);
};

/** Replaces the file, as one host plan; returns the newer commit whose measures are there already, or null. */
const replaceFile = async (
  deps: MetricsDeps,
  context: FactoryContext,
  file: string,
  measures: readonly PathMeasures[],
  nowMicros: number,
): Promise<number | null> => {
  await published(clearTheWay(deps, file));
  const newer = newerCommitIn(deps, context, file);
  if (newer !== null) return newer;
  const state = { pondId: context.pondId, configPath: context.path, txnSeq: context.txnSeq, nowMicros };
  const content = prometheusText(state, measures);
  await published(
    executeOnHost(deps, context, [{ id: 'metrics', kind: 'FileWrite', path: file, content, replace: true }]),
  );
  return null;
};

/** Publishes, and throws in words why nothing was published, as everything here does. */
const published = async (publication: TaskEither<PublicationError, void>): Promise<void> => {
  const outcome = await publication();
  if (isLeft(outcome)) throw new Error(describePublicationError(outcome.left));
};

/** The commit of a newer file; null where there is none. A file that this entry did not write is left alone. */
const newerCommitIn = (
  { hostPlans: { files } }: MetricsDeps,
  { pondId, path, txnSeq }: FactoryContext,
  file: string,
): number | null => {
  const stat = files.stat(file)();
  if (isLeft(stat)) {
    if (stat.left.code === 'ENOENT') return null;
    throw new Error(`${file}: ${stat.left.code}`);
  }
  const head = files.readRange(file, 0, Math.min(stat.right.size, FIRST_LINE))();
  if (isLeft(head)) throw new Error(`${file}: ${head.left.code}`);
  const owner = ownerOf(Buffer.from(head.right).toString('utf8'));
  if (owner === null)
    throw new Error(`${file} is there and was not written by this pond; remove it, or name another`);
  if (owner.pondId !== pondId || owner.configPath !== path)
    throw new Error(`${file} belongs to ${owner.configPath} of the pond ${owner.pondId}`);
  return owner.txnSeq > txnSeq ? owner.txnSeq : null;
};
