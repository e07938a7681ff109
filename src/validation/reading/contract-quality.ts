import * as t from 'io-ts';
import { type Check, METRICS, type Severity } from '../rules.js';
import { type RawCheck, readCheck } from './check-codec.js';
import { type KeyFault, oneOf } from './key-fault.js';
import { OPERATORS, ScalarOrNullList, Text } from './small-codecs.js';

/** A rule of the quality of a property or a schema, as far as it is read. */
export const Quality = t.partial({
  type: oneOf(['library', 'sql', 'text', 'custom']),
  name: Text,
  description: t.string,
  metric: oneOf(METRICS),
  rule: t.string,
  validValues: ScalarOrNullList,
  query: Text,
  unit: t.string,
  severity: t.string,
  arguments: t.partial({
    missingValues: ScalarOrNullList,
    validValues: ScalarOrNullList,
    pattern: Text,
    properties: t.readonlyArray(Text),
  }),
  ...OPERATORS,
});
export type Quality = t.TypeOf<typeof Quality>;

/** Names in arguments are those of properties; in version 3.0 the valid values stood beside the rule. */
export const withArguments = (quality: Quality, nameIn: (name: string) => string): Quality => {
  const { arguments: given, validValues } = quality;
  if (given === undefined && validValues === undefined) return quality;
  const properties = given?.properties?.map(nameIn);
  return {
    ...quality,
    arguments: {
      ...(validValues === undefined ? {} : { validValues }),
      ...given,
      ...(properties === undefined ? {} : { properties }),
    },
  };
};

/** Names that version 3.0 had for what are metrics now. */
const OLD_RULES: Readonly<Record<string, (typeof METRICS)[number]>> = {
  duplicateCount: 'duplicateValues',
  validValues: 'invalidValues',
};

/** A check of a contract; what cannot be checked here is noted by name. */
export const checkOf = (
  quality: Quality,
  column: string | null,
  note: (faults: readonly KeyFault[]) => void,
  unchecked: string[],
): readonly Check[] => {
  const { type = quality.query === undefined ? 'library' : 'sql', query, metric, rule, unit } = quality;
  const name = quality.name ?? quality.description;
  if (type === 'text') return [];
  if (type === 'custom') {
    unchecked.push(name ?? 'a custom check');
    return [];
  }
  const known =
    metric ?? METRICS.find((each) => each === rule) ?? (rule === undefined ? undefined : OLD_RULES[rule]);
  // Rules of version 3.0 had names that anybody could choose.
  if (type === 'library' && known === undefined && rule !== undefined) {
    unchecked.push(name ?? rule);
    return [];
  }
  const limits = limitsIn(quality);
  const raw: RawCheck = {
    ...limits,
    ...(rule === 'validValues' && Object.keys(limits).length === 0 ? { mustBe: 0 } : {}),
    ...(name === undefined ? {} : { name }),
    ...(type === 'sql' ? { sql: queryFor(query ?? '', column) } : {}),
    ...(type === 'library' && known !== undefined ? { metric: known } : {}),
    ...(type === 'library' && column !== null && known !== 'rowCount' ? { column } : {}),
    ...(quality.arguments === undefined ? {} : { arguments: quality.arguments }),
    ...(unit === 'percent' ? { unit: 'percent' } : {}),
  };
  const { value, faults } = readCheck(raw, severityOf(quality.severity));
  note(type === 'sql' && query === undefined ? [{ steps: ['query'], message: 'required' }] : faults);
  return [value];
};

const limitsIn = ({
  type: _type,
  name: _name,
  description: _description,
  metric: _metric,
  rule: _rule,
  validValues: _validValues,
  query: _query,
  unit: _unit,
  severity: _severity,
  arguments: _arguments,
  ...limits
}: Quality): Partial<RawCheck> => limits;

const queryFor = (query: string, column: string | null): string =>
  column === null
    ? query
    : query.replaceAll(/\$?\{(?:property|column)\}/g, `"${column.replaceAll('"', '""')}"`);

/** The standard leaves the words of severities to whoever writes them. */
const severityOf = (word: string | undefined): Severity =>
  word !== undefined && /^(?:warn(?:ing)?|info|low|minor)$/i.test(word) ? 'warning' : 'error';
