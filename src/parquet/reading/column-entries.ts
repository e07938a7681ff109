import type { Cursor } from '../thrift-walking.js';
import type { FlatChunk } from './flat-groups.js';
import { dictionaryOf, levelsOf, nextPage, opened, valuesOf } from './flat-pages.js';
import type { FlatColumn } from './flat-schema.js';
import type { Slice } from './flat-values.js';
import type { FlatValue } from './plain-values.js';

/** Values of a column in a row group that are there, and the levels of all of them, one after another. */
export interface Entries {
  readonly values: readonly FlatValue[];
  /** Null: each value is there; nothing is repeated. */
  readonly definitions: readonly number[] | null;
  readonly repetitions: readonly number[] | null;
  readonly count: number;
}

/** Entries of a column that may lie within others, at most `most` of them. */
export const entriesOf = (slice: Slice, column: FlatColumn, chunk: FlatChunk, most: number): Entries => {
  const bytes = slice(chunk.start, chunk.start + chunk.size);
  const cursor: Cursor = { bytes, at: 0 };
  const found = {
    values: [] as FlatValue[],
    definitions: [] as number[],
    repetitions: [] as number[],
    count: 0,
  };
  let dictionary: readonly FlatValue[] | null = null;
  while (cursor.at < bytes.length) {
    const { header, stored } = nextPage(cursor, most);
    if (header.kind === 'index') continue;
    if (header.kind === 'dictionary') {
      dictionary = dictionaryOf(header, stored, chunk, column);
      continue;
    }
    found.count += header.values;
    if (found.count > most) throw new Error(`${found.count} values in a column of at most ${most}`);
    const page = opened(header, stored, chunk, column);
    let there = header.values;
    for (const definition of levelsOf(page.definitions, column.maxDefinition, header) ?? []) {
      found.definitions.push(definition);
      if (definition < column.maxDefinition) there -= 1;
    }
    for (const repetition of levelsOf(page.repetitions, column.maxRepetition, header) ?? [])
      found.repetitions.push(repetition);
    if (there > 0)
      for (const value of valuesOf(page, column, dictionary, 0, there, there)) found.values.push(value);
  }
  return {
    ...found,
    definitions: column.maxDefinition === 0 ? null : found.definitions,
    repetitions: column.maxRepetition === 0 ? null : found.repetitions,
  };
};
