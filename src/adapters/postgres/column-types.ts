import pg from 'pg';

/** Numbers of every width are numbers: sequences and microseconds stay far below 2^53. */
const INT8 = 20;
const NUMERIC = 1700;

/** Makes a value of a column's type out of its text. */
export const typeParser = (oid: number): ((text: string) => string | number | null) =>
  oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, 'text');

export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    format === 'binary'
      ? pg.types.getTypeParser(oid, format)
      : typeParser(oid)) as pg.CustomTypesConfig['getTypeParser'],
};
