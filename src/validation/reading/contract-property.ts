import * as t from 'io-ts';
import { COLUMN_TYPES, type ColumnRules, type ColumnType, NO_COLUMN_RULES } from '../rules.js';
import { limitFaults } from './column-limits.js';
import { Quality } from './contract-quality.js';
import { type KeyFault, oneOf } from './key-fault.js';
import { patternFault } from './pattern.js';
import { COLUMN_LIMITS, Text } from './small-codecs.js';

const Things = t.readonlyArray(t.unknown, 'a list');

/** A property of a schema, as far as it is read. */
export const Property = t.intersection([
  t.type({ name: Text }),
  t.partial({
    physicalName: Text,
    logicalType: oneOf(COLUMN_TYPES),
    required: t.boolean,
    unique: t.boolean,
    primaryKey: t.boolean,
    logicalTypeOptions: t.partial({
      ...COLUMN_LIMITS,
      format: t.string,
    }),
    relationships: Things,
    properties: Things,
    items: t.unknown,
    quality: t.readonlyArray(Quality),
  }),
]);
export type Property = t.TypeOf<typeof Property>;

/** The name that a property has in the data. */
export const columnName = ({ name, physicalName }: Property): string => physicalName ?? name;

/** The rules of a property's column. */
export const columnOf = (property: Property, isOnlyKey: boolean): ColumnRules => {
  const { logicalType, required, unique, primaryKey = false, logicalTypeOptions: options = {} } = property;
  const whoseValues = {
    ...NO_COLUMN_RULES,
    name: columnName(property),
    required: required ?? primaryKey,
    unique: unique ?? (primaryKey && isOnlyKey),
  };
  // Times in a form of their own are strings here: nothing can be said of their type and their order.
  if (hasOwnForm(property)) return whoseValues;
  return {
    ...whoseValues,
    type: logicalType ?? null,
    min: options.minimum ?? null,
    max: options.maximum ?? null,
    exclusiveMinimum: options.exclusiveMinimum ?? null,
    exclusiveMaximum: options.exclusiveMaximum ?? null,
    multipleOf: options.multipleOf ?? null,
    minLength: options.minLength ?? null,
    maxLength: options.maxLength ?? null,
    pattern: options.pattern ?? null,
  };
};

/** Forms of times, in letters of Java's, that are read without being told. */
const USUAL_FORMS: Readonly<Partial<Record<ColumnType, RegExp>>> = {
  date: /^[yu]{4}-MM-dd$/,
  time: /^HH:mm(?::ss(?:\.S+)?)?$/,
  timestamp: /^[yu]{4}-MM-dd(?:'T'|[T ])HH:mm(?::ss(?:\.S+)?)?(?:'Z'|[ZXx]+)?$/,
};

const hasOwnForm = ({ logicalType, logicalTypeOptions: { format } = {} }: Property): boolean => {
  const usual = logicalType === undefined ? undefined : USUAL_FORMS[logicalType];
  return usual !== undefined && format !== undefined && !usual.test(format);
};

const READ_OPTIONS = [
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern'],
];

/** Names of all else that a property demands. */
export const notChecked = (property: Property): readonly string[] => {
  const { logicalType, logicalTypeOptions = {}, relationships = [], properties, items } = property;
  const isUsualTime =
    logicalType !== undefined && USUAL_FORMS[logicalType] !== undefined && !hasOwnForm(property);
  const name = columnName(property);
  const left = Object.entries(logicalTypeOptions).filter(([key]) => {
    // They say how times are to be understood, and demand nothing.
    if (key === 'timezone' || key === 'defaultTimezone') return false;
    if (key === 'format' && isUsualTime) return false;
    return hasOwnForm(property) || !READ_OPTIONS.includes(key);
  });
  return [
    ...left.map(
      ([key, value]) => `${name}: ${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
    ...relationships.map(() => `${name}: a relationship`),
    ...(properties === undefined ? [] : [`${name}: what its objects hold`]),
    ...(items === undefined ? [] : [`${name}: what its items are`]),
  ];
};

/** Finds what is wrong with the options of a property's type. */
export const optionFaults = (column: ColumnRules): readonly KeyFault[] => [
  ...limitFaults(column),
  ...patternFaults(column),
];

const patternFaults = ({ pattern }: ColumnRules): readonly KeyFault[] => {
  const problem = pattern === null ? null : patternFault(pattern);
  return problem === null ? [] : [{ steps: ['pattern'], message: problem }];
};
