import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { ColumnRules, ColumnType, Reference } from '../rules.js';
import { limitFaults } from './column-limits.js';
import { type DbtTest, DbtTests } from './dbt-tests.js';
import { fault, type KeyFault, oneOf, type Reading, readWith } from './key-fault.js';
import { patternFault } from './pattern.js';
import { Bound, COLUMN_LIMITS, PondFile, ScalarList, Text } from './small-codecs.js';

/** Types by the names that people use for them: those of the standard, of Frictionless, and of databases. */
const TYPES = {
  string: 'string',
  text: 'string',
  varchar: 'string',
  integer: 'integer',
  int: 'integer',
  bigint: 'integer',
  number: 'number',
  double: 'number',
  float: 'number',
  decimal: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  datetime: 'timestamp',
  object: 'object',
  array: 'array',
} as const satisfies Readonly<Record<string, ColumnType>>;

const TypeName = oneOf(Object.keys(TYPES) as (keyof typeof TYPES)[]);

/** Keys that Frictionless has under `constraints`, and those that may stand beside the name as well. */
const CONSTRAINTS = {
  required: t.boolean,
  unique: t.boolean,
  ...COLUMN_LIMITS,
  enum: ScalarList,
};

const ReferenceCodec = exactType('references', { file: PondFile, column: Text }, {});
const RelationshipCodec = exactType('relationships', { to: PondFile, field: Text }, {});

const OPTIONAL = {
  ...CONSTRAINTS,
  type: TypeName,
  data_type: TypeName,
  description: t.string,
  severity: oneOf(['error', 'warning']),
  min: Bound,
  max: Bound,
  references: ReferenceCodec,
  not_null: t.boolean,
  accepted_values: ScalarList,
  relationships: RelationshipCodec,
  constraints: exactType('constraints', {}, CONSTRAINTS),
  tests: DbtTests,
  data_tests: DbtTests,
};

const Raw = exactType('column', { name: Text }, OPTIONAL);
type Raw = t.TypeOf<typeof Raw>;

/** A column with its rules, in the words of the standard, of Frictionless, or of dbt. */
export const ColumnCodec = readWith(Raw, ['name', ...Object.keys(OPTIONAL)], (raw): Reading<ColumnRules> => {
  const faults: KeyFault[] = [];
  /** The one value that several keys may give. */
  const one = <A>(...given: readonly (readonly [string | readonly string[], A | undefined])[]): A | null => {
    const said = given.filter((pair): pair is readonly [string, A] => pair[1] !== undefined);
    const [first, second] = said;
    if (first !== undefined && second !== undefined)
      faults.push(fault(second[0], `says again what ${[first[0]].flat().join('.')} says; one is enough`));
    return first?.[1] ?? null;
  };
  const { constraints: inner = {} } = raw;
  const tests = [...(raw.tests ?? []), ...(raw.data_tests ?? [])];
  const asked = <Name extends DbtTest['name']>(name: Name) =>
    tests.find((test): test is Extract<DbtTest, { name: Name }> => test.name === name);
  const typeName = one(['type', raw.type], ['data_type', raw.data_type]);
  const enumeration = one(
    ['enum', raw.enum],
    [['constraints', 'enum'], inner.enum],
    ['accepted_values', raw.accepted_values],
    ['tests', asked('accepted_values')?.values],
  );
  const written = {
    min: one(['min', raw.min], ['minimum', raw.minimum], [['constraints', 'minimum'], inner.minimum]),
    max: one(['max', raw.max], ['maximum', raw.maximum], [['constraints', 'maximum'], inner.maximum]),
    exclusiveMinimum: one(
      ['exclusiveMinimum', raw.exclusiveMinimum],
      [['constraints', 'exclusiveMinimum'], inner.exclusiveMinimum],
    ),
    exclusiveMaximum: one(
      ['exclusiveMaximum', raw.exclusiveMaximum],
      [['constraints', 'exclusiveMaximum'], inner.exclusiveMaximum],
    ),
    multipleOf: one(['multipleOf', raw.multipleOf], [['constraints', 'multipleOf'], inner.multipleOf]),
  };
  // A bound that is a number says what the values are.
  const isNumeric = Object.values(written).some((bound) => typeof bound === 'number');
  const type = typeName === null ? (isNumeric ? 'number' : null) : TYPES[typeName];
  const value: ColumnRules = {
    name: raw.name,
    severity: raw.severity ?? 'error',
    type,
    required:
      one(
        ['required', raw.required],
        [['constraints', 'required'], inner.required],
        ['not_null', raw.not_null],
      ) ?? asked('not_null') !== undefined,
    unique:
      one(['unique', raw.unique], [['constraints', 'unique'], inner.unique]) ?? asked('unique') !== undefined,
    ...written,
    minLength: one(['minLength', raw.minLength], [['constraints', 'minLength'], inner.minLength]),
    maxLength: one(['maxLength', raw.maxLength], [['constraints', 'maxLength'], inner.maxLength]),
    enum: enumeration,
    pattern: one<string>(
      ['pattern', raw.pattern],
      // Of Frictionless, the whole value has to match.
      [['constraints', 'pattern'], inner.pattern === undefined ? undefined : `^(?:${inner.pattern})$`],
    ),
    references: one<Reference>(
      ['references', raw.references],
      ['relationships', referenceOf(raw.relationships)],
      ['tests', referenceOf(asked('relationships'))],
    ),
  };
  return { value, faults: [...faults, ...patternFaults(value, raw), ...limitFaults(value)] };
});

const referenceOf = (
  relationship: { readonly to: string; readonly field: string } | undefined,
): Reference | undefined =>
  relationship === undefined ? undefined : { file: relationship.to, column: relationship.field };

const patternFaults = ({ pattern }: ColumnRules, raw: Raw): readonly KeyFault[] => {
  const problem = pattern === null ? null : patternFault(pattern);
  return problem === null
    ? []
    : [fault(raw.pattern === undefined ? ['constraints', 'pattern'] : 'pattern', problem)];
};
