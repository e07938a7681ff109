import type { ColumnRules, ColumnType, Scalar } from '../rules.js';
import { fault, type KeyFault } from './key-fault.js';

/** Finds which of a column's rules do not go together with its type. */
export const limitFaults = (rules: ColumnRules): readonly KeyFault[] => [
  ...BOUNDS.flatMap((key) => boundFaults(rules, key)),
  ...multipleFaults(rules),
  ...orderFaults(rules),
  ...enumFaults(rules),
];

const BOUNDS = ['min', 'max', 'exclusiveMinimum', 'exclusiveMaximum'] as const;

const multipleFaults = ({ type, multipleOf }: ColumnRules): readonly KeyFault[] =>
  multipleOf === null || type === 'number' || type === 'integer'
    ? []
    : [fault('multipleOf', `is for numbers, and the column is of type ${type}`)];

const boundFaults = ({ type, ...rules }: ColumnRules, key: (typeof BOUNDS)[number]): readonly KeyFault[] => {
  const bound = rules[key];
  if (bound === null) return [];
  if (type === null)
    return [fault(key, 'a bound that is a text needs the type of the column beside it, such as type: date')];
  const problem = valueProblem(type, bound);
  return problem === null ? [] : [fault(key, `${problem}, since the column is of type ${type}`)];
};

const orderFaults = ({ min, max, minLength, maxLength }: ColumnRules): readonly KeyFault[] => [
  ...(min !== null && max !== null && typeof min === typeof max && min > max
    ? [fault('max', `is below min, ${min}`)]
    : []),
  ...(minLength !== null && maxLength !== null && minLength > maxLength
    ? [fault('maxLength', `is below minLength, ${minLength}`)]
    : []),
];

const enumFaults = ({ type, enum: values }: ColumnRules): readonly KeyFault[] => {
  if (values === null || type === null || type === 'string') return [];
  return values.flatMap((value) => {
    const problem = valueProblem(type, value);
    return problem === null ? [] : [fault('enum', `${problem}, since the column is of type ${type}`)];
  });
};

const FORMS: Readonly<Partial<Record<ColumnType, RegExp>>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  time: /^\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/,
  timestamp: /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/,
};

/** Returns why a value cannot be compared with those of a type; null: it can. */
const valueProblem = (type: ColumnType, value: Scalar): string | null => {
  const got = `got ${JSON.stringify(value)}`;
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? null : `expected a number, ${got}`;
    case 'string':
      return typeof value === 'string' ? null : `expected a text, ${got}`;
    case 'boolean':
      return typeof value === 'boolean' ? null : `expected true or false, ${got}`;
    case 'date':
    case 'time':
    case 'timestamp': {
      const isOne = typeof value === 'string' && FORMS[type]?.test(value) === true;
      return isOne ? null : `expected a ${type} such as ${EXAMPLES[type]}, ${got}`;
    }
    case 'object':
    case 'array':
      return 'nothing can be compared';
  }
};

const EXAMPLES = { date: '2026-11-28', time: '13:30:00', timestamp: '2026-11-28T13:30:00Z' } as const;
