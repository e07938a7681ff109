import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../domain/documents/decode-error.js';
import { parseYaml } from '../domain/documents/yaml-document.js';
import { type RawCheck, readCheck } from './check-codec.js';
import { limitFaults } from './column-limits.js';
import { type KeyFault, oneOf } from './key-fault.js';
import { patternFault } from './pattern.js';
import { type Check, COLUMN_TYPES, type ColumnRules, METRICS, type Rules, type Severity } from './rules.js';
import { Count, Numeric, NumericRange, ScalarList, ScalarOrNullList, Text } from './small-codecs.js';

/** Fault of a contract. */
export type ContractProblem = { readonly problem: string } | { readonly errors: readonly KeyError[] };

/*
 * A contract says much besides its schema, and may say more in later versions: what is not read here is nobody's
 * mistake. What is read must have its shape.
 */

const Quality = t.partial({
  type: oneOf(['library', 'sql', 'text', 'custom']),
  name: Text,
  description: t.string,
  metric: oneOf(METRICS),
  rule: t.string,
  query: Text,
  unit: t.string,
  severity: t.string,
  arguments: t.partial({
    missingValues: ScalarOrNullList,
    validValues: ScalarList,
    pattern: Text,
    properties: t.readonlyArray(Text),
  }),
  mustBe: t.union([Numeric, t.boolean]),
  mustNotBe: t.union([Numeric, t.boolean]),
  mustBeGreaterThan: Numeric,
  mustBeGreaterOrEqualTo: Numeric,
  mustBeLessThan: Numeric,
  mustBeLessOrEqualTo: Numeric,
  mustBeBetween: NumericRange,
  mustNotBeBetween: NumericRange,
});
type Quality = t.TypeOf<typeof Quality>;

const Bound = t.union([t.number, t.string]);

const Property = t.intersection([
  t.type({ name: Text }),
  t.partial({
    logicalType: oneOf(COLUMN_TYPES),
    required: t.boolean,
    unique: t.boolean,
    primaryKey: t.boolean,
    logicalTypeOptions: t.partial({
      minimum: Bound,
      maximum: Bound,
      minLength: Count,
      maxLength: Count,
      pattern: Text,
    }),
    quality: t.readonlyArray(Quality),
  }),
]);
type Property = t.TypeOf<typeof Property>;

const Schema = t.intersection([
  t.type({ name: Text }),
  t.partial({
    physicalName: Text,
    properties: t.readonlyArray(Property),
    quality: t.readonlyArray(Quality),
  }),
]);
type Schema = t.TypeOf<typeof Schema>;

const Contract = t.type({
  kind: oneOf(['DataContract']),
  apiVersion: Text,
  schema: t.readonlyArray(Schema, 'a list of schemas'),
});

/** Tells whether a YAML document means to be a contract. */
export const isContract = (document: unknown): boolean =>
  typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'DataContract';

/** Reads the rules of one schema of an ODCS document; the only one where none is named. */
export const readContract = (
  bytes: Uint8Array,
  schemaName: string | null,
): Either<ContractProblem, Rules> => {
  const parsed = parseYaml(bytes);
  return isLeft(parsed) ? left({ problem: parsed.left.problem }) : contractRules(parsed.right, schemaName);
};

export const contractRules = (
  document: unknown,
  schemaName: string | null,
): Either<ContractProblem, Rules> => {
  const decoded = Contract.decode(document);
  if (isLeft(decoded)) return left({ errors: keyErrors(decoded.left) });
  const { schema: schemas, apiVersion } = decoded.right;
  if (!/^v3\./.test(apiVersion))
    return left({ problem: `apiVersion is ${apiVersion}; contracts of version 3 are read` });
  const schema = schemas.length === 1 && schemaName === null ? schemas[0] : namedSchema(schemas, schemaName);
  if (schema === undefined) {
    const names = schemas.map(({ name }) => name).join(', ');
    return left({
      problem:
        schemaName === null
          ? `has the schemas ${names}: write contract: FILE#NAME`
          : `has no schema ${schemaName}, but ${names}`,
    });
  }
  return rulesOfSchema(schema, schemas.indexOf(schema));
};

const namedSchema = (schemas: readonly Schema[], wanted: string | null): Schema | undefined =>
  schemas.find(({ name, physicalName }) => name === wanted || physicalName === wanted);

const rulesOfSchema = (schema: Schema, index: number): Either<ContractProblem, Rules> => {
  const errors: KeyError[] = [];
  const unchecked: string[] = [];
  const note = (where: string) => (faults: readonly KeyFault[]) => {
    for (const { steps, message } of faults) errors.push({ key: [where, ...steps].join('.'), message });
  };
  const at = `schema[${index}]`;
  const { properties = [], quality = [] } = schema;
  const keys = properties.filter(({ primaryKey }) => primaryKey === true).map(({ name }) => name);
  const columns = properties.map((property, place) => {
    const column = columnOf(property, keys.length === 1);
    const faults = [...limitFaults(column), ...patternFaults(column)];
    note(`${at}.properties[${place}].logicalTypeOptions`)(faults);
    return column;
  });
  const checksOf = (qualities: readonly Quality[], column: string | null, where: string): readonly Check[] =>
    qualities.flatMap((each, place) => checkOf(each, column, note(`${where}.quality[${place}]`), unchecked));
  const checks = [
    // A key of several columns: each is required, together they are unique.
    ...(keys.length > 1 ? [uniqueTogether(keys)] : []),
    ...properties.flatMap((property, place) =>
      checksOf(property.quality ?? [], property.name, `${at}.properties[${place}]`),
    ),
    ...checksOf(quality, null, at),
  ];
  return errors.length > 0
    ? left({ errors })
    : right({ columns, strict: false, checks: withOwnNames(checks), unchecked });
};

const uniqueTogether = (columns: readonly string[]): Check => ({
  name: 'primary key',
  severity: 'error',
  unit: 'rows',
  limits: [{ operator: 'mustBe', than: 0 }],
  measure: { kind: 'duplicateValues', columns },
});

const columnOf = (
  { name, logicalType, required, unique, primaryKey = false, logicalTypeOptions: options = {} }: Property,
  isOnlyKey: boolean,
): ColumnRules => ({
  name,
  severity: 'error',
  type: logicalType ?? null,
  required: required ?? primaryKey,
  unique: unique ?? (primaryKey && isOnlyKey),
  min: options.minimum ?? null,
  max: options.maximum ?? null,
  minLength: options.minLength ?? null,
  maxLength: options.maxLength ?? null,
  enum: null,
  pattern: options.pattern ?? null,
  references: null,
});

const patternFaults = ({ pattern }: ColumnRules): readonly KeyFault[] => {
  const problem = pattern === null ? null : patternFault(pattern);
  return problem === null ? [] : [{ steps: ['pattern'], message: problem }];
};

/** A check of a contract; what cannot be checked here is noted by name. */
const checkOf = (
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
  const known = metric ?? METRICS.find((each) => each === rule);
  const raw: RawCheck = {
    ...limitsIn(quality),
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

const withOwnNames = (checks: readonly Check[]): readonly Check[] => {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const count = (seen.get(check.name) ?? 0) + 1;
    seen.set(check.name, count);
    return count === 1 ? check : { ...check, name: `${check.name} (${count})` };
  });
};
