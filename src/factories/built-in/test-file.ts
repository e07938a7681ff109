import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { FileFactory } from '../factory.js';
import { referenceOf } from '../factory-reference.js';
import { textStream } from './byte-stream.js';

const Config = exactType('test-file configuration', { content: t.string }, { mime_type: t.string });

const reference = referenceOf(Config, {
  meanings: {
    content: 'the content of the file',
    mime_type: 'for whoever reads the configuration',
  },
  example: `# A file whose content stands here.
factory: test-file
config:
  content: "hello\\n"
  mime_type: text/plain
`,
});

/** A file whose content stands in its configuration. `mime_type` is for those who read the configuration. */
export const testFile: FileFactory<t.TypeOf<typeof Config>> = {
  name: 'test-file',
  description: 'A file with the content that its configuration says.',
  kind: 'file',
  modes: [],
  config: Config,
  reference,
  createFile: (_context, { content }) => TE.right(textStream(content)),
};
