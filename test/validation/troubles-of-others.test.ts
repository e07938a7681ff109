// What others have reported of their checks of data, as rules and files. Each was wrong somewhere else.

import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/validation/reading/contract.js';
import { check, faultsOf, messages } from './checking.js';

const rows = (count: number, line: (row: number) => string): string =>
  Array.from({ length: count }, (_, row) => line(row)).join('\n');

describe('a check that others got wrong', () => {
  it('of a bound for a column that holds text is broken by itself: the others are counted', async () => {
    const found = await messages(
      'columns: [ { name: a, type: number, min: 1 }, { name: b, required: true } ]',
      {
        '/a.csv': 'a,b\nx,1\n2,\n',
      },
    );
    expect(found).toEqual([
      'a: 1 value is not of type number (type), first "x" in row 1',
      'b: 1 value is missing (required), first in row 2',
    ]);
  });

  it.each(['1_Merkmal_Code', 'Trst/Dept', 'First Name', 'order', 'a.b', 'größe', `it's "odd"`])(
    'is about a column that is called %s like about any other',
    async (name) => {
      const found = await messages(
        `checks: [ { name: few, metric: missingValues, column: ${JSON.stringify(name)}, mustBe: 0 } ]`,
        { '/a.csv': `"${name.replaceAll('"', '""')}",z\n,1\nx,2\n` },
      );
      expect(found).toEqual([`few: missingValues of ${name} is 1, must be 0`]);
    },
  );

  it('in percent is not rounded: a few rows of many are not none, and nearly all are not all', async () => {
    const files = {
      '/a.csv': `a,b\n${rows(300_000, (row) => `${row === 7 ? '' : 'x'},${row === 7 ? 'x' : ''}`)}\n`,
    };
    const unit = 'unit: percent';
    expect(
      await messages(`checks: [ { metric: nullValues, column: a, mustBe: 0, ${unit} } ]`, files),
    ).toEqual(['nullValues of a must be 0%: nullValues of a is 0.0003%, must be 0%']);
    const nearlyAll = `{ metric: nullValues, column: b, mustBeLessThan: 100, ${unit} }`;
    expect(await messages(`checks: [ ${nearlyAll} ]`, files)).toEqual([]);
    const { verdict } = await check(`checks: [ ${nearlyAll} ]`, files);
    expect(verdict.outcomes.map(({ message }) => message).join()).toContain('is 99.9997%');
  });

  it('of duplicates counts the rows that repeat an earlier one, not the values that are repeated', async () => {
    const duplicates = 'checks: [ { metric: duplicateValues, column: a, mustBe: 3 } ]';
    expect(await messages(duplicates, { '/a.csv': 'a,z\na,1\na,1\nb,1\nb,1\nb,1\n' })).toEqual([]);
  });

  it('of duplicates in a column that is not there says which, and which there are', async () => {
    const duplicates =
      'checks: [ { name: pairs, metric: duplicateValues, mustBe: 0, arguments: { properties: [a, c] } } ]';
    expect(await messages(duplicates, { '/a.csv': 'a,b\n1,2\n' })).toEqual([
      'pairs: the column c is missing, a is meant? (the file has a, b)',
    ]);
  });

  it('sees every column of 120', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `column_${index}`);
    const rules = `columns: [ ${names.map((name) => `{ name: ${name}, required: true }`).join(', ')} ]`;
    const line = names.map((_, index) => (index === 119 ? '' : index)).join(',');
    expect(await messages(rules, { '/wide.csv': `${names.join(',')}\n${line}\n` })).toEqual([
      'column_119: 1 value is missing (required), first in row 1',
    ]);
  });

  it('takes texts, numbers and null among the values that count as missing', async () => {
    const missing =
      "checks: [ { metric: missingValues, column: a, mustBe: 4, arguments: { missingValues: ['N/A', -999, No value, null] } } ]";
    expect(await messages(missing, { '/a.csv': 'a,b\nN/A,1\n-999,1\nNo value,1\n,1\nx,1\n' })).toEqual([]);
  });

  it('of a percentage of no rows at all is 0%', async () => {
    const rules = 'checks: [ { metric: missingValues, column: a, mustBe: 0, unit: percent } ]';
    expect(await messages(rules, { '/a.csv': 'a,b\n' })).toEqual([]);
  });

  it('of a reference leaves out rows without a value, on either side', async () => {
    const rules = 'columns: [ { name: a, references: { file: /r.csv, column: id } } ]';
    const files = { '/a.csv': 'a,b\n,1\nx,2\ny,3\n', '/r.csv': 'id,n\nx,1\n,2\n' };
    expect(await messages(rules, files)).toEqual([
      'a: 1 value does not stand in id of /r.csv (references), first "y" in row 3',
    ]);
  });

  it.each([
    [`arguments: { validValues: ["peter's", 'say "hi"'] }`, 'none of the two'],
    [
      String.raw`arguments: { pattern: "^(peter's|say \"hi\"|\\d+)$" }`,
      'a pattern with quotes and a backslash',
    ],
  ])('takes quotes and backslashes as they are: %s', async (given) => {
    const rules = `checks: [ { name: known, metric: invalidValues, column: a, mustBe: 0, ${given} } ]`;
    expect(await messages(rules, { '/a.csv': `a,b\npeter's,1\n"say ""hi""",2\nother,3\n` })).toEqual([
      'known: invalidValues of a is 1, must be 0',
    ]);
  });

  it('of numbers compares numbers, however the file writes them', async () => {
    const rules = `columns: [ { name: a, type: number, enum: [1, 2] } ]
checks:
  - { name: listed, metric: invalidValues, column: a, mustBe: 0, arguments: { validValues: [1, 2] } }
  - { name: gone, metric: missingValues, column: a, mustBe: 1, arguments: { missingValues: [2] } }`;
    const valid = { '/a.csv': 'a,b\n1.0,1\n2.00,2\n01,3\n' };
    expect(await messages(rules, valid)).toEqual([]);
    expect(await messages(rules, { '/a.csv': 'a,b\n1.5,1\n2,2\n' })).toEqual([
      'a: 1 value is none of 1, 2 (enum), first "1.5" in row 1',
      'listed: invalidValues of a is 1, must be 0',
    ]);
  });
});

const contract = (property: string, more = ''): string => `
kind: DataContract
apiVersion: v3.1.0
schema:
  - name: t
    properties: [ ${property} ]
${more}`;

const rulesOf = (text: string) => {
  const read = readContract(Buffer.from(text), null);
  if (read._tag === 'Left') throw new Error(JSON.stringify(read.left));
  return read.right;
};

const faults = async (text: string, csv: string): Promise<readonly string[]> =>
  faultsOf((await check(rulesOf(text), { '/a.csv': csv })).verdict).map(({ message }) => message);

describe('a contract of the Open Data Contract Standard', () => {
  it('about a column that the file lacks is broken for that one, with its query', async () => {
    const broken = await faults(
      contract(
        '{ name: a }, { name: late, required: true, unique: true, quality: [ { type: sql, query: "SELECT count({property}) FROM {object}", mustBe: 0 } ] }',
      ),
      'a,b\n1,2\n',
    );
    expect(broken[0]).toBe('the column late is missing (the file has a, b)');
    expect(broken[1]).toMatch(/late.*not found/);
    expect(broken).toHaveLength(2);
  });

  it('calls columns by their physical names, which its arguments need not know', async () => {
    const text = contract(
      '{ name: account, physicalName: ACC_ID, required: true }, { name: day, physicalName: D }',
      '    quality: [ { name: once a day, metric: duplicateValues, mustBe: 0, arguments: { properties: [account, day] } } ]',
    );
    expect(await faults(text, 'ACC_ID,D\n1,mon\n1,mon\n,tue\n')).toEqual([
      'ACC_ID: 1 value is missing (required), first in row 3',
      'once a day: duplicateValues of ACC_ID, D is 1, must be 0',
    ]);
  });

  it.each([
    ['exclusiveMinimum: 0', '0', 'is not above 0 (exclusiveMinimum)'],
    ['exclusiveMaximum: 10', '10', 'is not below 10 (exclusiveMaximum)'],
    ['multipleOf: 0.1', '0.35', 'is not divisible by 0.1 (multipleOf)'],
  ])('with %s refuses %s, and takes what is within', async (option, value, words) => {
    const text = contract(`{ name: a, logicalType: number, logicalTypeOptions: { ${option} } }`);
    expect(await faults(text, 'a,b\n0.3,1\n9.9,2\n0.7,3\n')).toEqual([]);
    expect(await faults(text, `a,b\n${value},1\n`)).toEqual([
      `a: 1 value ${words}, first "${value}" in row 1`,
    ]);
  });

  it('names everything that it demands and that is not checked', () => {
    const { unchecked } = rulesOf(
      contract(
        `{ name: mail, logicalType: string, logicalTypeOptions: { format: email } },
         { name: day, logicalType: date, logicalTypeOptions: { format: dd.MM.yyyy, minimum: "01.01.2020" } },
         { name: at, logicalType: timestamp, logicalTypeOptions: { format: "yyyy-MM-dd'T'HH:mm:ssZ", timezone: true } },
         { name: list, logicalType: array, logicalTypeOptions: { minItems: 1 }, items: { logicalType: string } },
         { name: station, relationships: [ { to: stations.id } ] }`,
      ),
    );
    expect(unchecked).toEqual([
      'mail: format email',
      'day: format dd.MM.yyyy',
      'day: minimum 01.01.2020',
      'list: minItems 1',
      'list: what its items are',
      'station: a relationship',
    ]);
  });

  it('says nothing of days that are written in another form than that of ISO 8601', async () => {
    const text = contract(
      '{ name: day, logicalType: date, required: true, logicalTypeOptions: { format: dd.MM.yyyy } }',
    );
    expect(await faults(text, 'day,b\n28.11.2026,1\n')).toEqual([]);
    expect(await faults(text, 'day,b\n,1\n')).toHaveLength(1);
  });

  it('takes an empty value and null among the valid ones, as the example of the standard has them', async () => {
    const text = contract(
      '{ name: a, quality: [ { metric: invalidValues, mustBe: 0, arguments: { validValues: ["", null, "n/a"] } } ] }',
    );
    expect(await faults(text, 'a,b\n,1\nn/a,2\n')).toEqual([]);
    expect(await faults(text, 'a,b\nx,1\n')).toHaveLength(1);
  });

  it('of version 3.0 has rules by their older names; others are named as not checked', async () => {
    const text = contract(
      `{ name: unit, quality: [
           { rule: validValues, validValues: [pounds] },
           { rule: duplicateCount, mustBeLessThan: 3 },
           { rule: nullCheck, description: not null } ] }`,
    ).replace('v3.1.0', 'v3.0.2');
    expect(rulesOf(text).unchecked).toEqual(['not null']);
    expect(await faults(text, 'unit,b\npounds,1\npounds,2\n')).toEqual([]);
    expect(await faults(text, 'unit,b\nkg,1\nkg,2\nkg,3\nkg,4\n')).toEqual([
      'invalidValues of unit must be 0: invalidValues of unit is 4, must be 0',
      'duplicateValues of unit must be less than 3: duplicateValues of unit is 3, must be less than 3',
    ]);
  });
});
