import type { JsonObject } from '../../domain/documents/json.js';
import { printable } from '../../domain/text/printable.js';
import type { PondChange } from './pond-changes.js';
import { differenceDocument, shownValue } from './value-differences.js';

/** Changes as lines for people; one that says so where there are none. */
export const renderChanges = (changes: readonly PondChange[]): readonly string[] =>
  changes.length === 0 ? ['unchanged'] : changes.flatMap(linesOf).map(printable);

const linesOf = (change: PondChange): readonly string[] => {
  switch (change.kind) {
    case 'mkdir':
      return [`make   ${change.path}/`];
    case 'file':
      return [
        change.sizeBefore === null
          ? `write  ${change.path} (${change.content.length} bytes)`
          : `change ${change.path} (${change.sizeBefore} -> ${change.content.length} bytes)`,
      ];
    case 'setting':
      return [`set    ${change.key}: ${change.before ?? '(none)'} -> ${change.value}`];
    case 'node':
      return [
        `${change.isNew ? 'make  ' : 'change'} ${change.path} (${change.factory})`,
        ...change.differences.map(
          ({ key, before, after }) => `         ${key}: ${shownValue(before)} -> ${shownValue(after)}`,
        ),
      ];
  }
};

export const changeDocument = (change: PondChange): JsonObject => {
  switch (change.kind) {
    case 'mkdir':
      return { kind: 'mkdir', path: change.path };
    case 'file':
      return {
        kind: 'file',
        path: change.path,
        size: change.content.length,
        size_before: change.sizeBefore,
      };
    case 'setting':
      return { kind: 'setting', key: change.key, before: change.before, value: change.value };
    case 'node':
      return {
        kind: 'node',
        path: change.path,
        factory: change.factory,
        is_new: change.isNew,
        differences: change.differences.map(differenceDocument),
      };
  }
};
