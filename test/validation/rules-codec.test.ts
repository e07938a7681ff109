import { describe, expect, it } from 'vitest';
import { refusals, rulesOf } from './checking.js';

/** Configurations, and what is wrong with them. */
const WRONG: readonly (readonly [yaml: string, message: RegExp])[] = [
  ['{}', /^: says nothing that a file must be: columns, checks or a contract$/],
  ['colums: []', /^colums: unknown key, columns is meant\?; known keys are files, columns,/],
  ['columns: [ { nme: a } ]', /^columns\[0\]\.nme: unknown key, name is meant\?/],
  ['columns: [ { name: a, requird: true } ]', /^columns\[0\]\.requird: unknown key, required is meant\?/],
  ['columns: [ { name: a, type: doubl } ]', /^columns\[0\]\.type: expected one of .*double is meant\?$/],
  ['columns: [ { name: a, min: x } ]', /^columns\[0\]\.min: a bound that is a text needs the type/],
  [
    'columns: [ { name: a, type: date, min: 2026-1-1 } ]',
    /^columns\[0\]\.min: expected a date such as 2026-11-28/,
  ],
  ['columns: [ { name: a, type: integer, min: "3" } ]', /^columns\[0\]\.min: expected a number, got "3"/],
  ['columns: [ { name: a, min: 3, max: 2 } ]', /^columns\[0\]\.max: is below min, 3$/],
  [
    'columns: [ { name: a, minLength: 3, maxLength: 2 } ]',
    /^columns\[0\]\.maxLength: is below minLength, 3$/,
  ],
  [
    'columns: [ { name: a, type: integer, enum: [1, x] } ]',
    /^columns\[0\]\.enum: expected a number, got "x"/,
  ],
  [
    'columns: [ { name: a, enum: [] } ]',
    /^columns\[0\]\.enum: expected a list of texts, numbers or booleans/,
  ],
  ['columns: [ { name: a, pattern: "(" } ]', /^columns\[0\]\.pattern: is not a regular expression/],
  ['columns: [ { name: a, pattern: "(?=b)" } ]', /^columns\[0\]\.pattern: has "\(\?=".*look-around/],
  ["columns: [ { name: a, pattern: '(a)\\1' } ]", /^columns\[0\]\.pattern: has .*backreferences/],
  ['columns: [ { name: a }, { name: a } ]', /^columns\[1\]\.name: "a" stands in columns\[0\] already$/],
  ['columns: [ { name: a, min: 1, minimum: 1 } ]', /^columns\[0\]\.minimum: says again what min says/],
  [
    'columns: [ { name: a, references: { file: stations.csv, column: id } } ]',
    /references\.file: expected a path/,
  ],
  [
    'columns: [ { name: a, tests: [uniqe] } ]',
    /^columns\[0\]\.tests\[0\]: expected one of not_null, unique, got "uniqe"; unique is meant\?/,
  ],
  ['strict: true', /^: says nothing|^strict: needs columns/],
  ['checks: [ {} ]', /^checks\[0\]\.metric: required, or sql/],
  ['checks: [ { metric: rowCount } ]', /^checks\[0\]: says nothing that its value must be: mustBe,/],
  [
    'checks: [ { metric: rowCont, mustBe: 1 } ]',
    /^checks\[0\]\.metric: expected one of .*rowCount is meant\?/,
  ],
  [
    'checks: [ { metric: rowCount, mustBeGreater: 1 } ]',
    /^checks\[0\]\.mustBeGreater: unknown key, mustBeGreaterThan is meant\?/,
  ],
  [
    'checks: [ { metric: nullValues, mustBe: 0 } ]',
    /^checks\[0\]\.column: required, what nullValues is counted in/,
  ],
  [
    'checks: [ { metric: rowCount, column: a, mustBe: 0 } ]',
    /^checks\[0\]\.column: rowCount is about the file/,
  ],
  ['checks: [ { metric: rowCount, unit: percent, mustBe: 0 } ]', /^checks\[0\]\.unit: only nullValues,/],
  [
    'checks: [ { metric: rowCount, mustBeBetween: [5, 1] } ]',
    /^checks\[0\]\.mustBeBetween: expected a list of two numbers, the smaller one first/,
  ],
  [
    'checks: [ { metric: invalidValues, column: a, mustBe: 0 } ]',
    /^checks\[0\]\.arguments: required, validValues or pattern/,
  ],
  [
    'checks: [ { metric: nullValues, column: a, mustBe: 0, arguments: { validValues: [1] } } ]',
    /^checks\[0\]\.arguments\.validValues: means nothing to nullValues/,
  ],
  [
    'checks: [ { sql: SELECT 1, metric: rowCount, mustBe: 0 } ]',
    /^checks\[0\]\.sql: a check has a metric or a query/,
  ],
  [
    'checks: [ { name: x, metric: rowCount, mustBe: 0 }, { name: x, metric: rowCount, mustBe: 0 } ]',
    /^checks\[1\]\.name: "x" stands in checks\[0\] already/,
  ],
  ['{ contract: /c.yaml, columns: [ { name: a } ] }', /^contract: stands instead of columns/],
  ['{ files: in.csv, columns: [ { name: a } ] }', /^files: expected a pattern that begins with \//],
  ['{ columns: [ { name: a } ], on_failure: { quarantin: /q } }', /^on_failure\.quarantin: unknown key/],
];

describe('a configuration of validate', () => {
  it.each(WRONG)('%s is refused by its key', (yaml, message) => {
    expect(refusals(yaml).join('\n')).toMatch(new RegExp(message.source, 'm'));
  });

  it('says everything that is wrong with it at once', () => {
    expect(
      refusals('{ columns: [ { name: a, min: x }, { nme: b } ], checks: [ {} ] }').length,
    ).toBeGreaterThan(3);
  });

  it('understands the words of Frictionless and of dbt', () => {
    const own = `columns:
      - { name: a, type: number, required: true, unique: true, min: 1, max: 9 }
      - { name: b, enum: [x, y], minLength: 1, maxLength: 2 }
      - { name: c, references: { file: /ref.csv, column: id } }
      - { name: d, pattern: "^(?:[a-z]+)$" }`;
    const frictionless = `columns:
      - { name: a, type: number, constraints: { required: true, unique: true, minimum: 1, maximum: 9 } }
      - { name: b, constraints: { enum: [x, y], minLength: 1, maxLength: 2 } }
      - { name: c, references: { file: /ref.csv, column: id } }
      - { name: d, constraints: { pattern: "[a-z]+" } }`;
    const dbt = `columns:
      - { name: a, data_type: double, tests: [not_null, unique], minimum: 1, maximum: 9 }
      - { name: b, data_tests: [ { accepted_values: { values: [x, y] } } ], minLength: 1, maxLength: 2 }
      - { name: c, tests: [ { relationships: { to: /ref.csv, field: id } } ] }
      - { name: d, pattern: "^(?:[a-z]+)$" }`;
    const plain = `columns:
      - { name: a, type: float, not_null: true, unique: true, min: 1, max: 9 }
      - { name: b, accepted_values: [x, y], minLength: 1, maxLength: 2 }
      - { name: c, relationships: { to: /ref.csv, field: id } }
      - { name: d, pattern: "^(?:[a-z]+)$" }`;
    for (const other of [frictionless, dbt, plain]) expect(rulesOf(other)).toEqual(rulesOf(own));
  });

  it('names a check that has no name by what it is', () => {
    const { checks } = rulesOf(`checks:
      - { metric: nullValues, column: a, mustBeLessThan: 1, unit: percent }
      - { metric: rowCount, mustBeGreaterThan: 0, mustBeLessThan: 10 }`);
    expect(checks.map(({ name }) => name)).toEqual([
      'nullValues of a must be less than 1%',
      'rowCount must be greater than 0 and must be less than 10',
    ]);
  });
});
