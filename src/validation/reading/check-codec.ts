import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import { limitText } from '../limit-text.js';
import {
  type Check,
  type Limit,
  METRICS,
  type Measure,
  RANGE_OPERATORS,
  type Severity,
  SINGLE_OPERATORS,
} from '../rules.js';
import { fault, type KeyFault, oneOf, type Reading, readWith } from './key-fault.js';
import { patternFault } from './pattern.js';
import { OPERATORS, ScalarOrNullList, Text } from './small-codecs.js';

const ARGUMENTS = {
  missingValues: ScalarOrNullList,
  validValues: ScalarOrNullList,
  pattern: Text,
  properties: t.readonlyArray(Text, 'a list of columns'),
};

const OPTIONAL = {
  ...OPERATORS,
  name: Text,
  description: t.string,
  metric: oneOf(METRICS),
  sql: Text,
  column: Text,
  arguments: exactType('arguments', {}, ARGUMENTS),
  unit: oneOf(['rows', 'percent']),
  severity: oneOf(['error', 'warning']),
};

const Raw = exactType('check', {}, OPTIONAL);

/** Keys of a check, whoever wrote it. */
export type RawCheck = t.TypeOf<typeof Raw>;

/** A check: a metric or a query, and what its value must be. */
export const CheckCodec = readWith(Raw, Object.keys(OPTIONAL), (raw) => readCheck(raw));

export const readCheck = (raw: RawCheck, severity: Severity = raw.severity ?? 'error'): Reading<Check> => {
  const faults: KeyFault[] = [];
  const measure = measureOf(raw, faults);
  const limits = limitsOf(raw);
  if (limits.length === 0)
    faults.push(
      fault(
        [],
        `says nothing that its value must be: ${[...SINGLE_OPERATORS, ...RANGE_OPERATORS].join(', ')}`,
      ),
    );
  if (raw.unit === 'percent' && (measure.kind === 'sql' || measure.kind === 'rowCount'))
    faults.push(
      fault('unit', 'only nullValues, missingValues, invalidValues, duplicateValues have a percentage'),
    );
  const unit = raw.unit ?? 'rows';
  const name =
    raw.name ?? `${subjectOf(measure)} ${limits.map((limit) => limitText(limit, unit)).join(' and ')}`;
  return { value: { name, severity, unit, limits, measure }, faults };
};

const limitsOf = (raw: RawCheck): readonly Limit[] => [
  ...SINGLE_OPERATORS.flatMap((operator): readonly Limit[] => {
    const than = raw[operator];
    return than === undefined ? [] : [{ operator, than: Number(than) }];
  }),
  ...RANGE_OPERATORS.flatMap((operator): readonly Limit[] => {
    const than = raw[operator];
    return than === undefined ? [] : [{ operator, than }];
  }),
];

const measureOf = (raw: RawCheck, faults: KeyFault[]): Measure => {
  const { metric, sql, column, arguments: given = {} } = raw;
  if (sql !== undefined) {
    if (metric !== undefined) faults.push(fault('sql', 'a check has a metric or a query, not both'));
    refuseArguments(raw, [], faults);
    return { kind: 'sql', sql };
  }
  if (metric === undefined) {
    faults.push(fault('metric', 'required, or sql: a check is a metric or a query'));
    return { kind: 'rowCount' };
  }
  if (metric === 'rowCount') {
    if (column !== undefined) faults.push(fault('column', 'rowCount is about the file, not about a column'));
    refuseArguments(raw, [], faults);
    return { kind: metric };
  }
  if (metric === 'duplicateValues') {
    const columns = given.properties ?? (column === undefined ? [] : [column]);
    if (given.properties !== undefined && column !== undefined)
      faults.push(fault('column', 'says again what arguments.properties says; one is enough'));
    if (columns.length === 0) faults.push(fault('column', `required, what ${metric} is counted in`));
    refuseArguments(raw, ['properties'], faults);
    return { kind: metric, columns };
  }
  if (column === undefined) faults.push(fault('column', `required, what ${metric} is counted in`));
  const of = { column: column ?? '' };
  if (metric === 'nullValues') {
    refuseArguments(raw, [], faults);
    return { kind: metric, ...of };
  }
  if (metric === 'missingValues') {
    refuseArguments(raw, ['missingValues'], faults);
    return { kind: metric, ...of, values: given.missingValues ?? [null, ''] };
  }
  refuseArguments(raw, ['validValues', 'pattern'], faults);
  const { pattern = null } = given;
  // A missing value is not an invalid one, whether or not it is among those that are valid.
  const validValues = given.validValues?.filter((value) => value !== null) ?? null;
  const problem = pattern === null ? null : patternFault(pattern);
  if (problem !== null) faults.push(fault(['arguments', 'pattern'], problem));
  return { kind: metric, ...of, validValues, pattern };
};

const refuseArguments = (
  { metric, arguments: given = {} }: RawCheck,
  allowed: readonly (keyof typeof ARGUMENTS)[],
  faults: KeyFault[],
): void => {
  for (const key of Object.keys(given)) {
    if (!allowed.some((name) => name === key))
      faults.push(fault(['arguments', key], `means nothing to ${metric ?? 'a query'}`));
  }
};

const subjectOf = (measure: Measure): string => {
  switch (measure.kind) {
    case 'rowCount':
      return 'rowCount';
    case 'sql':
      return 'sql';
    case 'duplicateValues':
      return `duplicateValues of ${measure.columns.join(', ')}`;
    default:
      return `${measure.kind} of ${measure.column}`;
  }
};
