import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import { TextListCodec } from '../../domain/documents/text-list.js';
import type { Rules } from '../rules.js';
import { CheckCodec } from './check-codec.js';
import { ColumnCodec } from './column-codec.js';
import { fault, type KeyFault, type Reading, readWith } from './key-fault.js';
import { PondFile } from './small-codecs.js';

/** A configuration of `validate`. */
export interface ValidateConfig {
  /** Patterns of the files to be checked; null: those that the commit has changed. */
  readonly files: readonly string[] | null;
  /** An ODCS document in the pond, and the name of a schema in it. */
  readonly contract: { readonly file: string; readonly schema: string | null } | null;
  /** Rules that stand here, without those of the contract. */
  readonly rules: Rules;
  /** The directory for rows that break a rule; null: they make the file be refused. */
  readonly quarantine: string | null;
}

const OPTIONAL = {
  files: TextListCodec,
  columns: t.readonlyArray(ColumnCodec, 'a list of columns'),
  strict: t.boolean,
  contract: PondFile,
  checks: t.readonlyArray(CheckCodec, 'a list of checks'),
  on_failure: exactType('on_failure', { quarantine: PondFile }, {}),
};

/** The keys of a configuration of `validate`, each by itself: what they must be together is not looked at. */
export const ValidateKeys = exactType('validate configuration', {}, OPTIONAL);

/** The configuration of the `validate` factory, and the file of `pond validate --rules`. */
export const ValidateCodec: t.Type<ValidateConfig, unknown> = readWith(
  ValidateKeys,
  Object.keys(OPTIONAL),
  (raw): Reading<ValidateConfig> => {
    const { columns = [], checks = [], strict = false, contract, files, on_failure } = raw;
    const faults: KeyFault[] = [...notInPond(files ?? []), ...namedTwice(columns, 'columns')];
    faults.push(...namedTwice(checks, 'checks'), ...withoutRules(checks, columns));
    const has = [...(columns.length > 0 ? ['columns'] : []), ...(checks.length > 0 ? ['checks'] : [])];
    if (contract === undefined && has.length === 0 && !strict)
      faults.push(fault([], 'says nothing that a file must be: columns, checks or a contract'));
    if (contract !== undefined && has.length > 0)
      faults.push(
        fault('contract', `stands instead of ${has.join(' and ')}: they belong into the contract then`),
      );
    if (strict && columns.length === 0 && contract === undefined)
      faults.push(fault('strict', 'needs columns: without any, every column is one that is not named'));
    const [file = '', schema = null] = (contract ?? '').split('#');
    return {
      value: {
        files: files ?? null,
        contract: contract === undefined ? null : { file, schema },
        rules: { columns, strict, checks, unchecked: [] },
        quarantine: on_failure === undefined ? null : on_failure.quarantine.replace(/\/+$/, ''),
      },
      faults,
    };
  },
);

const notInPond = (files: readonly string[]): readonly KeyFault[] =>
  files
    .filter((pattern) => !pattern.startsWith('/'))
    .map((pattern) =>
      fault('files', `expected a pattern that begins with /, got ${JSON.stringify(pattern)}`),
    );

/** Rules are known by their names, so that no two may have one. */
const namedTwice = (
  named: readonly { readonly name: string }[],
  key: 'columns' | 'checks',
): readonly KeyFault[] =>
  named.flatMap(({ name }, index) => {
    const first = named.findIndex((other) => other.name === name);
    return first === index
      ? []
      : [fault([key, String(index), 'name'], `${JSON.stringify(name)} stands in ${key}[${first}] already`)];
  });

/** A check that counts what breaks a column's own rules needs some. */
const withoutRules = (checks: Rules['checks'], columns: Rules['columns']): readonly KeyFault[] =>
  checks.flatMap(({ measure }, index) => {
    if (measure.kind !== 'invalidValues' || measure.validValues !== null || measure.pattern !== null)
      return [];
    return columns.some(({ name }) => name === measure.column)
      ? []
      : [
          fault(
            ['checks', String(index), 'arguments'],
            `required, validValues or pattern: columns say nothing of ${measure.column}`,
          ),
        ];
  });
