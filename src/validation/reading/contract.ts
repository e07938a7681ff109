import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import type { Check, Rules } from '../rules.js';
import { columnName, columnOf, notChecked, optionFaults, Property } from './contract-property.js';
import { checkOf, Quality, withArguments } from './contract-quality.js';
import { type KeyFault, oneOf } from './key-fault.js';
import { Text } from './small-codecs.js';

/** Fault of a contract. */
export type ContractProblem = { readonly problem: string } | { readonly errors: readonly KeyError[] };

/*
 * A contract says much besides its schema, and may say more in later versions: what is not read here is nobody's
 * mistake. What is read must have its shape.
 */

const Schema = t.intersection([
  t.type({ name: Text }),
  t.partial({
    physicalName: Text,
    relationships: t.readonlyArray(t.unknown, 'a list'),
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
        schemas.length === 0
          ? 'has no schema, so that it says nothing of a file'
          : schemaName === null
            ? `has the schemas ${names}: name one of them, as FILE#NAME`
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
  const keys = properties.filter(({ primaryKey }) => primaryKey === true).map(columnName);
  const nameIn = (name: string): string => {
    const property = properties.find((each) => each.name === name);
    return property === undefined ? name : columnName(property);
  };
  unchecked.push(
    ...properties.flatMap(notChecked),
    ...(schema.relationships ?? []).map(() => 'a relationship'),
  );
  const columns = properties.map((property, place) => {
    const column = columnOf(property, keys.length === 1);
    note(`${at}.properties[${place}].logicalTypeOptions`)(optionFaults(column));
    return column;
  });
  const checksOf = (qualities: readonly Quality[], column: string | null, where: string): readonly Check[] =>
    qualities.flatMap((each, place) =>
      checkOf(withArguments(each, nameIn), column, note(`${where}.quality[${place}]`), unchecked),
    );
  const checks = [
    // A key of several columns: each is required, together they are unique.
    ...(keys.length > 1 ? [uniqueTogether(keys)] : []),
    ...properties.flatMap((property, place) =>
      checksOf(property.quality ?? [], columnName(property), `${at}.properties[${place}]`),
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

const withOwnNames = (checks: readonly Check[]): readonly Check[] => {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const count = (seen.get(check.name) ?? 0) + 1;
    seen.set(check.name, count);
    return count === 1 ? check : { ...check, name: `${check.name} (${count})` };
  });
};
