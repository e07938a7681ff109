import type { Difference, EntryState } from '../../domain/tree/difference.js';
import { renderColumns } from '../words/render-columns.js';

/** One line a difference: what became of it, its path, its type and size before and after. */
export const renderDifferences = (differences: readonly Difference[]): readonly string[] =>
  renderColumns(
    differences.map((difference) => [
      difference.kind,
      difference.kind === 'renamed' ? `${difference.from} -> ${difference.path}` : difference.path,
      sizes(difference),
    ]),
  );

const sizes = (difference: Difference): string => {
  switch (difference.kind) {
    case 'added':
      return inWords(difference.after);
    case 'removed':
      return inWords(difference.before);
    case 'renamed':
      return difference.hasNewContent ? `${inWords(difference.before)} -> ${inWords(difference.after)}` : '';
    case 'changed':
      return `${inWords(difference.before)} -> ${inWords(difference.after)}`;
  }
};

const inWords = ({ entryType, size }: EntryState): string =>
  entryType === 'directory' ? entryType : `${entryType} ${size}`;
