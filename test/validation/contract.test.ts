import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/validation/reading/contract.js';
import { check, faultsOf, weather } from './checking.js';

const CONTRACT = `
kind: DataContract
apiVersion: v3.1.0
id: weather
version: 1.0.0
status: active
description: { purpose: the weather of Seattle }
schema:
  - name: weather
    physicalName: seattle
    logicalType: object
    quality:
      - { metric: rowCount, mustBeGreaterThan: 365, description: a year at least }
      - { type: text, description: somebody looked at it }
      - { type: custom, engine: soda, name: by soda, implementation: x }
      - type: sql
        name: no rain
        query: SELECT max(precipitation) FROM {object}
        mustBeLessThan: 60
        severity: warning
    properties:
      - { name: date, logicalType: date, primaryKey: true }
      - { name: temp_max, logicalType: number, logicalTypeOptions: { minimum: -60, maximum: 60 } }
      - name: weather
        logicalType: string
        required: true
        logicalTypeOptions: { pattern: "^[a-z]+$", maxLength: 7 }
        quality:
          - { metric: invalidValues, arguments: { validValues: [drizzle, rain, sun, snow, fog] }, mustBe: 0 }
          - { type: sql, query: "SELECT count(DISTINCT {property}) FROM {object}", mustBeBetween: [2, 5] }
team: []
`;

const rulesOf = (text: string, schema: string | null = null) => {
  const read = readContract(Buffer.from(text), schema);
  if (isLeft(read)) throw new Error(JSON.stringify(read.left));
  return read.right;
};

const problemOf = (text: string, schema: string | null = null): string => {
  const read = readContract(Buffer.from(text), schema);
  return isLeft(read) ? JSON.stringify(read.left) : 'nothing';
};

describe('an ODCS contract', () => {
  it('is kept by data that it is about, and says what cannot be checked here', async () => {
    const rules = rulesOf(CONTRACT);
    const { verdict } = await check(rules, { '/in/weather.csv': weather() });
    expect(faultsOf(verdict)).toEqual([]);
    expect(verdict.outcomes.map(({ name }) => name)).toContain('a year at least');
    expect(rules.unchecked).toEqual(['by soda']);
  });

  it('finds a fault against each of its kinds of rules', async () => {
    const faults = weather({
      2: '2012-01-01,70.0,12.8,5.0,4.7,rain',
      3: '2012-01-03,0.0,99.0,5.0,4.7,hail',
    });
    const { verdict } = await check(rulesOf(CONTRACT), { '/in/weather.csv': faults });
    expect(faultsOf(verdict).map(({ name, severity }) => `${severity} ${name}`)).toEqual([
      'error date unique',
      'error temp_max max',
      'error invalidValues of weather must be 0',
      'error sql must be between 2 and 5',
      'warning no rain',
    ]);
  });

  it('has a schema of its own for each object: which one must be said where there are several', () => {
    const two = CONTRACT.replace('schema:\n', 'schema:\n  - { name: other, properties: [ { name: x } ] }\n');
    expect(problemOf(two)).toContain('has the schemas other, weather: name one of them, as FILE#NAME');
    expect(rulesOf(two, 'other').columns.map(({ name }) => name)).toEqual(['x']);
    expect(rulesOf(two, 'seattle').columns).toHaveLength(3);
    expect(problemOf(two, 'none')).toContain('has no schema none');
  });

  it('of several columns as its key makes them unique together', async () => {
    const rules = rulesOf(`
kind: DataContract
apiVersion: v3.0.2
schema:
  - name: orders
    properties: [ { name: tenant, primaryKey: true }, { name: id, primaryKey: true } ]`);
    const { verdict } = await check(rules, { '/o.csv': 'tenant,id\n1,1\n1,2\n2,1\n1,2\n' });
    expect(faultsOf(verdict).map(({ message }) => message)).toEqual([
      'primary key: duplicateValues of tenant, id is 1, must be 0',
    ]);
  });

  it.each([
    ['kind: DataContract\napiVersion: v2.2.2\nschema: []', 'contracts of version 3 are read'],
    ['kind: DataContract\napiVersion: v3.1.0', 'schema'],
    [CONTRACT.replace('logicalType: date', 'logicalType: dat'), 'schema[0].properties[0].logicalType'],
    [CONTRACT.replace('minimum: -60', 'minimum: cold'), 'schema[0].properties[1].logicalTypeOptions.min'],
    [CONTRACT.replace('metric: rowCount', 'metric: rowCont'), 'rowCount is meant?'],
    ['nothing: [', 'problem'],
  ])('that is wrong is refused by its key', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});
