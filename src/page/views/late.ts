import { duration } from '../parts/words.js';
import type { Overview, Standing } from '../shapes.js';

/** Something that has not come in time: where to look, and what is known of it. */
export interface Late {
  readonly words: string;
  readonly address: readonly [view: string, query: Readonly<Record<string, string>>];
  readonly since: string;
}

/** Finds what has not come in time, and what does not go on by itself: silent paths, schedules and watched folders with a fault. */
export const lateIn = ({ entries, schedules = [], watches = [] }: Overview): readonly Late[] => [
  ...entries.filter(({ failing_since }) => failing_since !== null).flatMap(silentPaths),
  ...schedules
    .filter(({ problem }) => problem !== null)
    .map(({ path, problem }) => ({ words: path, address: ['schedules', {}] as const, since: problem ?? '' })),
  ...watches
    .filter(({ problem }) => problem !== null)
    .map(({ path, problem }) => ({
      words: path,
      address: ['schedules', {}] as const,
      since: problem?.message ?? '',
    })),
];

/** Paths that `freshness` has found silent, as its report says. */
const silentPaths = ({ factory_name, last }: Standing): readonly Late[] => {
  const report = last?.report as { readonly checked?: unknown } | null | undefined;
  if (factory_name !== 'freshness' || !Array.isArray(report?.checked)) return [];
  return (report.checked as readonly Checked[])
    .filter(({ fresh }) => fresh === false)
    .map(({ path, age_s, within_s, ahead }) => ({
      words: String(path),
      // A pattern is shown by what it is below.
      address: ['files', { path: String(path).replace(/\/[^/]*[*?[{].*$/, '') || '/' }] as const,
      since:
        ahead === true
          ? 'its newest event lies in the future'
          : typeof age_s === 'number'
            ? `silent for ${duration(age_s * 1000)}, expected within ${duration(Number(within_s) * 1000)}`
            : 'nothing has ever come',
    }));
};

interface Checked {
  readonly path?: unknown;
  readonly fresh?: unknown;
  readonly age_s?: unknown;
  readonly within_s?: unknown;
  readonly ahead?: unknown;
}
