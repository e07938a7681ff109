import { type FileMetaData, parquetSchema } from 'hyparquet';
import type { ColumnShape } from './page-contents.js';

/** Bytes of a file, from `start` up to, without, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A column in a row group: its pages one after another. */
export interface Chunk extends ByteRange {
  /** The column, or what it is part of. */
  readonly name: string;
  readonly column: ColumnShape;
  /** Compression of its pages. */
  readonly codec: string;
  /** Tells whether its values become strings. */
  readonly isText: boolean;
  /** Place where its pages are listed. */
  readonly offsetIndex: ByteRange | null;
}

const chunks = new WeakMap<FileMetaData, readonly Chunk[]>();

/** The columns of all row groups, as the footer has them. Made once of each footer. */
export const chunksOf = (metadata: FileMetaData): readonly Chunk[] => {
  const found = chunks.get(metadata);
  if (found !== undefined) return found;
  const tree = parquetSchema(metadata);
  const made = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap((chunk): readonly Chunk[] => {
      const { meta_data: column } = chunk;
      if (column === undefined) return [];
      const start = Number(column.dictionary_page_offset || column.data_page_offset);
      const { shape, isText } = shapeOf(tree, column.path_in_schema, column.type);
      return [
        {
          start,
          end: start + Number(column.total_compressed_size),
          name: column.path_in_schema[0] ?? '',
          column: shape,
          isText,
          codec: column.codec,
          offsetIndex: offsetIndexOf(chunk),
        },
      ];
    }),
  );
  chunks.set(metadata, made);
  return made;
};

const offsetIndexOf = ({
  offset_index_offset: offset,
  offset_index_length: length,
}: FileMetaData['row_groups'][number]['columns'][number]): ByteRange | null =>
  offset && length ? { start: Number(offset), end: Number(offset) + length } : null;

/** Contents stay what they are, however many rows have the same one. */
const CONTENT = 'content';

const shapeOf = (
  root: ReturnType<typeof parquetSchema>,
  path: readonly string[],
  type: string,
): { readonly shape: ColumnShape; readonly isText: boolean } => {
  const way = [root];
  for (const name of path) {
    const next = way.at(-1)?.children.find(({ element }) => element.name === name);
    if (next === undefined) throw new Error(`no column ${path.join('.')} in the schema`);
    way.push(next);
  }
  const levels = way.map(({ element }) => element.repetition_type);
  return {
    shape: {
      isBoolean: type === 'BOOLEAN',
      maxDefinitionLevel: levels.slice(1).filter((level) => level !== 'REQUIRED').length,
      maxRepetitionLevel: levels.filter((level) => level === 'REPEATED').length,
    },
    isText: type === 'BYTE_ARRAY' && path[0] !== CONTENT,
  };
};
