import { ValidateKeys } from '../../../validation/reading/rules-codec.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';

/** Reference that `pond factories validate` prints. */
export const validateReference: FactoryReference = referenceOf(ValidateKeys, {
  meanings: {
    files:
      'patterns of the files that are checked; default: those that the commit has changed and that meet its condition',
    columns:
      'a list of columns: name, and type, required, unique, min, max, enum, pattern, references and so on; names of dbt and Frictionless are understood',
    strict: 'true: a column that is not named is an error; default false',
    contract:
      'a document of the Open Data Contract Standard in the pond, instead of columns and checks: /contracts/x.yaml, or with #name of a schema in it',
    checks:
      'a list of checks of the whole file: name, metric (rowCount, nullValues, missingValues, invalidValues, duplicateValues) or sql, an operator such as mustBeGreaterThan, unit, severity',
    on_failure: 'quarantine: a directory of the pond where rows go that break a rule; for gates only',
  },
  example: `# Checks weather data after a commit; in /etc/gate.d it checks before, and can quarantine.
factory: validate
enabled: false # take this line out once the rest is what you want
condition: { path_pattern: "/in/*.csv" }
config:
  columns:
    - { name: date, type: date, required: true, unique: true }
    - { name: temp_max, type: double, min: -60, max: 60 }
    - { name: weather, enum: [rain, sun, fog, snow, drizzle] }
  checks:
    - { name: enough rows, metric: rowCount, mustBeGreaterThan: 0 }
`,
});
