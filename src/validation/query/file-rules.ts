import { nearestName } from '../../domain/text/nearest-name.js';
import { columnsOf, type Rules, type Severity } from '../rules.js';
import { type FoundFile, referenceKey } from './found-file.js';

/** A rule about the shape of a file, and what is wrong; null: nothing. */
export interface FileRule {
  readonly kind: 'columns' | 'strict' | 'references';
  readonly column: string | null;
  readonly severity: Severity;
  readonly limit: string;
  readonly problem: string | null;
}

/** Columns that are named must be there, others must not where rules are strict, and what is referred to must exist. */
export const fileRulesOf = (rules: Rules, file: FoundFile): readonly FileRule[] => {
  const found = file.columns.map(({ name }) => name);
  const named = rules.columns.map(({ name }) => name);
  const missing = (name: string): string => {
    const nearest = nearestName(name, found);
    const meant = nearest === null ? '' : `, ${nearest} is meant?`;
    return `the column ${name} is missing${meant} (the file has ${found.join(', ')})`;
  };
  const others = found.filter((name) => !named.includes(name));
  return [
    ...rules.columns.map((column): FileRule => {
      const problem = found.includes(column.name) ? null : missing(column.name);
      const { severity } = column;
      return { kind: 'columns', column: column.name, severity, limit: 'there', problem };
    }),
    ...rules.checks.flatMap(({ measure, name, severity }): readonly FileRule[] =>
      columnsOf(measure)
        .filter((column) => !named.includes(column) && !found.includes(column))
        .map((column) => ({
          kind: 'columns',
          column,
          severity,
          limit: 'there',
          problem: `${name}: ${missing(column)}`,
        })),
    ),
    ...rules.columns.flatMap(({ name, references, severity }): readonly FileRule[] => {
      if (references === null || file.referred.has(referenceKey(references))) return [];
      const problem = `${references.file} has no column ${references.column}, which ${name} refers to`;
      return [{ kind: 'references', column: name, severity, limit: references.file, problem }];
    }),
    ...(rules.strict
      ? [
          {
            kind: 'strict',
            column: null,
            severity: 'error',
            limit: named.join(', '),
            problem: others.length === 0 ? null : `columns that no rule names: ${others.join(', ')}`,
          } satisfies FileRule,
        ]
      : []),
  ];
};
