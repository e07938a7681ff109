import { sha256 } from '../../domain/documents/sha256.js';
import type { ReadAtOnce } from '../store/control-transaction.js';
import { RELEASED_SCHEMAS } from './released-schemas.js';
import { SCHEMA_VERSION, STATEMENTS } from './statements.js';

/** Difference of a control database from what the version that made it would have left. */
export interface SchemaDifference {
  /** A table, index, trigger or view. */
  readonly name: string;
  readonly problem: 'foreign' | 'changed' | 'missing';
}

/** The statement behind each object of a database. */
export type Schema = ReadonlyMap<string, string>;

/** Objects that SQLite itself keeps beside those that were asked for. */
const OF_SQLITE = /^sqlite_(sequence$|autoindex_)/;

/**
 * Reads the schema of a database. It is text: nothing in it is run by reading it, as long as no table, view or trigger
 * is used.
 */
export const readSchema = (read: ReadAtOnce): Schema =>
  new Map(
    read('SELECT name, sql FROM sqlite_master')
      .filter(({ name }) => !OF_SQLITE.test(String(name)))
      .map(({ name, sql }) => [String(name), String(sql)]),
  );

/** The object that a statement makes, and the statement. */
const objectOf = (statement: string): readonly [name: string, sql: string] => [
  /^CREATE (?:UNIQUE )?(?:TABLE|INDEX|TRIGGER|VIEW) (\w+)/.exec(statement)?.[1] ?? '',
  statement,
];

/** The schema of the present version. */
export const CURRENT_SCHEMA: Schema = new Map(STATEMENTS.map(objectOf));

/** Compares a schema with that of a version, which must be known. */
export const differencesFrom = (version: number, schema: Schema): readonly SchemaDifference[] => {
  const released = RELEASED_SCHEMAS[version];
  if (version !== SCHEMA_VERSION && released === undefined) return [{ name: 'meta', problem: 'changed' }];
  const expected = version === SCHEMA_VERSION ? CURRENT_SCHEMA : new Map(Object.entries(released ?? {}));
  const written = version === SCHEMA_VERSION ? (sql: string) => sql : sha256;
  return [
    ...[...schema].flatMap(([name, sql]): readonly SchemaDifference[] => {
      const known = expected.get(name);
      if (known === undefined) return [{ name, problem: 'foreign' }];
      return known === written(sql) ? [] : [{ name, problem: 'changed' }];
    }),
    ...[...expected.keys()]
      .filter((name) => !schema.has(name))
      .map((name): SchemaDifference => ({ name, problem: 'missing' })),
  ];
};

/** Differences in words: `the trigger "evil" is not of this program`. */
export const describeDifferences = (differences: readonly SchemaDifference[]): string => {
  const named = differences.slice(0, NAMED).map(({ name, problem }) => `${name} ${WORDS[problem]}`);
  const more = differences.length - named.length;
  return `its schema is not the one that pond makes: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** Number of differences that are named. */
const NAMED = 3;

const WORDS: Readonly<Record<SchemaDifference['problem'], string>> = {
  foreign: 'does not belong there',
  changed: 'was changed',
  missing: 'is missing',
};
