import { textThat } from '../../../domain/documents/value-that.js';

/** A path or a pattern of the pond in a configuration. */
export const SourceCodec = textThat('a path or a pattern such as /sensors/north', (text) =>
  /^\/[^\0]+$/.test(text),
);

/** Name of a column in a configuration. */
export const ColumnCodec = textThat('the name of a column', (text) => text !== '');
