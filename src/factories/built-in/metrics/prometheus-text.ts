import { oneLine } from '../notices/escapes.js';
import type { PathMeasures } from './measure-path.js';

/** A state of a pond that is measured, and by whom. */
export interface MeasuredState {
  readonly pondId: string;
  readonly configPath: string;
  readonly txnSeq: number;
  readonly nowMicros: number;
}

const MARK = '# pond-steward';

/**
 * Measures in the text format of Prometheus, version 0.0.4. The first line says whose the file is and of which commit; to
 * collectors it is a comment.
 */
export const prometheusText = (state: MeasuredState, measures: readonly PathMeasures[]): string =>
  [
    `${MARK} ${state.pondId} ${state.txnSeq} ${oneLine(state.configPath)}`,
    ...gauge('pond_commit', 'Number of the commit that was measured.', [
      { labels: { pond: state.pondId }, value: state.txnSeq },
    ]),
    ...gauge('pond_path_rows', 'Rows of a file.', of(measures, 'rows')),
    ...gauge('pond_path_bytes', 'Bytes of a file, of a series of all its versions.', of(measures, 'bytes')),
    ...gauge('pond_path_versions', 'Versions of a file.', of(measures, 'versions')),
    ...gauge(
      'pond_path_newest_event_timestamp_seconds',
      'Time of the newest event of a series, or of the newest version of any other file.',
      of(measures, 'newestEvent').map(({ labels, value }) => ({ labels, value: value / 1e6 })),
    ),
    ...gauge(
      'pond_path_newest_event_age_seconds',
      'Time since the newest event, as it was when this file was written.',
      of(measures, 'newestEvent').map(({ labels, value }) => ({
        labels,
        value: (state.nowMicros - value) / 1e6,
      })),
    ),
    '',
  ].join('\n');

/** Returns what the first line of such a file says; null: it is not one of a pond's. */
export const ownerOf = (text: string): Pick<MeasuredState, 'pondId' | 'configPath' | 'txnSeq'> | null => {
  const match = /^# pond-steward (\S+) (\d+) ([^\n]+)\n/.exec(text);
  const [, pondId, txnSeq, configPath] = match ?? [];
  return pondId === undefined || configPath === undefined
    ? null
    : { pondId, configPath, txnSeq: Number(txnSeq) };
};

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const of = (
  measures: readonly PathMeasures[],
  what: Exclude<keyof PathMeasures, 'path'>,
): readonly Sample[] =>
  measures.flatMap(({ path, [what]: value }) => (value === null ? [] : [{ labels: { path }, value }]));

const gauge = (name: string, help: string, samples: readonly Sample[]): readonly string[] =>
  samples.length === 0
    ? []
    : [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} gauge`,
        ...samples.map(({ labels, value }) => `${name}{${printLabels(labels)}} ${value}`),
      ];

const printLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
