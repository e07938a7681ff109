import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { FileFactory } from '../factory.js';
import { textStream } from './byte-stream.js';

const Config = exactType('test-file configuration', { content: t.string }, { mime_type: t.string });

/** A file whose content stands in its configuration. `mime_type` is for those who read the configuration. */
export const testFile: FileFactory<t.TypeOf<typeof Config>> = {
  name: 'test-file',
  description: 'A file with the content that its configuration says.',
  kind: 'file',
  modes: [],
  config: Config,
  createFile: (_context, { content }) => TE.right(textStream(content)),
};
